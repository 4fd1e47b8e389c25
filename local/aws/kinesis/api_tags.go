package kinesis

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/internal/protocol"
)

type addTagsInput struct {
	address
	Tags map[string]string
}

// addTags. recorded (mhart/kinesalite test/addTagsToStream.js): the checks.
func (s *Service) addTags(_ context.Context, call *protocol.Call, in *addTagsInput) (*empty, error) {
	var v violations
	v.checkLength("tags", len(in.Tags), in.Tags != nil, shownMap(in.Tags), 1, maxTags)
	v.checkTags(in.Tags)
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	return &empty{}, s.with(call, "AddTagsToStream", in.address, func(st *stream) error { return s.tag(st, in.Tags) })
}

// tag adds tags to a stream.
func (s *Service) tag(st *stream, tags map[string]string) error {
	return s.edit(st, func(m *manifest, _ moment) error {
		if err := s.checkTags(st.name, tags, m.Tags); err != nil {
			return err
		}
		all := maps.Clone(m.Tags)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, tags)
		m.Tags = all
		return nil
	})
}

// checkTags adds what is wrong with the lengths of tags. documented (API_Tag).
func (v *violations) checkTags(tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch value := tags[key]; {
		case key == "" || len(key) > 128:
			v.Add("tags", shownMap(tags), "Map keys must satisfy constraint: [Member must have length less than or equal to 128, "+
				"Member must have length greater than or equal to 1]")
		case len(value) > 256:
			v.Add("tags", shownMap(tags), "Map value must satisfy constraint: [Member must have length less than or equal to 256, "+
				"Member must have length greater than or equal to 0]")
		}
	}
}

// shownMap is how AWS shows a map.
func shownMap(tags map[string]string) string {
	entries := make([]string, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		entries = append(entries, key+"="+tags[key])
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@%]*$`)

// checkTags refuses tags that a stream with others cannot have.
//
// recorded (mhart/kinesalite actions/addTagsToStream.js): the sentences; the last one says 10 although the limit is 50.
func (s *Service) checkTags(stream string, tags, existing map[string]string) error {
	all := maps.Clone(existing)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	failed := fmt.Sprintf("Failed to add tags to stream %s under account %s because ", stream, s.options.Account.ID)
	for key, value := range tags {
		switch {
		case !tagText.MatchString(key + value):
			return invalidArgument("Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @ :.")
		case strings.Contains(key+value, "%"):
			return invalidArgument("%ssome tags contained illegal characters. The allowed characters are Unicode letters, "+
				"white-spaces, '_',',','/','=','+','-','@',':'.", failed)
		}
	}
	if len(all) > maxTags {
		return invalidArgument("%sa given stream cannot have more than 10 tags associated with it.", failed)
	}
	return nil
}

type removeTagsInput struct {
	address
	TagKeys []string
}

func (s *Service) removeTags(_ context.Context, call *protocol.Call, in *removeTagsInput) (*empty, error) {
	var v violations
	v.checkLength("tagKeys", len(in.TagKeys), in.TagKeys != nil, "["+strings.Join(in.TagKeys, ", ")+"]", 1, maxTags)
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	return &empty{}, s.with(call, "RemoveTagsFromStream", in.address, func(st *stream) error { return s.untag(st, in.TagKeys) })
}

// untag removes tags from a stream; one that it does not have is ignored: documented (API_RemoveTagsFromStream).
func (s *Service) untag(st *stream, keys []string) error {
	return s.edit(st, func(m *manifest, _ moment) error {
		m.Tags = maps.Clone(m.Tags)
		maps.DeleteFunc(m.Tags, func(key, _ string) bool { return slices.Contains(keys, key) })
		return nil
	})
}

type listTagsInput struct {
	address
	ExclusiveStartTagKey *string
	Limit                *int
}

type tagOutput struct{ Key, Value string }

type listTagsOutput struct {
	Tags        []tagOutput
	HasMoreTags bool
}

func (s *Service) listTags(_ context.Context, call *protocol.Call, in *listTagsInput) (*listTagsOutput, error) {
	var v violations
	v.Between("limit", in.Limit, 1, maxTags)
	v.Length("exclusiveStartTagKey", in.ExclusiveStartTagKey, 1, 128)
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	out := &listTagsOutput{Tags: []tagOutput{}}
	return out, s.with(call, "ListTagsForStream", in.address, func(st *stream) error {
		m, _ := st.snapshot()
		for _, tag := range m.tags() {
			switch {
			case tag.Key <= deref(in.ExclusiveStartTagKey):
			case in.Limit != nil && len(out.Tags) == *in.Limit:
				out.HasMoreTags = true
				return nil
			default:
				out.Tags = append(out.Tags, tag)
			}
		}
		return nil
	})
}

// tags are the tags of the stream in the order of their keys.
func (m *manifest) tags() []tagOutput {
	tags := make([]tagOutput, 0, len(m.Tags))
	for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
		tags = append(tags, tagOutput{key, m.Tags[key]})
	}
	return tags
}

type resourceInput struct {
	ResourceARN *string
	Tags        map[string]string
	TagKeys     []string
}

// onResource does f to the stream that a request names by ResourceARN. Tags of consumers are not emulated.
func (s *Service) onResource(call *protocol.Call, action string, in *resourceInput, check func(*violations), f func(*stream) error) error {
	var v violations
	check(&v)
	if in.ResourceARN == nil {
		v.Null("resourceARN")
	} else {
		v.checkARN("resourceARN", *in.ResourceARN)
	}
	if err := v.err(); err != nil {
		return err
	}
	if strings.Contains(*in.ResourceARN, "/consumer/") {
		return invalidArgument("Tags of consumers are not emulated by the local target.")
	}
	return s.with(call, action, address{StreamARN: in.ResourceARN}, f)
}

func (s *Service) tagResource(_ context.Context, call *protocol.Call, in *resourceInput) (*empty, error) {
	return &empty{}, s.onResource(call, "TagResource", in, func(v *violations) {
		v.checkLength("tags", len(in.Tags), in.Tags != nil, shownMap(in.Tags), 1, maxTags)
		v.checkTags(in.Tags)
	}, func(st *stream) error { return s.tag(st, in.Tags) })
}

func (s *Service) untagResource(_ context.Context, call *protocol.Call, in *resourceInput) (*empty, error) {
	return &empty{}, s.onResource(call, "UntagResource", in, func(v *violations) {
		v.checkLength("tagKeys", len(in.TagKeys), in.TagKeys != nil, "["+strings.Join(in.TagKeys, ", ")+"]", 1, maxTags)
	}, func(st *stream) error { return s.untag(st, in.TagKeys) })
}

type listTagsForResourceOutput struct{ Tags []tagOutput }

func (s *Service) listTagsForResource(_ context.Context, call *protocol.Call, in *resourceInput) (*listTagsForResourceOutput, error) {
	out := &listTagsForResourceOutput{}
	return out, s.onResource(call, "ListTagsForResource", in, func(*violations) {}, func(st *stream) error {
		m, _ := st.snapshot()
		out.Tags = m.tags()
		return nil
	})
}
