package iam

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"ingest-pipeline/local/aws/awserr"
)

// managedFiles are the documents of the AWS managed policies that a pipeline of this kind uses, one file for each, in
// folders that are the policies' paths. Source: AWS managed policy reference guide, about-managed-policy-reference
// /reference, and moto's iam/aws_managed_policies.py, which is generated from AWS.
//
//go:embed managed
var managedFiles embed.FS

// managedIDs are the unique ids of these policies and their default versions, as listings of ListPolicies show them
// that people published. Version v1 is assumed where none is known.
var managedIDs = map[string]struct{ id, version string }{
	"AdministratorAccess":                               {"ANPAIWMBCKSKIEE64ZLYK", "v1"},
	"AmazonKinesisFirehoseFullAccess":                   {"ANPAJMZQMTZ7FRBFHHAHI", "v1"},
	"AmazonKinesisFullAccess":                           {"ANPAIVF32HAMOXCUYRAYE", "v1"},
	"AmazonKinesisReadOnlyAccess":                       {"ANPAIOCMTDT5RLKZ2CAJO", "v1"},
	"AmazonS3FullAccess":                                {"ANPAIFIR6V6BVTRAHWINE", "v2"},
	"AmazonSSMManagedInstanceCore":                      {"ANPAIXSHM2BNB2D3AXXRU", "v2"},
	"service-role/AmazonAPIGatewayPushToCloudWatchLogs": {"ANPAIK4GFO7HLKYN64ASK", "v1"},
}

var managedPolicies = sync.OnceValue(func() map[string]*Policy {
	policies := map[string]*Policy{}
	err := fs.WalkDir(managedFiles, "managed", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		document, err := managedFiles.ReadFile(name)
		if err != nil {
			return err
		}
		policy, err := parsePolicy(string(document), identityPolicy)
		policies[strings.TrimSuffix(strings.TrimPrefix(name, "managed/"), path.Ext(name))] = policy
		return err
	})
	if err != nil {
		panic("iam: reading the embedded managed policies: " + err.Error()) // a test reads them all
	}
	return policies
})

// managedPolicy finds an AWS managed policy by its ARN.
func managedPolicy(partition, arn string) (*Policy, error) {
	name, isManaged := strings.CutPrefix(arn, managedPrefix(partition))
	if policy := managedPolicies()[name]; isManaged && policy != nil {
		return policy, nil
	}
	switch {
	case !strings.HasPrefix(arn, "arn:"):
		return nil, errARN(arn)
	case isManaged:
		return nil, awserr.New("NoSuchEntity", 404, "Policy %s does not exist or is not attachable. (The local target "+
			"has only the AWS managed policies that such a pipeline uses.)", arn)
	}
	return nil, awserr.New("NoSuchEntity", 404, "Policy %s does not exist or is not attachable.", arn)
}

// errARN is recorded: LocalStack, test_role_managed_policy_errors.
func errARN(arn string) error { return awserr.New("ValidationError", 400, "ARN %s is not valid.", arn) }

func managedPrefix(partition string) string { return "arn:" + partition + ":iam::aws:policy/" }

// ManagedPolicy is an AWS managed policy that the local target has.
type ManagedPolicy struct {
	ARN, ID, Name string
	// Path is "/" or "/service-role/".
	Path string
	// Version is the id of the only version, "v1".
	Version  string
	Document string
	// Attachments is how many roles have the policy attached.
	Attachments int
}

// ManagedPolicies returns the AWS managed policies, sorted by path and name.
func (s *Service) ManagedPolicies() []ManagedPolicy {
	attachments := map[string]int{}
	for _, role := range s.ListRoles() {
		for _, arn := range role.Attached {
			attachments[arn]++
		}
	}
	policies := managedPolicies()
	all := make([]ManagedPolicy, 0, len(policies))
	for _, key := range slices.Sorted(maps.Keys(policies)) {
		arn, folder, name := managedPrefix(s.account.Partition)+key, "/", key
		if dir, file := path.Split(key); dir != "" {
			folder, name = "/"+dir, file
		}
		all = append(all, ManagedPolicy{
			ARN: arn, ID: managedIDs[key].id, Name: name, Path: folder, Version: managedIDs[key].version,
			Document: policies[key].document, Attachments: attachments[arn],
		})
	}
	return all
}
