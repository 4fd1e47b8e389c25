package provider

import (
	"errors"
	"fmt"
	"reflect"

	"ingest-pipeline/local/aws/awserr"
)

// restore puts the resources of the table back into the cloud, in the order in which they were created. A resource may
// have been updated since to need one that was created later (a stage gets a new deployment); what is refused is
// therefore tried again when the others are back, until nothing more comes back.
//
// Only AWS's refusals are left over as problems. Any other failure, such as a port that somebody else has taken, ends
// it: what is wrong is then with this machine, and everything that depends on it would follow.
func (p *provider) restore() ([]Problem, error) {
	waiting := p.services.resources.all()
	for {
		var refused []*record
		var problems []Problem
		for _, was := range waiting {
			err := p.bringBack(was)
			if err == nil {
				continue
			}
			problem := Problem{Type: was.Type, Name: was.Name, ID: was.ID, Err: err}
			var refusal *awserr.Error
			if !errors.As(err, &refusal) {
				return nil, fmt.Errorf("bringing back %s %q (%s): %w", was.Type, was.Name, was.ID, err)
			}
			refused = append(refused, was)
			if !was.Forgotten {
				problems = append(problems, problem)
			}
		}
		if len(refused) == 0 || len(refused) == len(waiting) {
			return problems, nil
		}
		waiting = refused
	}
}

func (p *provider) bringBack(was *record) error {
	r := p.types[was.Type]
	var out state
	var err error
	id := was.ID
	switch {
	case !r.persisted:
		id, out, err = r.life.put(p.services, was.Inputs, was)
	case r.life.read != nil:
		out, err = r.life.read(p.services, was)
	}
	if err != nil {
		return err
	}
	if id != was.ID {
		return fmt.Errorf("it came back as %s", id)
	}
	// An output can be another one than before, such as the address of an endpoint.
	is, err := r.record(was.Name, id, was.Inputs, merged(was.Outputs, out))
	if err != nil || reflect.DeepEqual(is.Outputs, was.Outputs) {
		return err
	}
	is.Forgotten = was.Forgotten
	return p.services.resources.put(r, is)
}
