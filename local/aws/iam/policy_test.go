package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

// malformed documents and AWS's sentences for them; the place in brackets is the local target's.
func TestAMalformedPermissionPolicyIsRefusedWhenItIsPut(t *testing.T) {
	account := newAccount(t)
	withRole(t, account, "writer", trust(`{"Service": "apigateway.amazonaws.com"}`))
	one := func(statement string) string { return `{"Version": "2012-10-17", "Statement": [` + statement + `]}` }
	const good = `"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": "*"`
	for name, c := range map[string]struct{ document, message string }{
		"no JSON":            {`{`, "Syntax errors in policy. (reading JSON at offset 1: EOF)"},
		"two documents":      {one(`{`+good+`}`) + `{}`, "Syntax errors in policy. (text after the end of the document at offset 110)"},
		"not an object":      {`[]`, "Syntax errors in policy. (the document is not an object)"},
		"a member twice":     {one(`{"Effect": "Deny", ` + good + `}`), `Syntax errors in policy. ("Effect" twice in one object)`},
		"another version":    {`{"Version": "2012-10-18", "Statement": {` + good + `}}`, "The policy must contain a valid version string (Version: 2012-10-17 or 2008-10-17)"},
		"unknown element":    {`{"Statements": []}`, "Syntax errors in policy. (Statements: no such element)"},
		"no statement":       {`{"Version": "2012-10-17"}`, "Syntax errors in policy. (Statement: missing or empty)"},
		"empty statement":    {one(``), "Syntax errors in policy. (Statement: missing or empty)"},
		"statement is text":  {one(`"x"`), "Syntax errors in policy. (Statement[0]: not an object)"},
		"element's case":     {one(`{"effect": "Allow", "Action": "*", "Resource": "*"}`), "Syntax errors in policy. (Statement[0].effect: no such element)"},
		"no effect":          {one(`{"Action": "*", "Resource": "*"}`), "Syntax errors in policy. (Statement[0].Effect: missing)"},
		"effect's case":      {one(`{"Effect": "allow", "Action": "*", "Resource": "*"}`), "Invalid effect: allow (Statement[0].Effect: Allow or Deny)"},
		"a principal":        {one(`{` + good + `, "Principal": "*"}`), "Policy document should not specify a principal. (Statement[0].Principal)"},
		"no action":          {one(`{"Effect": "Allow", "Resource": "*"}`), "Policy statement must contain actions. (Statement[0])"},
		"empty action list":  {one(`{"Effect": "Allow", "Action": [], "Resource": "*"}`), "Policy statement must contain actions. (Statement[0])"},
		"action is a number": {one(`{"Effect": "Allow", "Action": 1, "Resource": "*"}`), "Syntax errors in policy. (Statement[0].Action: neither a string nor a list of strings)"},
		"both action forms":  {one(`{` + good + `, "NotAction": "a:b"}`), "Syntax errors in policy. (Statement[0]: Action and NotAction in one statement)"},
		"action no vendor":   {one(`{` + good + `}, {"Effect": "Allow", "Action": "PutRecord", "Resource": "*"}`), `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (Statement[1].Action: "PutRecord")`},
		"two colons":         {one(`{"Effect": "Allow", "Action": "a:b:c", "Resource": "*"}`), `Actions/Condition can contain only one colon. (Statement[0].Action: "a:b:c")`},
		"odd vendor":         {one(`{"Effect": "Allow", "Action": "kin*sis:PutRecord", "Resource": "*"}`), `Vendor kin*sis is not valid (Statement[0].Action: "kin*sis:PutRecord")`},
		"no resource":        {one(`{"Effect": "Allow", "Action": "*"}`), "Policy statement must contain resources. (Statement[0])"},
		"resource no ARN":    {one(`{"Effect": "Allow", "Action": "*", "Resource": "class-stream"}`), `Resource class-stream must be in ARN format or "*". (Statement[0].Resource)`},
		"unknown partition":  {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:amazon:s3:::b"}`), `Partition "amazon" is not valid for resource "arn:amazon:s3:::b". (Statement[0].Resource)`},
		"short ARN":          {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3"}`), `The policy failed legacy parsing (Statement[0].Resource: "arn:aws:s3" has fewer than six parts)`},
		"wild vendor":        {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:*:::b"}`), `Resource vendor must be fully qualified and cannot contain regexes. (Statement[0].Resource: "arn:aws:*:::b")`},
		"region in an S3":    {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:eu-west-1::b"}`), `Resource arn:aws:s3:eu-west-1::b can not contain region information. (Statement[0].Resource)`},
		"variable too early": {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs:${aws:RequestedRegion}:1:q"}`), `The policy failed legacy parsing (Statement[0].Resource: "arn:aws:sqs:${aws:RequestedRegion}:1:q" has a policy variable before the fifth colon)`},
		"same Sid twice":     {one(`{"Sid": "A", ` + good + `}, {"Sid": "A", ` + good + `}`), `Statement IDs (SID) in a single policy must be unique. (Statement[1].Sid: "A")`},
		"Sid with a hyphen":  {one(`{"Sid": "A-B", ` + good + `}`), `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]* (Statement[0].Sid: "A-B")`},
		"unknown operator":   {one(`{` + good + `, "Condition": {"StringEqual": {"a:b": "x"}}}`), `Syntax errors in policy. (Statement[0].Condition.StringEqual.a:b: no condition operator is called "StringEqual")`},
		"NullIfExists":       {one(`{` + good + `, "Condition": {"NullIfExists": {"a:b": "true"}}}`), `Syntax errors in policy. (Statement[0].Condition.NullIfExists.a:b: no condition operator is called "NullIfExists")`},
		"BinaryEquals":       {one(`{` + good + `, "Condition": {"BinaryEquals": {"a:b": "eA=="}}}`), `the condition operator BinaryEquals is not supported by the local target (Statement[0].Condition.BinaryEquals.a:b)`},
		"key without vendor": {one(`{` + good + `, "Condition": {"StringEquals": {"b": "x"}}}`), `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (Statement[0].Condition.StringEquals.b)`},
		"a tag key":          {one(`{` + good + `, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}}`), `the condition key aws:PrincipalTag/team is not supported by the local target, which keeps no tags (Statement[0].Condition.StringEquals.aws:PrincipalTag/team)`},
		"unknown global key": {one(`{` + good + `, "Condition": {"StringEquals": {"aws:SourceAcount": "x"}}}`), `the condition key aws:SourceAcount is not supported by the local target (Statement[0].Condition.StringEquals.aws:SourceAcount)`},
		"unknown variable":   {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}"}`), "Syntax errors in policy. (Statement[0].Resource: policy variable ${aws:PrincipalTag/team}: the condition key aws:PrincipalTag/team is not supported by the local target, which keeps no tags)"},
		"open variable":      {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:userid"}`), "Syntax errors in policy. (Statement[0].Resource: \"arn:aws:s3:::b/${aws:userid\" opens a policy variable that it does not close)"},
		"variable, no quote": {one(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:userid, x}"}`), "Syntax errors in policy. (Statement[0].Resource: policy variable ${aws:userid, x}: the default value has no single quotes around it)"},
		"not a number":       {one(`{` + good + `, "Condition": {"NumericEquals": {"a:b": "NaN"}}}`), `Syntax errors in policy. (Statement[0].Condition.NumericEquals.a:b: "NaN" is not a number)`},
		"not a date":         {one(`{` + good + `, "Condition": {"DateEquals": {"a:b": "2026-13-01"}}}`), `The policy failed legacy parsing (Statement[0].Condition.DateEquals.a:b: "2026-13-01" is not an ISO 8601 date)`},
		"not a boolean":      {one(`{` + good + `, "Condition": {"Bool": {"a:b": "yes"}}}`), `Syntax errors in policy. (Statement[0].Condition.Bool.a:b: "yes" is neither true nor false)`},
		"not an address":     {one(`{` + good + `, "Condition": {"IpAddress": {"a:b": "localhost"}}}`), `Syntax errors in policy. (Statement[0].Condition.IpAddress.a:b: "localhost" is not an IP address or a range of them in CIDR form)`},
		"a condition list":   {one(`{` + good + `, "Condition": []}`), `Syntax errors in policy. (Statement[0].Condition: not an object)`},
		"an operator's text": {one(`{` + good + `, "Condition": {"Bool": "true"}}`), `Syntax errors in policy. (Statement[0].Condition.Bool: not an object)`},
		"a null value":       {one(`{` + good + `, "Condition": {"Bool": {"a:b": null}}}`), `Syntax errors in policy. (Statement[0].Condition.Bool.a:b: a value is neither a string, a number nor a boolean)`},
	} {
		t.Run(name, func(t *testing.T) {
			requireAWSError(t, account.PutRolePolicy("writer", "p", c.document), "MalformedPolicyDocument", c.message)
			got, err := account.GetRole("writer")
			require.NoError(t, err)
			assert.Empty(t, got.Policies)
		})
	}
}

func TestAMalformedTrustPolicyIsRefused(t *testing.T) {
	one := func(statement string) string { return `{"Version": "2012-10-17", "Statement": [` + statement + `]}` }
	for name, c := range map[string]struct{ document, message string }{
		"no JSON":                               {`x`, "This policy contains invalid Json (reading JSON at offset 0: invalid character 'x' looking for beginning of value)"},
		"empty":                                 {one(``), "Could not parse the policy: Statement is empty!"},
		"no principal":                          {one(`{"Effect": "Allow", "Action": "sts:AssumeRole"}`), "Missing required field Principal (Statement[0])"},
		"empty principal":                       {one(`{"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}`), "Missing required field Principal cannot be empty! (Statement[0].Principal)"},
		"another action":                        {trust(`"*"`)[:len(trust(`"*"`))-20] + `"kinesis:PutRecord"}]}`, `AssumeRole policy may only specify STS AssumeRole actions. (Statement[0].Action: "kinesis:PutRecord")`},
		"every action":                          {one(`{"Effect": "Allow", "Principal": "*", "Action": "*"}`), `AssumeRole policy may only specify STS AssumeRole actions. (Statement[0].Action: "*")`},
		"an action of STS that assumes nothing": {one(`{"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:GetCallerIdentity"]}`), `AssumeRole policy may only specify STS AssumeRole actions. (Statement[0].Action: "sts:GetCallerIdentity")`},
		"no action":                             {one(`{"Effect": "Allow", "Principal": "*"}`), "Missing required field Action (Statement[0])"},
		"a resource":                            {one(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}`), "Has prohibited field Resource (Statement[0])"},
		"odd principal":                         {trust(`"me"`), `Invalid principal in policy: "me" (Statement[0].Principal)`},
		"odd kind":                              {trust(`{"Role": "me"}`), `Invalid principal in policy: "ROLE":"me" (Statement[0].Principal)`},
		"odd service":                           {trust(`{"Service": "apigateway"}`), `Invalid principal in policy: "SERVICE":"apigateway" (Statement[0].Principal)`},
		"part of a name":                        {trust(`{"AWS": "arn:aws:iam::123456789012:role/*"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/*" (Statement[0].Principal)`},
		"a canonical user":                      {trust(`{"CanonicalUser": "79a5"}`), `Invalid principal in policy: "CANONICALUSER":"79a5" (Statement[0].Principal)`},
		"no such role":                          {trust(`{"AWS": "arn:aws:iam::123456789012:role/nobody"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nobody" (Statement[0].Principal: no such role or user in the account)`},
		"NotPrincipal":                          {one(`{"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`), "Allow with NotPrincipal is not allowed. (Statement[0].NotPrincipal)"},
		"no effect":                             {one(`{"Principal": "*", "Action": "sts:AssumeRole"}`), "Missing required field Effect (Statement[0])"},
		"Sid with a space":                      {one(`{"Sid": "a b", "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`), `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]* (Statement[0].Sid: "a b")`},
		"a list of nothing":                     {trust(`{"AWS": []}`), "Missing required field Principal cannot be empty! (Statement[0].Principal.AWS)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newAccount(t).CreateRole(iam.Role{Name: "r", TrustPolicy: c.document})
			requireAWSError(t, err, "MalformedPolicyDocument", c.message)
		})
	}
}

func TestEveryManagedPolicyOfTheTableCanBeAttached(t *testing.T) {
	account := newAccount(t)
	withRole(t, account, "writer", trust(`"*"`))
	for _, arn := range []string{
		"arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
		"arn:aws:iam::aws:policy/AmazonKinesisFullAccess",
		"arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess",
		"arn:aws:iam::aws:policy/AmazonKinesisFirehoseFullAccess",
		"arn:aws:iam::aws:policy/AmazonS3FullAccess",
		"arn:aws:iam::aws:policy/AdministratorAccess",
	} {
		assert.NoError(t, account.AttachRolePolicy("writer", arn), arn)
	}
	requireAWSError(t, account.AttachRolePolicy("writer", "arn:aws:iam::aws:policy/NoSuch"), "NoSuchEntity",
		"Policy arn:aws:iam::aws:policy/NoSuch does not exist or is not attachable. (The local target has only the AWS "+
			"managed policies that such a pipeline uses.)")
	requireAWSError(t, account.AttachRolePolicy("writer", "arn:aws-cn:iam::aws:policy/AmazonS3FullAccess"), "NoSuchEntity",
		"Policy arn:aws-cn:iam::aws:policy/AmazonS3FullAccess does not exist or is not attachable.")
}

func FuzzAnyBytesAreAPolicyOrAnErrorInAWSsWords(f *testing.F) {
	f.Add(allow(`"kinesis:*"`, `"arn:aws:s3:::b/${aws:userid, 'x'}*?"`))
	f.Add(trust(`{"AWS": ["*", "123456789012"], "Service": "a.amazonaws.com"}`))
	f.Add(`{"Statement": {"Effect": "Deny", "NotAction": "a:b", "NotResource": "*", "Condition": {"ForAnyValue:DateLessThanIfExists": {"aws:CurrentTime": [1, "2026"]}}}}`)
	account := iam.New(testAccount)
	f.Fuzz(func(t *testing.T, document string) {
		policy, err := iam.ParsePolicy(document)
		if err != nil {
			assert.ErrorContains(t, err, "MalformedPolicyDocument: ")
			return
		}
		policy.Statements()
		account.Evaluate(policy, iam.Root(testAccount), iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
	})
}
