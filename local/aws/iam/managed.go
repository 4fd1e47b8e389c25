package iam

import (
	"embed"
	"io/fs"
	"path"
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
	name, isManaged := strings.CutPrefix(arn, "arn:"+partition+":iam::aws:policy/")
	if policy := managedPolicies()[name]; isManaged && policy != nil {
		return policy, nil
	}
	if isManaged {
		return nil, awserr.New("NoSuchEntity", 404, "Policy %s does not exist or is not attachable. (The local target "+
			"has only the AWS managed policies that such a pipeline uses.)", arn)
	}
	return nil, awserr.New("NoSuchEntity", 404, "Policy %s does not exist or is not attachable.", arn)
}
