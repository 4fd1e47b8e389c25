package firehose

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// API is the service's API for AWS's clients (JSON 1.1, Firehose_20150804).
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "firehose", Target: "Firehose_20150804",
		Actions: []protocol.Action{
			protocol.Handle("CreateDeliveryStream", s.createDeliveryStream),
			protocol.Handle("DescribeDeliveryStream", s.describeDeliveryStream),
			protocol.Handle("ListDeliveryStreams", s.listDeliveryStreams),
			protocol.Handle("UpdateDestination", s.updateDestination),
			protocol.Handle("DeleteDeliveryStream", s.deleteDeliveryStream),
			protocol.Handle("TagDeliveryStream", s.tagDeliveryStream),
			protocol.Handle("UntagDeliveryStream", s.untagDeliveryStream),
			protocol.Handle("ListTagsForDeliveryStream", s.listTagsForDeliveryStream),
			protocol.Handle("PutRecord", s.putRecord),
			protocol.Handle("PutRecordBatch", s.putRecordBatch),
			protocol.Handle("StartDeliveryStreamEncryption", s.startDeliveryStreamEncryption),
			protocol.Handle("StopDeliveryStreamEncryption", s.stopDeliveryStreamEncryption),
		},
	}
}

const validationException = "ValidationException"

// none is an output without members.
type none struct{}

type deliveryStreamInput struct{ DeliveryStreamName *string }

// permit checks the name of a delivery stream and the permission to use it.
func (s *Service) permit(call *protocol.Call, action string, name *string) error {
	var v constraint.Violations
	checkDeliveryStreamName(&v, name)
	if err := v.Err(validationException); err != nil {
		return err
	}
	return call.Authorize("firehose:"+action, s.options.Account.ARN("firehose", "deliverystream/"+*name))
}

func checkDeliveryStreamName(v *constraint.Violations, name *string) {
	v.Required("deliveryStreamName", name, 1, 64)
	v.Matches("deliveryStreamName", name, namePattern, "[a-zA-Z0-9_.-]+")
}

// permitPassing checks that the caller may hand a role to Firehose. Documented: id_roles_use_passrole.html of the IAM user
// guide, and for Firehose controlling-access.html.
func permitPassing(call *protocol.Call, roleARN string) error {
	context := call.Context()
	context["iam:PassedToService"] = "firehose.amazonaws.com"
	return call.Caller.Authorize(iam.Request{Action: "iam:PassRole", Resource: roleARN, Context: context})
}

type listDeliveryStreamsInput struct {
	Limit                                                *int
	DeliveryStreamType, ExclusiveStartDeliveryStreamName *string
}

type listDeliveryStreamsOutput struct {
	DeliveryStreamNames    []string
	HasMoreDeliveryStreams bool
}

// Documented (API_ListDeliveryStreams): 1 to 10,000 names, 10 by default.
func (s *Service) listDeliveryStreams(_ context.Context, call *protocol.Call, in *listDeliveryStreamsInput) (*listDeliveryStreamsOutput, error) {
	var v constraint.Violations
	v.Between("limit", in.Limit, 1, 10_000)
	v.OneOf("deliveryStreamType", in.DeliveryStreamType, streamTypes...)
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	if err := call.Authorize("firehose:ListDeliveryStreams", s.options.Account.ARN("firehose", "deliverystream/*")); err != nil {
		return nil, err
	}
	names := s.ListDeliveryStreams()
	if in.DeliveryStreamType != nil && *in.DeliveryStreamType != kinesisAsSource {
		names = nil
	}
	names, more := behind(names, in.ExclusiveStartDeliveryStreamName, in.Limit, 10)
	return &listDeliveryStreamsOutput{names, more}, nil
}

// behind is the part of a sorted list behind an element, cut to limit.
func behind(list []string, start *string, limit *int, defaultLimit int) (part []string, more bool) {
	if limit == nil {
		limit = &defaultLimit
	}
	part = []string{}
	for _, element := range list {
		if start != nil && element <= *start {
			continue
		}
		if len(part) == *limit {
			return part, true
		}
		part = append(part, element)
	}
	return part, false
}

func (s *Service) deleteDeliveryStream(_ context.Context, call *protocol.Call, in *deliveryStreamInput) (*none, error) {
	if err := s.permit(call, "DeleteDeliveryStream", in.DeliveryStreamName); err != nil {
		return nil, err
	}
	return &none{}, s.DeleteDeliveryStream(*in.DeliveryStreamName)
}

// errKinesisSource refuses what only a delivery stream with direct puts can do. Documented (API_PutRecord and
// API_StartDeliveryStreamEncryption); the sentence is assumed, quoted in issue threads about PutRecord.
func (s *Service) errKinesisSource(call *protocol.Call, action string, name *string) error {
	if err := s.permit(call, action, name); err != nil {
		return err
	}
	if _, err := s.find(*name); err != nil {
		return err
	}
	return invalidArgument("This operation is not permitted on %s delivery stream type.", kinesisAsSource)
}

type record struct{ Data []byte }

type putRecordInput struct {
	DeliveryStreamName *string
	Record             *record
}

func (s *Service) putRecord(_ context.Context, call *protocol.Call, in *putRecordInput) (*none, error) {
	var v constraint.Violations
	if in.Record == nil {
		v.Null("record")
	} else if in.Record.Data == nil {
		v.Null("record.data")
	}
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	return nil, s.errKinesisSource(call, "PutRecord", in.DeliveryStreamName)
}

type putRecordBatchInput struct {
	DeliveryStreamName *string
	Records            []record
}

func (s *Service) putRecordBatch(_ context.Context, call *protocol.Call, in *putRecordBatchInput) (*none, error) {
	var v constraint.Violations
	if in.Records == nil {
		v.Null("records")
	} else {
		constraint.Count(&v, "records", make([]none, len(in.Records)), 1, 500)
	}
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	return nil, s.errKinesisSource(call, "PutRecordBatch", in.DeliveryStreamName)
}

func (s *Service) startDeliveryStreamEncryption(_ context.Context, call *protocol.Call, in *deliveryStreamInput) (*none, error) {
	return nil, s.errKinesisSource(call, "StartDeliveryStreamEncryption", in.DeliveryStreamName)
}

func (s *Service) stopDeliveryStreamEncryption(_ context.Context, call *protocol.Call, in *deliveryStreamInput) (*none, error) {
	return nil, s.errKinesisSource(call, "StopDeliveryStreamEncryption", in.DeliveryStreamName)
}

type tag struct{ Key, Value *string }

type tagDeliveryStreamInput struct {
	DeliveryStreamName *string
	Tags               []tag
}

func (s *Service) tagDeliveryStream(_ context.Context, call *protocol.Call, in *tagDeliveryStreamInput) (*none, error) {
	if in.Tags == nil {
		var v constraint.Violations
		v.Null("tags")
		return nil, v.Err(validationException)
	}
	return s.editTags(call, "TagDeliveryStream", in.DeliveryStreamName, func(tags map[string]string) error { return addTags(tags, in.Tags) })
}

type untagDeliveryStreamInput struct {
	DeliveryStreamName *string
	TagKeys            []string
}

func (s *Service) untagDeliveryStream(_ context.Context, call *protocol.Call, in *untagDeliveryStreamInput) (*none, error) {
	if in.TagKeys == nil {
		var v constraint.Violations
		v.Null("tagKeys")
		return nil, v.Err(validationException)
	}
	return s.editTags(call, "UntagDeliveryStream", in.DeliveryStreamName, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}

func (s *Service) editTags(call *protocol.Call, action string, name *string, change func(map[string]string) error) (*none, error) {
	if err := s.permit(call, action, name); err != nil {
		return nil, err
	}
	d, err := s.find(*name)
	if err != nil {
		return nil, err
	}
	return &none{}, d.edit(func(now DeliveryStreamDescription) (DeliveryStreamConfig, error) {
		c := now.Config
		c.Tags = maps.Clone(c.Tags)
		if c.Tags == nil {
			c.Tags = map[string]string{}
		}
		return c, change(c.Tags)
	})
}

// maxTags is documented (API_TagDeliveryStream).
const maxTags = 50

var (
	tagKeyPattern   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@%]+$`)
	tagValuePattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@%]*$`)
)

// addTags adds tags. Documented (API_Tag): their lengths and characters.
func addTags(to map[string]string, add []tag) error {
	var v constraint.Violations
	if len(add) > maxTags {
		constraint.Count(&v, "tags", add, 1, maxTags)
		return v.Err(validationException)
	}
	for _, t := range add {
		v.Required("tags.member.key", t.Key, 1, 128)
		v.Matches("tags.member.key", t.Key, tagKeyPattern, `^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$`)
		v.Length("tags.member.value", t.Value, 0, 256)
		v.Matches("tags.member.value", t.Value, tagValuePattern, `^[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$`)
	}
	if err := v.Err(validationException); err != nil {
		return err
	}
	for _, t := range add {
		if strings.HasPrefix(*t.Key, "aws:") {
			return invalidArgument("The tag key %s begins with aws:, which is reserved.", *t.Key) // assumed
		}
		to[*t.Key] = ""
		if t.Value != nil {
			to[*t.Key] = *t.Value
		}
	}
	if len(to) > maxTags { // the sentence is assumed
		return limitExceeded("A delivery stream cannot have more than %d tags.", maxTags)
	}
	return nil
}

type listTagsInput struct {
	DeliveryStreamName, ExclusiveStartTagKey *string
	Limit                                    *int
}

type listTagsOutput struct {
	Tags        []tag
	HasMoreTags bool
}

// Documented (API_ListTagsForDeliveryStream): 1 to 50 tags, all of them by default.
func (s *Service) listTagsForDeliveryStream(_ context.Context, call *protocol.Call, in *listTagsInput) (*listTagsOutput, error) {
	var v constraint.Violations
	v.Between("limit", in.Limit, 1, maxTags)
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	if err := s.permit(call, "ListTagsForDeliveryStream", in.DeliveryStreamName); err != nil {
		return nil, err
	}
	d, err := s.DescribeDeliveryStream(*in.DeliveryStreamName)
	if err != nil {
		return nil, err
	}
	out := &listTagsOutput{Tags: []tag{}}
	var keys []string
	keys, out.HasMoreTags = behind(slices.Sorted(maps.Keys(d.Config.Tags)), in.ExclusiveStartTagKey, in.Limit, maxTags)
	for _, key := range keys {
		value := d.Config.Tags[key]
		out.Tags = append(out.Tags, tag{&key, &value})
	}
	return out, nil
}
