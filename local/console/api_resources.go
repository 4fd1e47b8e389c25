package console

import (
	"net/http"
	"time"
)

// Deployment is the result of deploying the stack.
type Deployment struct {
	// At is when it ended, Took how long it took.
	At   time.Time
	Took time.Duration
	// Summary is such as "44 created in 1.6s".
	Summary string
	// Problem is why it failed; empty if it did not.
	Problem string
	// Resources are those of the stack, components first.
	Resources []Resource
	// Outputs are what the program exports as text, without secrets.
	Outputs map[string]string
}

// Resource is a resource of the stack.
type Resource struct {
	URN    string `json:"urn"`
	Parent string `json:"parent"`
	// Type is the short type, such as "aws:kinesis:Stream".
	Type string `json:"type"`
	Name string `json:"name"`
	ID   string `json:"id"`
	// Change is what the last deployment did to it: "created", "updated", …; empty: nothing.
	Change string `json:"change"`
	// Differences are the lines that `up` prints.
	Differences []string       `json:"differences"`
	Inputs      map[string]any `json:"inputs"`
	Outputs     map[string]any `json:"outputs"`
}

// deploymentSummary is what the top of the page shows.
type deploymentSummary struct {
	At      time.Time `json:"at"`
	Summary string    `json:"summary"`
	Problem string    `json:"problem"`
}

func (d Deployment) summary() deploymentSummary {
	return deploymentSummary{d.At, d.Summary, d.Problem}
}

// resourceTree is what the page shows of a deployment.
type resourceTree struct {
	Summary   *deploymentSummary `json:"summary"`
	Resources []Resource         `json:"resources"`
	Outputs   map[string]string  `json:"outputs"`
}

func (s *Server) getResources(*http.Request) (any, error) {
	tree := resourceTree{Resources: []Resource{}, Outputs: map[string]string{}}
	if d := s.deployment.Load(); d != nil {
		summary := d.summary()
		tree.Summary = &summary
		if d.Outputs != nil {
			tree.Outputs = d.Outputs
		}
		if d.Resources != nil {
			tree.Resources = d.Resources
		}
		return tree, nil
	}
	if s.options.Resources == nil {
		return tree, nil
	}
	resources, err := s.options.Resources()
	if err != nil {
		return nil, err
	}
	tree.Resources = append(tree.Resources, resources...)
	return tree, nil
}
