package logs

import (
	"maps"
	"regexp"
	"slices"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

// maxTags is how many tags a log group can have (documented: TagResource).
const maxTags = 50

// tagKey and tagValue are documented: TagResource.
var (
	tagKey   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

func checkTags(v *constraint.Violations, tags map[string]string) {
	constraint.Count(v, "tags", slices.Sorted(maps.Keys(tags)), 1, maxTags)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		v.Length("tags", &key, 1, 128)
		v.Matches("tags", &key, tagKey, `^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$`)
		v.Length("tags", &value, 0, 256)
		v.Matches("tags", &value, tagValue, `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`)
	}
}

type tagResourceInput struct {
	ResourceArn *string
	Tags        map[string]string
}

func (s *Service) tagResource(in *tagResourceInput) error {
	var v constraint.Violations
	v.Required("resourceArn", in.ResourceArn, 1, 1011)
	checkTags(&v, in.Tags)
	if err := v.Err("InvalidParameterException"); err != nil {
		return err
	}
	tooMany := false
	err := s.changeGroup(groupInARN(*in.ResourceArn), func(g *Group) {
		tags := maps.Clone(in.Tags)
		for key, value := range g.Tags {
			if _, replaced := tags[key]; !replaced {
				tags[key] = value
			}
		}
		if tooMany = len(tags) > maxTags; !tooMany {
			g.Tags = tags
		}
	})
	if tooMany {
		return awserr.New("TooManyTagsException", 400, "A resource can have no more than %d tags.", maxTags) // assumed sentence
	}
	return err
}

type untagResourceInput struct {
	ResourceArn *string
	TagKeys     []string
}

func (s *Service) untagResource(in *untagResourceInput) error {
	var v constraint.Violations
	v.Required("resourceArn", in.ResourceArn, 1, 1011)
	if in.TagKeys == nil {
		v.Null("tagKeys")
	}
	if err := v.Err("InvalidParameterException"); err != nil {
		return err
	}
	return s.changeGroup(groupInARN(*in.ResourceArn), func(g *Group) {
		maps.DeleteFunc(g.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

type listTagsForResourceInput struct{ ResourceArn *string }

type listTagsForResourceOutput struct{ Tags map[string]string }

func (s *Service) listTagsForResource(in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	var v constraint.Violations
	v.Required("resourceArn", in.ResourceArn, 1, 1011)
	if err := v.Err("InvalidParameterException"); err != nil {
		return nil, err
	}
	group, err := s.DescribeLogGroup(groupInARN(*in.ResourceArn))
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, group.Tags)
	return &listTagsForResourceOutput{Tags: tags}, nil
}
