package provider

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// randomDigits is the number of hexadecimal digits at the end of a name that the program leaves to the provider.
const randomDigits = 7

// naming is how a resource type gets its physical name when the program gives none: the resource's name in the
// program, "-" and random digits, the same for the same seed (pulumi-terraform-bridge, AutoName).
type naming struct {
	property string
	// prefix is the property for the beginning of a name that is generated; empty: there is none.
	prefix string
	// longest is the number of characters that a name may have.
	longest int
	// transform is applied to the resource's name first; nil: nothing is.
	transform func(string) string
}

// name returns the name for a resource whose program gives none; "" if it is to have none of the provider's making.
func (n *naming) name(req plugin.CheckRequest) (string, error) {
	if n.prefix != "" && !isAbsent(req.News[resource.PropertyKey(n.prefix)]) {
		return "", nil
	}
	if old, ok := plainValue(req.Olds[resource.PropertyKey(n.property)]).(string); ok && wasFilledIn(req.Olds, n.property) {
		return old, nil
	}
	if options := req.Autonaming; options != nil {
		if options.Mode == plugin.AutonamingModeDisabled {
			return "", fmt.Errorf("%s is required: the stack's settings switch automatic names off", n.property)
		}
		if options.ProposedName != "" {
			return n.check(options.ProposedName)
		}
	}
	base := req.URN.Name()
	if n.transform != nil {
		base = n.transform(base)
	}
	name, err := resource.NewUniqueName(req.RandomSeed, base+"-", randomDigits, n.longest, nil)
	if err != nil {
		return "", fmt.Errorf("making a name for %s: %w", n.property, err)
	}
	return name, nil
}

func (n *naming) check(name string) (string, error) {
	if len(name) > n.longest {
		return "", fmt.Errorf("the name %q that the stack's settings make for %s is longer than %d characters",
			name, n.property, n.longest)
	}
	return name, nil
}

// wasFilledIn reports whether an earlier Check filled in the property.
func wasFilledIn(inputs resource.PropertyMap, name string) bool {
	filled, ok := plainValue(inputs[defaultsKey]).([]any)
	return ok && slices.Contains(filled, any(name))
}

// namesItself reports whether the program gives the resource its physical name. Then a replacement would collide with
// the resource that it replaces, and the old one has to go first.
func (n *naming) namesItself(inputs resource.PropertyMap) bool {
	if n == nil || isAbsent(inputs[resource.PropertyKey(n.property)]) {
		return false
	}
	_, noted := inputs[defaultsKey]
	return noted && !wasFilledIn(inputs, n.property)
}

// uniqueNames counts the names generated from a prefix.
var uniqueNames atomic.Uint32

// physicalName returns the name in a resource's properties; empty if the type has none.
func (n *naming) physicalName(properties state) string {
	if n == nil {
		return ""
	}
	name, _ := known[string](properties, n.property)
	return name
}

// addPrefixed adds the name that a program leaves to a prefix: the time to a tenth of a millisecond and 8 digits that
// count up, as terraform-plugin-sdk does (id.PrefixedUniqueId).
func (n *naming) addPrefixed(s services, in state) state {
	if n == nil || n.prefix == "" || isSet(in, n.property) {
		return in
	}
	prefix, _ := known[string](in, n.prefix)
	return merge(in, state{n.property: prefixed(s, prefix)})
}

func prefixed(s services, prefix string) string {
	at := s.Clock.Now().UTC().Format("20060102150405.0000")
	return fmt.Sprintf("%s%s%s%08x", prefix, at[:14], at[15:], uniqueNames.Add(1))
}
