package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"ingest-pipeline/local/aws/iam"
)

// Invoke answers the functions of pulumi-aws that only look at the account. Any other is refused by name.
func (p *provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	account := p.services.Account
	var arguments properties
	var answer func(in state) (state, error)
	switch req.Tok {
	case "aws:index/getRegion:getRegion":
		arguments = properties{
			"id": text(), "name": text(), "endpoint": rejected("the region is found by its name"),
		}
		answer = func(in state) (state, error) { return regionOf(account, in) }
	case "aws:index/getCallerIdentity:getCallerIdentity":
		arguments = properties{"id": text()}
		answer = func(state) (state, error) { return callerIdentity(account), nil }
	case "aws:index/getPartition:getPartition":
		arguments = properties{"id": text()}
		answer = func(state) (state, error) { return partitionOf(account), nil }
	case "aws:iam/getPolicyDocument:getPolicyDocument":
		arguments = policyDocumentArguments()
		answer = policyDocument
	case "aws:ssm/getParameter:getParameter":
		arguments = ssmParameterArguments()
		answer = func(in state) (state, error) { return ssmParameter(account, in) }
	default:
		return plugin.InvokeResponse{}, fmt.Errorf("the local target does not emulate the function %s", req.Tok)
	}
	c := &checker{token: string(req.Tok), resource: string(req.Tok)}
	checked, _ := c.object(nil, arguments, req.Args)
	if len(c.failures) > 0 {
		return plugin.InvokeResponse{Failures: c.sortedFailures()}, nil
	}
	in := plainValues(checked)
	if hasUnknown(in) {
		return plugin.InvokeResponse{}, fmt.Errorf("calling %s: an argument is not known", req.Tok)
	}
	out, err := answer(in)
	if err != nil {
		return plugin.InvokeResponse{}, fmt.Errorf("calling %s: %w", req.Tok, err)
	}
	result := toProperties(out)
	if resource.NewObjectProperty(req.Args).ContainsSecrets() {
		for key, value := range result {
			result[key] = resource.MakeSecret(value)
		}
	}
	return plugin.InvokeResponse{Properties: result}, nil
}

// regionNames are the names of Regions (documented: AWS General Reference, Regional endpoints).
var regionNames = map[string]string{
	"ap-northeast-1": "Asia Pacific (Tokyo)", "ap-northeast-2": "Asia Pacific (Seoul)",
	"ap-northeast-3": "Asia Pacific (Osaka)", "ap-south-1": "Asia Pacific (Mumbai)",
	"ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)",
	"ca-central-1": "Canada (Central)", "eu-central-1": "Europe (Frankfurt)", "eu-north-1": "Europe (Stockholm)",
	"eu-west-1": "Europe (Ireland)", "eu-west-2": "Europe (London)", "eu-west-3": "Europe (Paris)",
	"sa-east-1": "South America (Sao Paulo)", "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)",
	"us-west-1": "US West (N. California)", "us-west-2": "US West (Oregon)",
}

// regionOf answers getRegion for the local target's one Region.
func regionOf(account iam.Account, in state) (state, error) {
	if name, ok := known[string](in, "name"); ok && name != account.Region {
		return nil, fmt.Errorf("the region %s is not the local target's, which is %s", name, account.Region)
	}
	return state{
		"id": account.Region, "name": account.Region, "description": regionNames[account.Region],
		"endpoint": "ec2." + account.Region + "." + dnsSuffix(account),
	}, nil
}

func dnsSuffix(account iam.Account) string {
	if account.Partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// callerIdentity answers getCallerIdentity: the person at the keyboard is the account's owner.
func callerIdentity(account iam.Account) state {
	return state{
		"accountId": account.ID, "id": account.ID, "userId": account.ID, "arn": account.ARN("iam", "root"),
	}
}

func partitionOf(account iam.Account) state {
	reversed := "com.amazonaws"
	if account.Partition == "aws-cn" {
		reversed = "cn.com.amazonaws"
	}
	return state{
		"id": account.Partition, "partition": account.Partition, "dnsSuffix": dnsSuffix(account),
		"reverseDnsPrefix": reversed,
	}
}
