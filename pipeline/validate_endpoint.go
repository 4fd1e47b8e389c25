package pipeline

import (
	"fmt"
	"net/netip"
	"regexp"
)

// A part of the names of resources.
var apiKeyNamePattern = regexp.MustCompile(`^[a-z0-9-]{1,30}$`)

// As a browser sends it in Origin: no path, no slash at the end.
var originPattern = regexp.MustCompile(`^https?://[a-z0-9.-]+(:[0-9]{1,5})?$`)

func (a PipelineArgs) checkEndpoint(check *checker) {
	check.between("throttle.requestsPerSecond", a.Throttle.RequestsPerSecond, 1, 10000,
		"requests/s (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.between("throttle.burst", a.Throttle.Burst, 1, 5000,
		"requests (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.oneOf("access", a.Access, "AWS_IAM requires signed requests, API_KEY a key, NONE nothing",
		AccessNone, AccessAPIKey, AccessIAM)
	for _, cidr := range a.AllowedSourceCIDRs {
		if prefix, err := netip.ParsePrefix(cidr); err != nil || prefix != prefix.Masked() {
			check.add("allowedSourceCidrs", cidr,
				"must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")
		}
	}
	for _, origin := range a.CORSAllowedOrigins {
		switch {
		case origin == "*" && len(a.CORSAllowedOrigins) > 1:
			check.add("corsAllowedOrigins", a.CORSAllowedOrigins,
				"must be * alone or a list of origins (* already allows every page); remove one or the other")
		case origin != "*" && !originPattern.MatchString(origin):
			check.add("corsAllowedOrigins", origin,
				"must be an origin as browsers send it (scheme, host and port, in small letters, no slash at the end); "+
					"for example https://www.example.com")
		}
	}
	if a.EventGenerator && a.Access != AccessNone && !check.skip["access"] && !check.skip["eventGenerator"] {
		check.add("eventGenerator", a.EventGenerator,
			"must be false with access = %s (its curl has neither key nor credentials); set access = NONE for practice", a.Access)
	}
}

func (a PipelineArgs) checkAPIKeys(check *checker) {
	if a.Access == AccessAPIKey && len(a.APIKeys) == 0 {
		check.add("apiKeys", "[]", "must have at least one key with access = API_KEY; for example {name: default, requestsPerDay: 1000000}")
	}
	names := map[string]bool{}
	for i, key := range a.APIKeys {
		path := fmt.Sprintf("apiKeys[%d].", i)
		check.matches(path+"name", key.Name, apiKeyNamePattern, "1–30 of a–z, 0–9 and - (it is part of the names of resources); choose another name")
		if names[key.Name] && key.Name != "" {
			check.add(path+"name", key.Name, "must be unique; choose another name")
		}
		names[key.Name] = true
		check.between(path+"requestsPerDay", key.RequestsPerDay, 1, 1_000_000_000, "requests", "it bounds what a lost key can cost")
		if !check.skip["throttle.requestsPerSecond"] {
			check.between(path+"requestsPerSecond", key.RequestsPerSecond, 0, a.Throttle.RequestsPerSecond,
				"requests/s (throttle.requestsPerSecond allows no more)", "0 is as many as that")
		}
		if !check.skip["throttle.burst"] {
			check.between(path+"burst", key.Burst, 0, a.Throttle.Burst, "requests (throttle.burst allows no more)", "0 is as many as that")
		}
	}
}
