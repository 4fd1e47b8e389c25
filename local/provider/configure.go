package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/peer"

	"ingest-pipeline/local/aws/iam"
)

// How the provider's settings that are about reaching AWS are treated.
const (
	noCredentials = "the local target asks for no credentials"
	noNetwork     = "the local target calls no service over the network"
	oneAccount    = "the local target has one account, without other ways into it"
)

// providerSettings are the settings of pulumi-aws (the stack's aws:… settings, or an explicit provider's arguments).
func providerSettings() properties {
	settings := properties{
		"region":              text(),
		"allowedAccountIds":   list(text()),
		"forbiddenAccountIds": list(text()),
		"defaultTags":         object(properties{"tags": mapping(text())}),
		// The engine adds the version of the provider that the program requires.
		"version": text(inert("there is one version of the local target's provider")),

		"assumeRole":                rejected(oneAccount),
		"assumeRoleWithWebIdentity": rejected(oneAccount),
		"ignoreTags":                rejected("nothing but the program sets tags in the local target"),
		"endpoints":                 rejected("the services are those of the local target"),
	}
	for _, name := range []string{"accessKey", "secretKey", "token", "profile", "ec2MetadataServiceEndpoint",
		"ec2MetadataServiceEndpointMode", "customCaBundle"} {
		settings[name] = text(inert(noCredentials))
	}
	for _, name := range []string{"sharedConfigFiles", "sharedCredentialsFiles"} {
		settings[name] = list(text(), inert(noCredentials))
	}
	for _, name := range []string{"skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
		"skipRequestingAccountId"} {
		settings[name] = boolean(inert(noCredentials))
	}
	for _, name := range []string{"httpProxy", "httpsProxy", "noProxy", "retryMode", "s3UsEast1RegionalEndpoint",
		"stsRegion"} {
		settings[name] = text(inert(noNetwork))
	}
	for _, name := range []string{"insecure", "s3UsePathStyle", "useDualstackEndpoint", "useFipsEndpoint"} {
		settings[name] = boolean(inert(noNetwork))
	}
	for _, name := range []string{"maxRetries", "tokenBucketRateLimiterCapacity"} {
		settings[name] = integer(inert(noNetwork))
	}
	return settings
}

// CheckConfig validates the provider's settings: those that the local target cannot follow are refused by name.
func (p *provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	failures, _ := checkSettings(req.News, p.services.Account, req.URN.Name())
	if len(failures) > 0 {
		return plugin.CheckConfigResponse{Failures: failures}, nil
	}
	return plugin.CheckConfigResponse{Properties: req.News}, nil
}

// DiffConfig reports whether settings have changed. None that can change here replaces the provider.
func (p *provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	diff := plugin.DiffResult{Changes: plugin.DiffNone}
	differences := compare(providerSettings(), plainSettings(req.OldInputs), plainSettings(req.NewInputs))
	if len(differences) > 0 {
		diff.Changes, diff.DetailedDiff = plugin.DiffSome, differences
	}
	return diff, nil
}

// Configure takes the provider's settings for the connection that they come over: each provider of a program, and the
// one that is in the stack's state, has its own.
func (p *provider) Configure(ctx context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	failures, in := checkSettings(req.Inputs, p.services.Account, "aws")
	if len(failures) > 0 {
		return plugin.ConfigureResponse{}, fmt.Errorf("configuring the aws provider: %s", failures[0].Reason)
	}
	p.settings.set(ctx, newSettings(in))
	if err := p.creations.forgetEarlier(); err != nil {
		return plugin.ConfigureResponse{}, fmt.Errorf("configuring the aws provider: forgetting earlier creations: %w", err)
	}
	return plugin.ConfigureResponse{}, nil
}

// checkSettings reports problems of the provider's settings.
func checkSettings(given resource.PropertyMap, account iam.Account, name string) ([]plugin.CheckFailure, state) {
	c := &checker{token: "pulumi:providers:aws", resource: name}
	checked, _ := c.object(nil, providerSettings(), decodeSettings(given))
	in := plainValues(checked)
	if region, ok := known[string](in, "region"); ok && region != account.Region {
		c.fail(resource.PropertyPath{"region"}, "region = %q: the local target was started for the region %s",
			region, account.Region)
	}
	if allowed, ok := known[[]any](in, "allowedAccountIds"); ok && len(allowed) > 0 && !hasUnknown(allowed) &&
		!slices.Contains(allowed, any(account.ID)) {
		c.fail(resource.PropertyPath{"allowedAccountIds"},
			"allowedAccountIds does not have the local target's account %s", account.ID)
	}
	if forbidden, ok := known[[]any](in, "forbiddenAccountIds"); ok && slices.Contains(forbidden, any(account.ID)) {
		c.fail(resource.PropertyPath{"forbiddenAccountIds"},
			"forbiddenAccountIds has the local target's account %s", account.ID)
	}
	return c.sortedFailures(), in
}

// decodeSettings decodes settings: a value that is not a string may arrive as a string of its JSON.
func decodeSettings(given resource.PropertyMap) resource.PropertyMap {
	settings := providerSettings()
	values := resource.PropertyMap{}
	for key, value := range given {
		values[key] = value
		p, isKnown := settings[string(key)]
		encoded, isText := plainValue(value).(string)
		if !isKnown || !isText || p.rejected != "" || p.kind == kindString {
			continue
		}
		var inner any
		if json.Unmarshal([]byte(encoded), &inner) == nil {
			values[key] = toProperty(inner)
		}
	}
	return values
}

// plainSettings are the provider's settings as plain values.
func plainSettings(given resource.PropertyMap) state { return plainValues(decodeSettings(given)) }

// settings are the provider's settings that matter here.
type settings struct {
	// defaultTags are added to every resource that has tags; nil: none. unknownTags: they are not known yet.
	defaultTags state
	unknownTags bool
}

func newSettings(in state) *settings {
	s := &settings{}
	switch tags := in["defaultTags"].(type) {
	case unknownValue:
		s.unknownTags = true
	case state:
		s.defaultTags, _ = known[state](tags, "tags")
		s.unknownTags = hasUnknown(tags)
	}
	return s
}

// tag adds the default tags to the tags of a resource, which win (pulumi-aws 6, applyTags).
func (s *settings) tag(inputs resource.PropertyMap) resource.PropertyMap {
	const key = "tags"
	if s == nil || (len(s.defaultTags) == 0 && !s.unknownTags) {
		return inputs
	}
	tagged := inputs.Copy()
	own := inputs[key]
	if s.unknownTags || own.IsComputed() || (own.IsOutput() && !own.OutputValue().Known) {
		tagged[key] = toProperty(unknownValue{})
		return tagged
	}
	isSecret := own.ContainsSecrets()
	all := maps.Clone(s.defaultTags)
	if given, ok := plainValue(own).(state); ok {
		maps.Copy(all, given)
	} else if !isAbsent(own) {
		return inputs // of the wrong shape, which Check will say
	}
	tagged[key] = toProperty(all)
	if isSecret {
		tagged[key] = resource.MakeSecret(tagged[key])
	}
	return tagged
}

// connections are the provider's settings for each connection of an engine.
type connections struct {
	mu     sync.Mutex
	known  map[string]*settings
	latest *settings
}

func newConnections() *connections { return &connections{known: map[string]*settings{}} }

func address(ctx context.Context) string {
	if from, ok := peer.FromContext(ctx); ok && from.Addr != nil {
		return from.Addr.String()
	}
	return ""
}

func (c *connections) set(ctx context.Context, s *settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[address(ctx)] = s
	c.latest = s
}

// of returns the settings of a connection. One that was broken and made again counts as the latest that was
// configured.
func (c *connections) of(ctx context.Context) *settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.known[address(ctx)]; ok {
		return s
	}
	return c.latest
}
