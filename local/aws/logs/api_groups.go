package logs

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// checkMembers refuses violations, and names that are missing or that CloudWatch Logs does not accept.
func checkMembers(v constraint.Violations, group, stream *string) error {
	if group == nil {
		v.Null("logGroupName")
	}
	if stream == nil {
		v.Null("logStreamName")
	}
	if err := v.Err("InvalidParameterException"); err != nil {
		return err
	}
	if err := checkGroupName(*group); err != nil {
		return err
	}
	return checkStreamName(*stream)
}

// checkGroup is checkMembers for a request without a log stream.
func checkGroup(v constraint.Violations, group *string) error {
	none := "-"
	return checkMembers(v, group, &none)
}

// identify returns the name of the log group that a request gives by its name or by an identifier, which is the name or
// the ARN. Recorded: LocalStack, test_describe_log_streams_with_log_group_identifier.
func identify(v constraint.Violations, name, identifier *string) (string, error) {
	if name != nil && identifier != nil {
		return "", awserr.New("ValidationException", 400, "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	}
	group := name
	if identifier != nil {
		short := groupInARN(*identifier)
		group = &short
	}
	if err := checkGroup(v, group); err != nil {
		return "", err
	}
	return *group, nil
}

// groupInARN is the name of a log group of an ARN; a text that is none is a name.
func groupInARN(arn string) string {
	if parts := strings.SplitN(arn, ":", 7); len(parts) == 7 && parts[0] == "arn" && parts[5] == "log-group" {
		return parts[6]
	}
	return arn
}

type createLogGroupInput struct {
	LogGroupName, KmsKeyId, LogGroupClass *string
	Tags                                  map[string]string
	DeletionProtectionEnabled             *bool
}

func (s *Service) createLogGroup(in *createLogGroupInput) error {
	var v constraint.Violations
	v.OneOf("logGroupClass", in.LogGroupClass, "STANDARD", "INFREQUENT_ACCESS", "DELIVERY")
	if in.Tags != nil {
		checkTags(&v, in.Tags)
	}
	if err := checkGroup(v, in.LogGroupName); err != nil {
		return err
	}
	if in.DeletionProtectionEnabled != nil && *in.DeletionProtectionEnabled {
		return invalidParameter("deletionProtectionEnabled = true: is not emulated by the local target")
	}
	return s.CreateLogGroup(Group{
		Name: *in.LogGroupName, KMSKeyID: deref(in.KmsKeyId), LogGroupClass: deref(in.LogGroupClass), Tags: in.Tags,
	})
}

type logGroupInput struct{ LogGroupName *string }

func (s *Service) deleteLogGroup(in *logGroupInput) error {
	if err := checkGroup(nil, in.LogGroupName); err != nil {
		return err
	}
	return s.DeleteLogGroup(*in.LogGroupName)
}

type putRetentionPolicyInput struct {
	LogGroupName    *string
	RetentionInDays *int
}

func (s *Service) putRetentionPolicy(in *putRetentionPolicyInput) error {
	var v constraint.Violations
	if in.RetentionInDays == nil {
		v.Null("retentionInDays")
	}
	if err := checkGroup(v, in.LogGroupName); err != nil {
		return err
	}
	if *in.RetentionInDays == 0 {
		return checkRetention(-1) // 0 is for ever only here, where DeleteRetentionPolicy is for that
	}
	return s.changeGroup(*in.LogGroupName, func(g *Group) { g.RetentionInDays = *in.RetentionInDays })
}

func (s *Service) deleteRetentionPolicy(in *logGroupInput) error {
	if err := checkGroup(nil, in.LogGroupName); err != nil {
		return err
	}
	return s.changeGroup(*in.LogGroupName, func(g *Group) { g.RetentionInDays = 0 })
}

// changeGroup changes the configuration of a log group.
func (s *Service) changeGroup(name string, change func(*Group)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		return noSuchGroup()
	}
	config := g.Group
	config.Tags = maps.Clone(config.Tags)
	change(&config)
	if err := checkRetention(config.RetentionInDays); err != nil {
		return err
	}
	return s.update(g, func(next *record) { next.Group = config })
}

type describeLogGroupsInput struct {
	LogGroupNamePrefix, LogGroupNamePattern, LogGroupClass, NextToken *string
	LogGroupIdentifiers, AccountIdentifiers                           []string
	Limit                                                             *int
	IncludeLinkedAccounts                                             *bool
}

type describeLogGroupsOutput struct {
	LogGroups []logGroup
	NextToken *string
}

// logGroup is a log group as DescribeLogGroups shows it (recorded: LocalStack, test_describe_log_groups_with_prefix and
// test_describe_log_groups_with_pattern).
type logGroup struct {
	LogGroupName, Arn, LogGroupArn, LogGroupClass string
	CreationTime                                  int64
	MetricFilterCount                             int
	RetentionInDays                               *int
	KmsKeyId                                      *string
	// StoredBytes and DeletionProtectionEnabled are left out when a pattern is given.
	StoredBytes               *int64
	DeletionProtectionEnabled *bool
}

// groupPrefix is how names and parts of them are checked. Documented: API_DescribeLogGroups.
var groupPrefix = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]*$`)

func (s *Service) describeLogGroups(in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	var v constraint.Violations
	v.Length("logGroupNamePrefix", in.LogGroupNamePrefix, 1, 512)
	v.Matches("logGroupNamePrefix", in.LogGroupNamePrefix, groupPrefix, `[\.\-_/#A-Za-z0-9]+`)
	v.Length("logGroupNamePattern", in.LogGroupNamePattern, 0, 512)
	v.Matches("logGroupNamePattern", in.LogGroupNamePattern, groupPrefix, `[\.\-_/#A-Za-z0-9]*`)
	v.OneOf("logGroupClass", in.LogGroupClass, "STANDARD", "INFREQUENT_ACCESS", "DELIVERY")
	limit := pageLimit(&v, in.Limit)
	if err := v.Err("InvalidParameterException"); err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		// Recorded: LocalStack, test_describe_log_groups_prefix_and_pattern_error.
		return nil, invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	identifiers := []string{}
	for _, identifier := range in.LogGroupIdentifiers {
		identifiers = append(identifiers, groupInARN(identifier))
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var groups []*group
	for name, g := range s.groups {
		if strings.HasPrefix(name, deref(in.LogGroupNamePrefix)) && strings.Contains(name, deref(in.LogGroupNamePattern)) &&
			(in.LogGroupClass == nil || g.LogGroupClass == *in.LogGroupClass) &&
			(len(identifiers) == 0 || slices.Contains(identifiers, name)) {
			groups = append(groups, g)
		}
	}
	groups, next, err := pages[*group]{key: func(g *group) string { return g.Name }, limit: limit}.cut(groups, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &describeLogGroupsOutput{LogGroups: []logGroup{}, NextToken: next}
	for _, g := range groups {
		out.LogGroups = append(out.LogGroups, s.logGroup(g, in.LogGroupNamePattern == nil))
	}
	return out, nil
}

// logGroup describes a log group; the caller holds the lock.
func (s *Service) logGroup(g *group, inFull bool) logGroup {
	arn := s.GroupARN(g.Name)
	described := logGroup{
		LogGroupName: g.Name, Arn: arn + ":*", LogGroupArn: arn, LogGroupClass: g.LogGroupClass,
		CreationTime: g.Created.UnixMilli(), MetricFilterCount: len(g.MetricFilters),
	}
	if g.RetentionInDays != 0 {
		described.RetentionInDays = &g.RetentionInDays
	}
	if g.KMSKeyID != "" {
		described.KmsKeyId = &g.KMSKeyID
	}
	if inFull {
		bytes, unprotected := int64(0), false
		for _, st := range g.streams {
			bytes += s.storedBytes(st)
		}
		described.StoredBytes, described.DeletionProtectionEnabled = &bytes, &unprotected
	}
	return described
}

// storedBytes is the size of a log stream's file. Assumed: CloudWatch counts compressed bytes, and late.
func (s *Service) storedBytes(st *stream) int64 {
	info, err := s.root.Stat(st.path)
	if err != nil {
		return 0 // nothing has been written yet
	}
	return info.Size()
}
