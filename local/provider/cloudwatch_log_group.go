package provider

import (
	"fmt"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/logs"
)

const logStreamToken = "aws:cloudwatch/logStream:LogStream"

type logGroupConfig struct {
	logs.Group
	SkipDestroy bool
}

func cloudwatchLogGroup() resourceType {
	return define(resourceType{
		token: "aws:cloudwatch/logGroup:LogGroup",
		inputs: properties{
			"name": text(computed, replaces, without("namePrefix"),
				pattern(`^[\w./#-]{1,512}$`, "1 to 512 of a-z A-Z 0-9 _ - / . #")),
			"namePrefix": text(replaces, length(1, 486), providerOnly),
			"retentionInDays": integer(byDefault(0.0), amongNumbers(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365,
				400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)),
			"skipDestroy": boolean(byDefault(false), providerOnly),
			"logGroupClass": text(computed, replaces, oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
				inert("log events are kept in plain files")),
			"kmsKeyId": text(inert("log events are kept in plain files")),
			"tags":     tags(),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 255},
	}, operations[logGroupConfig]{
		create: func(s services, c logGroupConfig) (string, error) { return c.Name, s.Logs.CreateLogGroup(c.Group) },
		read: func(s services, id string, _ logGroupConfig) (logGroupConfig, state, error) {
			group, err := s.Logs.DescribeLogGroup(id)
			return logGroupConfig{Group: group.Group}, state{"arn": group.ARN}, err
		},
		update: func(s services, _ string, c logGroupConfig) error { return s.Logs.UpdateLogGroup(c.Group) },
		delete: func(s services, id string, known logGroupConfig) error {
			if known.SkipDestroy {
				return nil
			}
			return s.Logs.DeleteLogGroup(id)
		},
		list: func(s services) []string {
			var names []string
			for _, group := range s.Logs.DescribeLogGroups() {
				names = append(names, group.Name)
			}
			return names
		},
	})
}

type logStreamConfig struct{ Name, LogGroupName string }

func cloudwatchLogStream() resourceType {
	return define(resourceType{
		token: logStreamToken,
		inputs: properties{
			"name":         text(replaces, pattern(`^[^:*]{1,512}$`, "1 to 512 characters without : and *")),
			"logGroupName": text(required, replaces),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", longest: 255},
	}, operations[logStreamConfig]{
		create: func(s services, c logStreamConfig) (string, error) {
			return c.Name, s.Logs.CreateLogStream(c.LogGroupName, c.Name)
		},
		read: func(s services, _ string, known logStreamConfig) (logStreamConfig, state, error) {
			group, err := s.Logs.DescribeLogGroup(known.LogGroupName)
			if err == nil && !slices.Contains(group.Streams, known.Name) {
				err = awserr.New("ResourceNotFoundException", 400, "The specified log stream does not exist.")
			}
			return known, state{"arn": s.Logs.StreamARN(known.LogGroupName, known.Name)}, err
		},
		delete: func(s services, _ string, known logStreamConfig) error {
			return s.Logs.DeleteLogStream(known.LogGroupName, known.Name)
		},
		list: func(s services) []string {
			var ids []string
			for _, group := range s.Logs.DescribeLogGroups() {
				for _, stream := range group.Streams {
					ids = append(ids, group.Name+":"+stream)
				}
			}
			return ids
		},
		parseID: func(_ services, id string) (string, logStreamConfig, error) {
			group, name, err := parseLogID(id)
			return name, logStreamConfig{Name: name, LogGroupName: group}, err
		},
	})
}

// parseLogID splits the id by which pulumi-aws imports what is part of a log group.
func parseLogID(id string) (group, name string, err error) {
	group, name, found := strings.Cut(id, ":")
	if !found {
		return "", "", fmt.Errorf("%q: must be LOG-GROUP:NAME", id)
	}
	return group, name, nil
}
