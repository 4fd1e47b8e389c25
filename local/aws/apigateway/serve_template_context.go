package apigateway

import (
	"strconv"
	"strings"
	"time"
)

// scope says where a context variable can be read.
type scope int

const (
	// inTemplates: mapping templates, mappings of parameters, and everywhere else.
	inTemplates scope = iota
	// inGatewayResponses: gateway responses and access logs.
	inGatewayResponses
	// inAccessLogs only.
	inAccessLogs
)

// variable is the value of a context variable for a request; empty where the request has none.
type variable func(*invocation) string

func none(*invocation) string { return "" }

// contextVariables are all of $context that is text: documented (api-gateway-mapping-template-reference,
// api-gateway-variables-for-access-logging). Those without a value here belong to what the local target does not have:
// authorizers, client certificates, custom domains, VPC endpoints and WAF.
var contextVariables = map[string]struct {
	from  scope
	value variable
}{
	"accountId":            {inTemplates, func(v *invocation) string { return v.service.options.Account.ID }},
	"apiId":                {inTemplates, func(v *invocation) string { return v.server.apiID }},
	"awsEndpointRequestId": {inTemplates, none},
	"deploymentId":         {inTemplates, func(v *invocation) string { return v.stage.deploymentID }},
	"domainName":           {inTemplates, func(v *invocation) string { return v.stage.domainName }},
	"domainPrefix":         {inTemplates, func(v *invocation) string { return v.server.apiID }},
	"endpointType":         {inAccessLogs, func(v *invocation) string { return v.stage.endpointType }},
	"extendedRequestId":    {inTemplates, func(v *invocation) string { return v.extendedRequestID }},
	"httpMethod":           {inTemplates, func(v *invocation) string { return v.request.Method }},
	"isCanaryRequest":      {inTemplates, none},
	"path":                 {inTemplates, func(v *invocation) string { return v.path }},
	"protocol":             {inTemplates, func(v *invocation) string { return v.request.Proto }},
	"requestId":            {inTemplates, func(v *invocation) string { return v.requestID }},
	"requestTime":          {inTemplates, (*invocation).requestTime},
	"requestTimeEpoch":     {inTemplates, func(v *invocation) string { return strconv.FormatInt(v.start.UnixMilli(), 10) }},
	"resourceId":           {inTemplates, func(v *invocation) string { return v.method.resourceID }},
	"resourcePath":         {inTemplates, func(v *invocation) string { return v.method.resourcePath }},
	"stage":                {inTemplates, func(v *invocation) string { return v.stage.name }},
	"wafResponseCode":      {inTemplates, none},
	"webaclArn":            {inTemplates, none},

	"authorizer.principalId": {inTemplates, none},

	"customDomain.basePathMatched": {inTemplates, none},

	"identity.accessKey":                     {inTemplates, func(v *invocation) string { return v.identity.accessKey }},
	"identity.accountId":                     {inTemplates, func(v *invocation) string { return v.identity.accountID }},
	"identity.apiKey":                        {inTemplates, func(v *invocation) string { return v.identity.apiKey }},
	"identity.apiKeyId":                      {inTemplates, func(v *invocation) string { return v.identity.apiKeyID }},
	"identity.caller":                        {inTemplates, func(v *invocation) string { return v.identity.userID }},
	"identity.clientCert.clientCertPem":      {inTemplates, none},
	"identity.clientCert.issuerDN":           {inTemplates, none},
	"identity.clientCert.serialNumber":       {inTemplates, none},
	"identity.clientCert.subjectDN":          {inTemplates, none},
	"identity.clientCert.validity.notAfter":  {inTemplates, none},
	"identity.clientCert.validity.notBefore": {inTemplates, none},
	"identity.cognitoAuthenticationProvider": {inTemplates, none},
	"identity.cognitoAuthenticationType":     {inTemplates, none},
	"identity.cognitoIdentityId":             {inTemplates, none},
	"identity.cognitoIdentityPoolId":         {inTemplates, none},
	"identity.principalOrgId":                {inTemplates, none},
	"identity.sourceIp":                      {inTemplates, (*invocation).sourceIP},
	"identity.user":                          {inTemplates, func(v *invocation) string { return v.identity.userID }},
	"identity.userAgent":                     {inTemplates, func(v *invocation) string { return v.request.UserAgent() }},
	"identity.userArn":                       {inTemplates, func(v *invocation) string { return v.identity.userARN }},
	"identity.vpcId":                         {inTemplates, none},
	"identity.vpceId":                        {inTemplates, none},

	"error.message":               {inGatewayResponses, func(v *invocation) string { return v.failure.message }},
	"error.messageString":         {inGatewayResponses, func(v *invocation) string { return quoteJSON(v.failure.message) }},
	"error.responseType":          {inGatewayResponses, func(v *invocation) string { return v.failure.responseType }},
	"error.validationErrorString": {inGatewayResponses, func(v *invocation) string { return v.failure.validation }},

	"authenticate.error":            {inAccessLogs, none},
	"authenticate.latency":          {inAccessLogs, none},
	"authenticate.status":           {inAccessLogs, none},
	"authorize.error":               {inAccessLogs, none},
	"authorize.latency":             {inAccessLogs, none},
	"authorize.status":              {inAccessLogs, none},
	"authorizer.error":              {inAccessLogs, none},
	"authorizer.latency":            {inAccessLogs, none},
	"authorizer.status":             {inAccessLogs, none},
	"integration.error":             {inAccessLogs, func(v *invocation) string { return v.backend.failure }},
	"integration.integrationStatus": {inAccessLogs, (*invocation).integrationStatus},
	"integration.latency":           {inAccessLogs, (*invocation).integrationLatency},
	"integration.requestId":         {inAccessLogs, none},
	"integration.status":            {inAccessLogs, (*invocation).integrationStatus},
	"integrationErrorMessage":       {inAccessLogs, func(v *invocation) string { return v.backend.failure }},
	"integrationLatency":            {inAccessLogs, (*invocation).integrationLatency},
	"integrationStatus":             {inAccessLogs, (*invocation).integrationStatus},
	"responseLatency":               {inAccessLogs, func(v *invocation) string { return milliseconds(v.latency) }},
	"responseLength":                {inAccessLogs, func(v *invocation) string { return strconv.Itoa(len(v.answer.body)) }},
	"status":                        {inAccessLogs, func(v *invocation) string { return strconv.Itoa(v.answer.status) }},
	"waf.error":                     {inAccessLogs, none},
	"waf.latency":                   {inAccessLogs, none},
	"waf.status":                    {inAccessLogs, none},
	"xrayTraceId":                   {inAccessLogs, (*invocation).xrayTraceID},
}

// contextVariable is a variable that can be read in a scope, or nil.
func contextVariable(name string, in scope) variable {
	found, ok := contextVariables[name]
	if !ok || found.from > in {
		return nil
	}
	return found.value
}

// contextGroups are the names before a dot: $context.identity and so on.
var contextGroups = func() map[string]bool {
	groups := map[string]bool{}
	for name, v := range contextVariables {
		if v.from != inTemplates {
			continue
		}
		for cut := strings.LastIndexByte(name, '.'); cut > 0; cut = strings.LastIndexByte(name[:cut], '.') {
			groups[name[:cut]] = true
		}
	}
	return groups
}()

// requestTime is when the request came, in the form of the Common Log Format.
func (v *invocation) requestTime() string { return v.start.UTC().Format("02/Jan/2006:15:04:05 -0700") }

func (v *invocation) sourceIP() string {
	address := v.request.RemoteAddr
	if cut := strings.LastIndexByte(address, ':'); cut >= 0 {
		address = address[:cut]
	}
	return strings.Trim(address, "[]")
}

func (v *invocation) integrationStatus() string {
	if v.backend.status == 0 {
		return ""
	}
	return strconv.Itoa(v.backend.status)
}

func (v *invocation) integrationLatency() string {
	if v.backend.status == 0 && v.backend.failure == "" {
		return ""
	}
	return milliseconds(v.backend.latency)
}

func (v *invocation) xrayTraceID() string {
	if !v.stage.xray {
		return ""
	}
	for _, field := range strings.Split(v.traceID, ";") {
		if root, ok := strings.CutPrefix(field, "Root="); ok {
			return root
		}
	}
	return ""
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
