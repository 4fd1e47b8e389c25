package provider

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
)

func policyDocumentArguments() properties {
	const noMerging = "documents are not merged; give all statements to one call"
	identifiers := list(object(properties{
		"type":        text(required),
		"identifiers": list(text(), required),
	}))
	return properties{
		"policyId": text(),
		"version":  text(byDefault("2012-10-17"), oneOf("2008-10-17", "2012-10-17")),
		"statements": list(object(properties{
			"sid":           text(),
			"effect":        text(byDefault("Allow"), oneOf("Allow", "Deny")),
			"actions":       list(text()),
			"notActions":    list(text()),
			"resources":     list(text()),
			"notResources":  list(text()),
			"principals":    identifiers,
			"notPrincipals": identifiers,
			"conditions": list(object(properties{
				"test":     text(required),
				"variable": text(required),
				"values":   list(text(), required),
			})),
		})),
		"sourcePolicyDocuments":   rejected(noMerging),
		"overridePolicyDocuments": rejected(noMerging),
		"sourceJson":              rejected(noMerging),
		"overrideJson":            rejected(noMerging),
	}
}

type policyDocumentConfig struct {
	PolicyID   string
	Version    string
	Statements []struct {
		Sid           string
		Effect        string
		Actions       []string
		NotActions    []string
		Resources     []string
		NotResources  []string
		Principals    []policyPrincipal
		NotPrincipals []policyPrincipal
		Conditions    []struct {
			Test     string
			Variable string
			Values   []string
		}
	}
}

type policyPrincipal struct {
	Type        string
	Identifiers []string
}

// policyStatement is a statement in the order of terraform-provider-aws.
type policyStatement struct {
	Sid          string                    `json:"Sid,omitempty"`
	Effect       string                    `json:"Effect"`
	Action       any                       `json:"Action,omitempty"`
	NotAction    any                       `json:"NotAction,omitempty"`
	Resource     any                       `json:"Resource,omitempty"`
	NotResource  any                       `json:"NotResource,omitempty"`
	Principal    any                       `json:"Principal,omitempty"`
	NotPrincipal any                       `json:"NotPrincipal,omitempty"`
	Condition    map[string]map[string]any `json:"Condition,omitempty"`
}

// policyDocument writes a policy document from its parts, as the function getPolicyDocument of pulumi-aws does: sets
// with one element become texts, others sorted lists.
func policyDocument(arguments state) (state, error) {
	in, err := toConfig[policyDocumentConfig](policyDocumentArguments(), arguments)
	if err != nil {
		return nil, err
	}
	document := struct {
		Version   string            `json:"Version"`
		ID        string            `json:"Id,omitempty"`
		Statement []policyStatement `json:"Statement,omitempty"`
	}{Version: in.Version, ID: in.PolicyID}
	seen := map[string]bool{}
	for _, s := range in.Statements {
		if s.Sid != "" && seen[s.Sid] {
			return nil, fmt.Errorf("duplicate Sid (%s)", s.Sid)
		}
		seen[s.Sid] = true
		statement := policyStatement{
			Sid: s.Sid, Effect: s.Effect, Action: oneOrSorted(s.Actions), NotAction: oneOrSorted(s.NotActions),
			Resource: oneOrSorted(s.Resources), NotResource: oneOrSorted(s.NotResources),
			Principal: principals(s.Principals), NotPrincipal: principals(s.NotPrincipals),
		}
		for _, c := range s.Conditions {
			if statement.Condition == nil {
				statement.Condition = map[string]map[string]any{}
			}
			if statement.Condition[c.Test] == nil {
				statement.Condition[c.Test] = map[string]any{}
			}
			statement.Condition[c.Test][c.Variable] = oneOrSorted(c.Values)
		}
		document.Statement = append(document.Statement, statement)
	}
	written, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the document: %w", err)
	}
	short, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encoding the document: %w", err)
	}
	return merge(arguments, state{
		"json": string(written), "minifiedJson": string(short),
		"id": fmt.Sprint(crc32.ChecksumIEEE(written)),
	}), nil
}

// oneOrSorted is how a set is written: nil, its element, or a list.
func oneOrSorted(values []string) any {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return values[0]
	}
	list := slices.Clone(values)
	slices.Sort(list)
	return slices.Compact(list)
}

// principals are written as "*", or by their type.
func principals(given []policyPrincipal) any {
	byType := map[string][]string{}
	for _, p := range given {
		if p.Type == "*" && slices.Equal(p.Identifiers, []string{"*"}) && len(given) == 1 {
			return "*"
		}
		byType[p.Type] = append(byType[p.Type], p.Identifiers...)
	}
	if len(byType) == 0 {
		return nil
	}
	written := map[string]any{}
	for kind, identifiers := range byType {
		written[kind] = oneOrSorted(identifiers)
	}
	return written
}
