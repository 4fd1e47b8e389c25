package provider

import (
	"slices"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/logs"
)

type logGroupInputs struct {
	Name            string            `json:"name"`
	NamePrefix      string            `json:"namePrefix"`
	RetentionInDays int               `json:"retentionInDays"`
	SkipDestroy     bool              `json:"skipDestroy"`
	LogGroupClass   string            `json:"logGroupClass"`
	KMSKeyID        string            `json:"kmsKeyId"`
	Tags            map[string]string `json:"tags"`
}

const logStreamToken = "aws:cloudwatch/logStream:LogStream"

func cloudwatchLogGroup() resourceType {
	return alive(resourceType{
		token:     "aws:cloudwatch/logGroup:LogGroup",
		persisted: true,
		inputs: properties{
			"name": text(computed, replaces, without("namePrefix"),
				pattern(`^[\w./#-]{1,512}$`, "1 to 512 of a-z A-Z 0-9 _ - / . #")),
			"namePrefix": text(replaces, length(1, 486)),
			"retentionInDays": integer(byDefault(0.0), amongNumbers(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365,
				400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)),
			"skipDestroy": boolean(byDefault(false)),
			"logGroupClass": text(computed, replaces, oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
				inert("log events are kept in plain files")),
			"kmsKeyId": text(inert("log events are kept in plain files")),
			"tags":     tags(),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 255},
		takes: func(gone, other *record) bool {
			return (other.Type == logStreamToken || other.Type == logMetricFilterToken) &&
				other.text("logGroupName") == gone.ID
		},
	}, lifeOf[logGroupInputs]{
		put: func(s site, in logGroupInputs, _ *record) (string, state, error) {
			if in.Name == "" {
				in.Name = prefixed(s, in.NamePrefix)
			}
			class := in.LogGroupClass
			if class == "" {
				class = "STANDARD" // documented: logs, CreateLogGroup
			}
			return in.Name, state{
				"name": in.Name, "logGroupClass": class, "arn": s.Account.ARN("logs", "log-group:"+in.Name),
			}, s.Logs.CreateLogGroup(in.group())
		},
		update: func(s site, in logGroupInputs, _ *record) (state, error) {
			return nil, s.Logs.UpdateLogGroup(in.group())
		},
		remove: func(s site, in logGroupInputs, _ *record) error {
			if in.SkipDestroy {
				return errKept
			}
			return s.Logs.DeleteLogGroup(in.Name)
		},
		read: func(s site, in logGroupInputs, _ *record) (state, error) {
			group, err := s.Logs.DescribeLogGroup(in.Name)
			return state{"retentionInDays": group.RetentionInDays}, err
		},
	})
}

func (in logGroupInputs) group() logs.Group {
	return logs.Group{Name: in.Name, RetentionInDays: in.RetentionInDays, Tags: in.Tags}
}

type logStreamInputs struct {
	Name         string `json:"name"`
	LogGroupName string `json:"logGroupName"`
}

func cloudwatchLogStream() resourceType {
	return alive(resourceType{
		token:     logStreamToken,
		persisted: true,
		inputs: properties{
			"name":         text(replaces, pattern(`^[^:*]{1,512}$`, "1 to 512 characters without : and *")),
			"logGroupName": text(required, replaces),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		identity: []string{"logGroupName"},
	}, lifeOf[logStreamInputs]{
		put: func(s site, in logStreamInputs, _ *record) (string, state, error) {
			return in.Name, state{
				"arn": s.Account.ARN("logs", "log-group:"+in.LogGroupName+":log-stream:"+in.Name),
			}, s.Logs.CreateLogStream(in.LogGroupName, in.Name)
		},
		remove: func(s site, in logStreamInputs, _ *record) error {
			return s.Logs.DeleteLogStream(in.LogGroupName, in.Name)
		},
		read: func(s site, in logStreamInputs, _ *record) (state, error) {
			group, err := s.Logs.DescribeLogGroup(in.LogGroupName)
			if err != nil || slices.Contains(group.Streams, in.Name) {
				return nil, err
			}
			return nil, awserr.New("ResourceNotFoundException", 400, "The specified log stream does not exist.")
		},
	})
}
