package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/aws/iam"
)

func TestConditionsDecideAsDocumented(t *testing.T) {
	for name, c := range map[string]struct {
		condition string
		context   map[string]string
		holds     bool
	}{
		"StringEquals same":              {`{"StringEquals": {"sts:ExternalId": "42"}}`, map[string]string{"sts:ExternalId": "42"}, true},
		"StringEquals other":             {`{"StringEquals": {"sts:ExternalId": "42"}}`, map[string]string{"sts:ExternalId": "43"}, false},
		"StringEquals case matters":      {`{"StringEquals": {"a:b": "X"}}`, map[string]string{"a:b": "x"}, false},
		"StringEquals has no wildcards":  {`{"StringEquals": {"a:b": "x*"}}`, map[string]string{"a:b": "xy"}, false},
		"StringEquals absent":            {`{"StringEquals": {"a:b": "x"}}`, nil, false},
		"key names ignore case":          {`{"StringEquals": {"STS:externalID": "42"}}`, map[string]string{"sts:ExternalId": "42"}, true},
		"one of several values":          {`{"StringEquals": {"a:b": ["x", "y"]}}`, map[string]string{"a:b": "y"}, true},
		"none of several values":         {`{"StringNotEquals": {"a:b": ["x", "y"]}}`, map[string]string{"a:b": "y"}, false},
		"StringNotEquals other":          {`{"StringNotEquals": {"a:b": "x"}}`, map[string]string{"a:b": "y"}, true},
		"StringNotEquals absent":         {`{"StringNotEquals": {"a:b": "x"}}`, nil, true},
		"StringEqualsIgnoreCase":         {`{"StringEqualsIgnoreCase": {"a:b": "ÄB"}}`, map[string]string{"a:b": "äb"}, true},
		"StringNotEqualsIgnoreCase":      {`{"StringNotEqualsIgnoreCase": {"a:b": "AB"}}`, map[string]string{"a:b": "ab"}, false},
		"StringLike":                     {`{"StringLike": {"s3:prefix": "raw/*/?"}}`, map[string]string{"s3:prefix": "raw/2026/a"}, true},
		"StringLike anchored":            {`{"StringLike": {"s3:prefix": "raw/"}}`, map[string]string{"s3:prefix": "raw/x"}, false},
		"StringNotLike":                  {`{"StringNotLike": {"s3:prefix": "raw/*"}}`, map[string]string{"s3:prefix": "errors/"}, true},
		"StringNotLike absent":           {`{"StringNotLike": {"s3:prefix": "raw/*"}}`, nil, true},
		"all operators must hold":        {`{"StringEquals": {"a:b": "x"}, "Bool": {"a:c": "true"}}`, map[string]string{"a:b": "x", "a:c": "false"}, false},
		"all keys must hold":             {`{"StringEquals": {"a:b": "x", "a:c": "y"}}`, map[string]string{"a:b": "x", "a:c": "z"}, false},
		"IfExists absent":                {`{"StringEqualsIfExists": {"a:b": "x"}}`, nil, true},
		"IfExists other":                 {`{"StringEqualsIfExists": {"a:b": "x"}}`, map[string]string{"a:b": "y"}, false},
		"ArnLike":                        {`{"ArnLike": {"aws:SourceArn": "arn:aws:firehose:*:123456789012:deliverystream/*"}}`, map[string]string{"aws:SourceArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d"}, true},
		"ArnEquals has wildcards too":    {`{"ArnEquals": {"aws:SourceArn": "arn:aws:firehose:*:123456789012:deliverystream/*"}}`, map[string]string{"aws:SourceArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d"}, true},
		"ArnLike stays between colons":   {`{"ArnLike": {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}}`, map[string]string{"aws:SourceArn": "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, false},
		"StringLike does not":            {`{"StringLike": {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}}`, map[string]string{"aws:SourceArn": "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, true},
		"ArnNotLike absent":              {`{"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::x"}}`, nil, true},
		"ArnLike of no ARN":              {`{"ArnLike": {"aws:SourceArn": "*"}}`, map[string]string{"aws:SourceArn": "x"}, false},
		"ArnNotEquals same":              {`{"ArnNotEquals": {"aws:SourceArn": "arn:aws:s3:::x"}}`, map[string]string{"aws:SourceArn": "arn:aws:s3:::x"}, false},
		"Bool":                           {`{"Bool": {"aws:SecureTransport": "false"}}`, map[string]string{"aws:SecureTransport": "false"}, true},
		"Bool as a JSON boolean":         {`{"Bool": {"aws:SecureTransport": false}}`, map[string]string{"aws:SecureTransport": "false"}, true},
		"SecureTransport is assumed":     {`{"Bool": {"aws:SecureTransport": "true"}}`, nil, true},
		"Null true when absent":          {`{"Null": {"a:b": "true"}}`, nil, true},
		"Null true when present":         {`{"Null": {"a:b": "true"}}`, map[string]string{"a:b": "x"}, false},
		"Null false when present":        {`{"Null": {"a:b": false}}`, map[string]string{"a:b": "x"}, true},
		"NumericLessThanEquals equal":    {`{"NumericLessThanEquals": {"s3:max-keys": "10"}}`, map[string]string{"s3:max-keys": "10"}, true},
		"NumericLessThan equal":          {`{"NumericLessThan": {"s3:max-keys": 10}}`, map[string]string{"s3:max-keys": "10"}, false},
		"NumericGreaterThan is no text":  {`{"NumericGreaterThan": {"s3:max-keys": "9"}}`, map[string]string{"s3:max-keys": "10"}, true},
		"NumericGreaterThanEquals less":  {`{"NumericGreaterThanEquals": {"s3:max-keys": "9.5"}}`, map[string]string{"s3:max-keys": "9"}, false},
		"NumericEquals spells otherwise": {`{"NumericEquals": {"s3:max-keys": "10"}}`, map[string]string{"s3:max-keys": "10.0"}, true},
		"NumericNotEquals":               {`{"NumericNotEquals": {"s3:max-keys": "10"}}`, map[string]string{"s3:max-keys": "10.0"}, false},
		"NumericEquals of no number":     {`{"NumericEquals": {"s3:max-keys": "10"}}`, map[string]string{"s3:max-keys": "ten"}, false},
		"DateLessThan before":            {`{"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:01Z"}}`, nil, true},
		"DateLessThan at":                {`{"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}`, nil, false},
		"DateLessThanEquals zone":        {`{"DateLessThanEquals": {"aws:CurrentTime": "2026-03-01T13:00:00+01:00"}}`, nil, true},
		"DateGreaterThan day":            {`{"DateGreaterThan": {"aws:CurrentTime": "2026-03-01"}}`, nil, true},
		"DateGreaterThanEquals later":    {`{"DateGreaterThanEquals": {"aws:CurrentTime": "2026-03-02"}}`, nil, false},
		"DateEquals":                     {`{"DateEquals": {"aws:CurrentTime": "2026-03-01T12:00Z"}}`, nil, true},
		"DateNotEquals":                  {`{"DateNotEquals": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}`, nil, false},
		"Date as seconds since 1970":     {`{"DateLessThan": {"aws:EpochTime": "1893456000"}}`, nil, true},
		"IpAddress in range":             {`{"IpAddress": {"aws:SourceIp": ["2001:db8::/32", "203.0.113.0/24"]}}`, map[string]string{"aws:SourceIp": "203.0.113.9"}, true},
		"IpAddress single":               {`{"IpAddress": {"aws:SourceIp": "203.0.113.9"}}`, map[string]string{"aws:SourceIp": "203.0.113.10"}, false},
		"IpAddress mapped to v6":         {`{"IpAddress": {"aws:SourceIp": "203.0.113.9/31"}}`, map[string]string{"aws:SourceIp": "::ffff:203.0.113.8"}, true},
		"NotIpAddress":                   {`{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, map[string]string{"aws:SourceIp": "198.51.100.1"}, true},
		"NotIpAddress in range":          {`{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, map[string]string{"aws:SourceIp": "203.0.113.1"}, false},
		"ForAllValues one":               {`{"ForAllValues:StringLike": {"a:b": ["x*", "y"]}}`, map[string]string{"a:b": "xx"}, true},
		"ForAllValues other":             {`{"ForAllValues:StringLike": {"a:b": "x*"}}`, map[string]string{"a:b": "y"}, false},
		"ForAllValues of no value":       {`{"ForAllValues:StringEquals": {"a:b": "x"}}`, nil, true},
		"ForAnyValue one":                {`{"ForAnyValue:StringEquals": {"a:b": ["x", "y"]}}`, map[string]string{"a:b": "y"}, true},
		"ForAnyValue of no value":        {`{"ForAnyValue:StringEquals": {"a:b": "x"}}`, nil, false},
		"ForAnyValue Not of no value":    {`{"ForAnyValue:StringNotEquals": {"a:b": "x"}}`, nil, false},
		"ForAnyValue IfExists absent":    {`{"ForAnyValue:StringEqualsIfExists": {"a:b": "x"}}`, nil, true},
		"variable":                       {`{"StringEquals": {"a:account": "${aws:PrincipalAccount}"}}`, map[string]string{"a:account": "123456789012"}, true},
		"variable without a value":       {`{"StringNotEquals": {"a:b": "${aws:username}"}}`, map[string]string{"a:b": "x"}, false},
		"variable of the request":        {`{"StringLike": {"a:b": "${a:c}/*"}}`, map[string]string{"a:b": "x/y", "A:C": "x"}, true},
		"its value has no wildcards":     {`{"StringLike": {"a:b": "${a:c}"}}`, map[string]string{"a:b": "x", "a:c": "*"}, false},
		"PrincipalArn is the role's":     {`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/writer"}}`, nil, true},
		"PrincipalType":                  {`{"StringEquals": {"aws:PrincipalType": "AssumedRole"}}`, nil, true},
		"userid ends with the session":   {`{"StringLike": {"aws:userid": "AROA*:test-session"}}`, nil, true},
		"RequestedRegion":                {`{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}`, nil, true},
		"TokenIssueTime":                 {`{"DateEquals": {"aws:TokenIssueTime": "2026-03-01T12:00:00Z"}}`, nil, true},
		"the caller cannot pass itself":  {`{"StringEquals": {"aws:PrincipalAccount": "999999999999"}}`, map[string]string{"aws:PrincipalAccount": "999999999999"}, false},
		"no condition":                   {`{}`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := assumed(t, newAccount(t), `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*",
				"Resource": "*", "Condition": `+c.condition+`}]}`)
			err := s.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream, Context: c.context})
			assert.Equal(t, c.holds, err == nil, "%v", err)
		})
	}
}

func TestADecisionThatAConditionKeyMadeIsNotCached(t *testing.T) {
	s := assumed(t, newAccount(t), allow(`"*"`, `"*"`), `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*",
		"Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`)
	ask := func(secure string) error {
		return s.Authorize(iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k",
			Context: map[string]string{"aws:SecureTransport": secure}})
	}
	for range 2 {
		assert.NoError(t, ask("true"))
		assert.Error(t, ask("false"))
	}
}
