package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Simulation is a request whose decision the policy simulator explains. Documented: API_SimulatePrincipalPolicy.
type Simulation struct {
	// Action and Resource are those of a Request.
	Action, Resource string
	// Context holds the condition keys of the request, in any case. The simulator adds those that follow from the
	// caller, the time and the Region, and no others.
	Context map[string]string
	// Policies are evaluated besides those of the role. Results call them by their place, "PolicyInputList.1".
	Policies []*Policy
}

// SimulationResult is what the policy simulator says.
type SimulationResult struct {
	Decision Decision
	// Matched are the statements that decided: those that deny, or else those that allow.
	Matched []MatchedStatement
	// MissingContextKeys are the condition keys and variables of the policies that have no value in the request, in
	// lower case, sorted.
	MissingContextKeys []string
}

// MatchedStatement is a statement of a policy.
type MatchedStatement struct {
	// PolicyID is "role_<role>_<policy>" for an inline policy, the name of a managed one, or "PolicyInputList.<n>".
	PolicyID string
	// Start and End are the statement's place in the policy's document.
	Start, End Position
}

// Position is a place in a document, from 1; columns are characters.
type Position struct{ Line, Column int }

// SimulatePrincipal simulates a request of a role: its own policies and those of the simulation decide. Errors:
// NoSuchEntity.
func (s *Service) SimulatePrincipal(roleName string, simulation Simulation) (SimulationResult, error) {
	s.mu.RLock()
	r, err := s.role(roleName)
	if err != nil {
		s.mu.RUnlock()
		return SimulationResult{}, err
	}
	rec := r.record
	s.mu.RUnlock()
	var policies []simulatedPolicy
	for _, name := range slices.Sorted(maps.Keys(rec.Policies)) {
		policy, err := parsePolicy(rec.Policies[name], identityPolicy)
		if err != nil {
			return SimulationResult{}, err
		}
		policies = append(policies, simulatedPolicy{"role_" + r.name + "_" + name, policy})
	}
	for _, arn := range rec.Attached {
		policy, err := managedPolicy(s.account.Partition, arn)
		if err != nil {
			return SimulationResult{}, err
		}
		policies = append(policies, simulatedPolicy{arn[strings.LastIndexByte(arn, '/')+1:], policy})
	}
	caller := Principal{account: s.account.ID, arn: r.arn, role: r.arn, id: r.id}
	return s.simulate(caller, append(policies, inputPolicies(simulation)...), simulation), nil
}

// SimulateCustom simulates a request that the simulation's own policies decide.
func (s *Service) SimulateCustom(simulation Simulation) SimulationResult {
	return s.simulate(Root(s.account), inputPolicies(simulation), simulation)
}

// ParseIdentityPolicy is ParsePolicy for a policy that belongs to an identity.
func ParseIdentityPolicy(document string) (*Policy, error) {
	return parsePolicy(document, identityPolicy)
}

// simulatedPolicy is a policy by the name that results call it. "role_…_…" and the names of managed policies are
// recorded in output of the AWS CLI that people published, "PolicyInputList.1" in the AWS CLI's own examples.
type simulatedPolicy struct {
	id string
	*Policy
}

func inputPolicies(simulation Simulation) []simulatedPolicy {
	policies := make([]simulatedPolicy, len(simulation.Policies))
	for i, policy := range simulation.Policies {
		policies[i] = simulatedPolicy{fmt.Sprintf("PolicyInputList.%d", i+1), policy}
	}
	return policies
}

func (s *Service) simulate(caller Principal, policies []simulatedPolicy, simulation Simulation) SimulationResult {
	q := &query{
		principal: caller, action: simulation.Action, resource: simulation.Resource, context: simulation.Context,
		service: s, simulated: true,
	}
	var result SimulationResult
	missing := map[string]bool{}
	for _, policy := range policies {
		for _, st := range policy.statements {
			for _, key := range st.contextKeys() {
				if _, present := q.value(key); !present {
					missing[key] = true
				}
			}
			decision := Allow
			if st.deny {
				decision = ExplicitDeny
			}
			if decision < result.Decision || !st.concerns(q, namedItself) || !st.conditionsHold(q) {
				continue
			}
			if decision > result.Decision {
				result.Decision, result.Matched = decision, nil
			}
			result.Matched = append(result.Matched, MatchedStatement{
				PolicyID: policy.id, Start: policy.position(st.begin), End: policy.position(st.end),
			})
		}
	}
	result.MissingContextKeys = slices.Sorted(maps.Keys(missing))
	return result
}

// contextKeys are the condition keys and policy variables of a statement.
func (s *statement) contextKeys() []string {
	var keys []string
	for _, c := range s.conditions {
		keys = append(keys, c.key)
		keys = append(keys, c.variables...)
	}
	for _, p := range slices.Concat(s.actions, s.resources) {
		keys = append(keys, p.variables()...)
	}
	return keys
}

func (p pattern) variables() []string {
	var keys []string
	for _, part := range p.parts {
		if part.variable != "" && !part.hasDefault {
			keys = append(keys, part.variable)
		}
	}
	return keys
}

// position is an offset in the document as the simulator counts: a statement begins behind the bracket in front of it
// and ends behind its own. The first statement of a policy is recorded (the AWS CLI's examples of
// simulate-custom-policy and simulate-principal-policy); that others begin behind the one before is assumed.
func (p *Policy) position(offset int) Position {
	before := p.document[:offset]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return Position{Line: strings.Count(before, "\n") + 1, Column: len([]rune(line)) + 1}
}
