package iamapi

import (
	"context"
	"fmt"
	"regexp"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

type simulationInput struct {
	ActionNames                            []string
	ResourceARNs                           []string `aws:"ResourceArns"`
	PolicyInputList                        []string
	ContextEntries                         []contextEntry
	ResourcePolicy, ResourceHandlingOption *string
	ResourceOwner                          *string
	CallerARN                              *string `aws:"CallerArn"`
	PermissionsBoundaryPolicyInputList     []string
	paging
}

type contextEntry struct {
	ContextKeyName, ContextKeyType string
	ContextKeyValues               []string
}

type simulationOutput struct {
	EvaluationResults []evaluationResult
	page
}

type evaluationResult struct {
	EvalActionName, EvalResourceName, EvalDecision string
	MatchedStatements                              []matchedStatement
	MissingContextValues                           []string
	// ResourceSpecificResults are there if the request names resources: documented (API_EvaluationResult).
	ResourceSpecificResults []resourceResult

	place string // in the list of all results
}

type resourceResult struct {
	EvalResourceName, EvalResourceDecision string
	MatchedStatements                      []matchedStatement
	MissingContextValues                   []string
}

type matchedStatement struct {
	SourcePolicyID             string `aws:"SourcePolicyId"`
	SourcePolicyType           string
	StartPosition, EndPosition iam.Position
}

type simulatePrincipalInput struct {
	PolicySourceARN *string `aws:"PolicySourceArn"`
	simulationInput
}

func (a *api) simulatePrincipalPolicy(_ context.Context, call *protocol.Call, in *simulatePrincipalInput) (*simulationOutput, error) {
	var v constraint.Violations
	v.Required("policySourceArn", in.PolicySourceARN, 20, 2048)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	if err := authorize(call, "SimulatePrincipalPolicy", *in.PolicySourceARN); err != nil {
		return nil, err
	}
	source, ok := iam.ParseRoleARN(*in.PolicySourceARN)
	if !ok {
		// The sentence is assumed. AWS simulates users and groups, too, of which the local target has no policies.
		return nil, awserr.New("InvalidInput", 400, "Invalid Entity Arn: %s does not clearly define entity type and name.", *in.PolicySourceARN)
	}
	return in.run(func(s iam.Simulation) (iam.SimulationResult, error) { return a.iam.SimulatePrincipal(source.Name, s) })
}

func (a *api) simulateCustomPolicy(_ context.Context, call *protocol.Call, in *simulationInput) (*simulationOutput, error) {
	if err := authorize(call, "SimulateCustomPolicy", "*"); err != nil {
		return nil, err
	}
	if in.PolicyInputList == nil {
		var v constraint.Violations
		v.Null("policyInputList")
		return nil, v.Err(invalid)
	}
	return in.run(func(s iam.Simulation) (iam.SimulationResult, error) { return a.iam.SimulateCustom(s), nil })
}

// run simulates each action on each resource.
func (in *simulationInput) run(simulate func(iam.Simulation) (iam.SimulationResult, error)) (*simulationOutput, error) {
	simulation, err := in.check()
	if err != nil {
		return nil, err
	}
	resources := in.ResourceARNs
	if len(resources) == 0 {
		resources = []string{"*"} // documented
	}
	var all []evaluationResult
	for _, action := range in.ActionNames {
		for _, resource := range resources {
			simulation.Action, simulation.Resource = action, resource
			found, err := simulate(simulation)
			if err != nil {
				return nil, err
			}
			result := describeResult(simulation, found, len(in.ResourceARNs) > 0)
			result.place = fmt.Sprintf("%09d", len(all))
			all = append(all, result)
		}
	}
	results, next, err := pageOf(all, func(r evaluationResult) string { return r.place }, in.paging)
	return &simulationOutput{results, next}, err
}

var actionName = regexp.MustCompile(`^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$`)

// check reads what all simulations of a request have in common.
func (in *simulationInput) check() (iam.Simulation, error) {
	var v constraint.Violations
	if in.ActionNames == nil {
		v.Null("actionNames")
	}
	in.paging.check(&v)
	if err := v.Err(invalid); err != nil {
		return iam.Simulation{}, err
	}
	for member, given := range map[string]bool{
		"ResourcePolicy": in.ResourcePolicy != nil, "CallerArn": in.CallerARN != nil,
		"ResourceHandlingOption":             in.ResourceHandlingOption != nil,
		"PermissionsBoundaryPolicyInputList": in.PermissionsBoundaryPolicyInputList != nil,
	} {
		if given {
			return iam.Simulation{}, notEmulated(member)
		}
	}
	for _, action := range in.ActionNames {
		if !actionName.MatchString(action) { // assumed
			return iam.Simulation{}, awserr.New("InvalidInput", 400, "Invalid Action Name: %s", action)
		}
	}
	simulation := iam.Simulation{Context: map[string]string{}}
	for _, entry := range in.ContextEntries {
		if len(entry.ContextKeyValues) != 1 {
			return simulation, notEmulated("a context key without a single value (" + entry.ContextKeyName + ")")
		}
		simulation.Context[entry.ContextKeyName] = entry.ContextKeyValues[0]
	}
	for _, document := range in.PolicyInputList {
		policy, err := iam.ParseIdentityPolicy(document)
		if err != nil {
			// Documented: the code is InvalidInput. The sentence is that of the other actions.
			return simulation, awserr.New("InvalidInput", 400, "%s", err)
		}
		simulation.Policies = append(simulation.Policies, policy)
	}
	return simulation, nil
}

var decisions = map[iam.Decision]string{
	iam.Allow: "allowed", iam.ExplicitDeny: "explicitDeny", iam.ImplicitDeny: "implicitDeny",
}

func describeResult(s iam.Simulation, found iam.SimulationResult, named bool) evaluationResult {
	result := evaluationResult{
		EvalActionName: s.Action, EvalResourceName: s.Resource, EvalDecision: decisions[found.Decision],
		MatchedStatements: []matchedStatement{}, MissingContextValues: []string{},
	}
	for _, m := range found.Matched {
		result.MatchedStatements = append(result.MatchedStatements, matchedStatement{
			SourcePolicyID: m.PolicyID, SourcePolicyType: "IAM Policy", StartPosition: m.Start, EndPosition: m.End,
		})
	}
	missing := append([]string{}, found.MissingContextKeys...)
	if !named {
		result.MissingContextValues = missing
		return result
	}
	result.ResourceSpecificResults = []resourceResult{{
		EvalResourceName: s.Resource, EvalResourceDecision: result.EvalDecision,
		MatchedStatements: result.MatchedStatements, MissingContextValues: missing,
	}}
	return result
}
