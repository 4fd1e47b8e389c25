package cloudwatch

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

type tagMember struct{ Key, Value *string }

// maxTags is how many tags an alarm can have (documented: TagResource).
const maxTags = 50

func tagsOf(v *constraint.Violations, list []tagMember) map[string]string {
	constraint.Count(v, "tags", list, 0, maxTags)
	var tags map[string]string
	for _, t := range list {
		v.Required("tags.member.key", t.Key, 1, 128)
		v.Required("tags.member.value", t.Value, 0, 256)
		if tags == nil {
			tags = map[string]string{}
		}
		tags[deref(t.Key)] = deref(t.Value)
	}
	return tags
}

// alarmOf is the name of the alarm of an ARN. Only alarms have tags here.
func (s *Service) alarmOf(arn string) (string, error) {
	name, isAlarm := strings.CutPrefix(arn, s.options.Account.ARN("cloudwatch", "alarm:"))
	switch {
	case !strings.HasPrefix(arn, "arn:"):
		return "", invalidValue(arn, "ResourceARN")
	case strings.HasPrefix(arn, s.DashboardARN("")):
		return "", awserr.New("InvalidParameterValue", 400, "tags of dashboards are not emulated by the local target")
	case !isAlarm:
		return "", noResource()
	}
	return name, nil
}

// noResource is documented as a code; assumed: the sentence.
func noResource() error {
	return awserr.New("ResourceNotFoundException", 404, "The resource does not exist.")
}

// changeTags changes the tags of an alarm.
func (s *Service) changeTags(arn *string, v constraint.Violations, change func(tags map[string]string)) error {
	v.Required("resourceARN", arn, 1, 1024)
	if err := violated(v); err != nil {
		return err
	}
	name, err := s.alarmOf(*arn)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.alarms[name]
	if a == nil {
		return noResource()
	}
	next := *a
	next.Alarm = a.clone()
	if next.Tags == nil {
		next.Tags = map[string]string{}
	}
	change(next.Tags)
	if len(next.Tags) > maxTags {
		return invalidValue("with more than 50 elements", "Tags")
	}
	return s.put(&next)
}

type tagResourceInput struct {
	ResourceARN *string
	Tags        []tagMember
}

type tagResourceOutput struct{}

func (s *Service) tagResource(in *tagResourceInput) (*tagResourceOutput, error) {
	var v constraint.Violations
	if in.Tags == nil {
		v.Null("tags")
	}
	tags := tagsOf(&v, in.Tags)
	return &tagResourceOutput{}, s.changeTags(in.ResourceARN, v, func(all map[string]string) { maps.Copy(all, tags) })
}

type untagResourceInput struct {
	ResourceARN *string
	TagKeys     []string
}

type untagResourceOutput struct{}

func (s *Service) untagResource(in *untagResourceInput) (*untagResourceOutput, error) {
	var v constraint.Violations
	if in.TagKeys == nil {
		v.Null("tagKeys")
	}
	return &untagResourceOutput{}, s.changeTags(in.ResourceARN, v, func(all map[string]string) {
		maps.DeleteFunc(all, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

type listTagsForResourceInput struct{ ResourceARN *string }

type listTagsForResourceOutput struct{ Tags []tagMember }

func (s *Service) listTagsForResource(in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	var v constraint.Violations
	v.Required("resourceARN", in.ResourceARN, 1, 1024)
	if err := violated(v); err != nil {
		return nil, err
	}
	name, err := s.alarmOf(*in.ResourceARN)
	if err != nil {
		return nil, err
	}
	alarm, err := s.DescribeAlarm(name)
	if err != nil {
		return nil, noResource()
	}
	out := &listTagsForResourceOutput{Tags: []tagMember{}}
	for _, key := range slices.Sorted(maps.Keys(alarm.Tags)) {
		value := alarm.Tags[key]
		out.Tags = append(out.Tags, tagMember{&key, &value})
	}
	return out, nil
}
