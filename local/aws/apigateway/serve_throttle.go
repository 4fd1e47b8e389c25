package apigateway

import (
	"fmt"

	"golang.org/x/time/rate"
)

// admit checks the request's API key, and whether the key, the method and the account may have one more request now.
// The order of the throttles is documented (api-gateway-request-throttling), that of key and throttles assumed
// from execution logs.
func (v *invocation) admit() bool {
	return v.checkKey() && v.checkBuckets()
}

// checkKey checks the API key of a method that requires one: documented (api-gateway-setup-api-key-with-console,
// api-gateway-api-usage-plans). The lines of the log are quoted in issue threads and published logs, except that for a
// quota.
func (v *invocation) checkKey() bool {
	plan := v.planOfKey()
	v.log.usagePlan(v)
	if !v.method.keyRequired {
		return true
	}
	if plan == nil {
		return v.fail(failure{
			responseType: "INVALID_API_KEY", message: "Forbidden", quiet: true,
			log: fmt.Sprintf("API Key %s not authorized because method '%s %s' requires API Key and API Key is not associated with a Usage Plan for API Stage %s/%s: No Usage Plan found for key and API Stage",
				maskSecret(v.identity.apiKey), v.method.httpMethod, v.method.resourcePath, v.server.apiID, v.stage.name),
		})
	}
	bucket, ok := plan.methods[v.method.key]
	if !ok {
		bucket = plan.bucket
	}
	if bucket != nil && !v.allow(bucket) {
		return v.failThrottled("Key", bucket)
	}
	if plan.quota != nil && !v.service.usage.countRequest(plan.planID, v.identity.apiKeyID, *plan.quota) {
		return v.fail(failure{
			responseType: "QUOTA_EXCEEDED", message: "Limit Exceeded", quiet: true,
			log: fmt.Sprintf("API Key %s usage exceeded for Usage Plan %s and API Stage %s/%s",
				maskSecret(v.identity.apiKey), plan.planID, v.server.apiID, v.stage.name),
		})
	}
	return true
}

// planOfKey is the usage plan that opens the stage to the request's key, or nil.
func (v *invocation) planOfKey() *planUsage {
	sent := v.request.Header["X-Api-Key"]
	if len(sent) == 0 {
		return nil
	}
	v.identity.apiKey = sent[len(sent)-1]
	key := v.service.usageTable.Load().keys[v.identity.apiKey]
	if key == nil || !key.Enabled {
		return nil
	}
	v.identity.apiKeyID = key.ID
	return key.plans[v.stage.id]
}

// checkBuckets removes a token for the request from the method's bucket and the account's.
func (v *invocation) checkBuckets() bool {
	if bucket := v.method.bucket; bucket != nil && !v.allow(bucket) {
		return v.failThrottled("Method", bucket)
	}
	if account := v.service.throttle; !v.allow(account) {
		return v.failThrottled("Account", account)
	}
	return true
}

func (v *invocation) allow(bucket *rate.Limiter) bool {
	return bucket.Limit() == rate.Inf || bucket.AllowN(v.start, 1)
}

// failThrottled refuses a request over a limit. Its line is seen in published logs for keys, and assumed to be alike for
// methods and the account.
func (v *invocation) failThrottled(what string, bucket *rate.Limiter) bool {
	return v.fail(failure{
		responseType: "THROTTLED", message: "Too Many Requests", quiet: true,
		log: fmt.Sprintf("%s throttle limit exceeded for RestApi %s, Stage %s, Resource %s, HttpMethod %s. Limit: %.2f Burst: %d",
			what, v.server.apiID, v.stage.name, v.method.resourceID, v.method.httpMethod, float64(bucket.Limit()), bucket.Burst()),
	})
}

// maskSecret leaves the last six characters of a secret to be seen, as published execution logs do.
func maskSecret(secret string) string {
	hidden := []byte(secret)
	for i := 0; i < len(hidden)-6; i++ {
		hidden[i] = '*'
	}
	return string(hidden)
}

// bucketKey identifies a method of a stage: its path and HTTP method are "/v1/POST".
type bucketKey struct{ stage, method string }

// bucket is the token bucket of a method, or nil if the method has no limit of its own. Settings of "*/*" give each method
// its own bucket: documented (api-gateway-request-throttling). A bucket is replaced only when its limits change.
func (srv *server) bucket(key bucketKey, settings MethodSettings) *rate.Limiter {
	limit, burst := rate.Limit(-1), -1
	if settings.ThrottlingRateLimit != nil {
		limit = rate.Limit(*settings.ThrottlingRateLimit)
	}
	if settings.ThrottlingBurstLimit != nil {
		burst = *settings.ThrottlingBurstLimit
	}
	if limit < 0 && burst < 0 {
		delete(srv.buckets, key)
		return nil
	}
	if limit < 0 {
		limit = defaultThrottleRate
	}
	if burst < 0 {
		burst = defaultThrottleBurst
	}
	bucket := srv.buckets[key]
	if bucket == nil || bucket.Limit() != limit || bucket.Burst() != burst {
		bucket = rate.NewLimiter(limit, burst)
		srv.buckets[key] = bucket
	}
	return bucket
}
