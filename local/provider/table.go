package provider

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"ingest-pipeline/local/aws"
)

// tableName is the document of the state folder that holds the table of resources.
const tableName = "resources"

// tableVersion is the version of that document's form.
const tableVersion = 1

// record is one resource that lives in the cloud.
type record struct {
	// Order is the place in the order of creation.
	Order int `json:"order"`
	// Type is the resource's type token, Name its name in the program, ID its id.
	Type string `json:"type"`
	Name string `json:"name"`
	ID   string `json:"id"`
	// Inputs are the settings in force: the program's, the defaults, and those that AWS filled in.
	Inputs state `json:"inputs"`
	// Outputs are all properties.
	Outputs state `json:"outputs"`
	// Forgotten is a resource that the program has let go of and that AWS keeps.
	Forgotten bool `json:"forgotten,omitempty"`
}

// text is an output of a record, "" if there is no record or no such output.
func (was *record) text(name string) string {
	if was == nil {
		return ""
	}
	value, _ := was.Outputs[name].(string) // of another type is as good as none
	return value
}

// table is the resources that live in the cloud, on disk before a call that changes them returns.
type table struct {
	cloud *aws.Cloud
	types registry

	mu      sync.Mutex
	records []*record // in the order of creation
}

// tableDocument is the table as it is on disk.
type tableDocument struct {
	Version   int       `json:"version"`
	Resources []*record `json:"resources"`
}

// openTable reads the table. One that cannot be read is an error that names its file, and stays as it is.
func openTable(c *aws.Cloud, types registry) (*table, error) {
	var content tableDocument
	found, err := c.Load(tableName, &content)
	if err != nil {
		return nil, fmt.Errorf("opening the table of resources: %w", err)
	}
	if found && content.Version != tableVersion {
		return nil, fmt.Errorf("opening the table of resources: %s has the form %d, this program writes form %d",
			c.Path(tableName), content.Version, tableVersion)
	}
	for i, r := range content.Resources {
		if r == nil || types[r.Type] == nil || r.ID == "" || r.Inputs == nil || r.Outputs == nil {
			return nil, fmt.Errorf("opening the table of resources: %s is damaged: resource %d is incomplete or of a "+
				"type that the local target does not know", c.Path(tableName), i+1)
		}
	}
	slices.SortStableFunc(content.Resources, func(a, b *record) int { return a.Order - b.Order })
	return &table{cloud: c, types: types, records: content.Resources}, nil
}

// find returns the resource of that type and id; has are its properties as the engine knows them, which tell resources
// with the same id apart. nil: there is none.
func (t *table) find(r *resourceType, id string, has state) *record {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := indexOf(t.records, r, id, has); i >= 0 && !t.records[i].Forgotten {
		return t.records[i]
	}
	return nil
}

func indexOf(records []*record, r *resourceType, id string, has state) int {
	return slices.IndexFunc(records, func(candidate *record) bool {
		if candidate.Type != r.token || candidate.ID != id {
			return false
		}
		for _, name := range r.identity {
			if value, set := has[name]; set && value != candidate.Outputs[name] {
				return false
			}
		}
		return true
	})
}

// put adds a resource, or writes down what has become of it. Records are never changed once they are in the table.
func (t *table) put(r *resourceType, changed *record) error {
	return t.change(func(records []*record) []*record {
		if i := indexOf(records, r, changed.ID, changed.Outputs); i >= 0 {
			changed.Order = records[i].Order
			records[i] = changed
			return records
		}
		changed.Order = 1
		if n := len(records); n > 0 {
			changed.Order = records[n-1].Order + 1
		}
		return append(records, changed)
	})
}

// drop takes a resource out of the table, with what AWS deletes along with it.
func (t *table) drop(gone *record) error {
	return t.change(func(records []*record) []*record { return t.without(records, gone, true) })
}

// dropParts takes out of the table what AWS deletes when a resource is put over another one.
func (t *table) dropParts(of *record) error {
	return t.change(func(records []*record) []*record { return t.without(records, of, false) })
}

func (t *table) without(records []*record, gone *record, itself bool) []*record {
	left := []*record{}
	parts := []*record{}
	for _, r := range records {
		takes := t.types[gone.Type].takes
		switch {
		case r == gone && itself:
		case r != gone && takes != nil && takes(gone, r):
			parts = append(parts, r)
		default:
			left = append(left, r)
		}
	}
	for _, part := range parts {
		left = t.without(left, part, true)
	}
	return left
}

// forget lets go of a resource that AWS keeps.
func (t *table) forget(kept *record) error {
	return t.change(func(records []*record) []*record {
		if i := slices.Index(records, kept); i >= 0 {
			forgotten := *kept
			forgotten.Forgotten = true
			records[i] = &forgotten
		}
		return records
	})
}

// change edits a copy of the records and keeps it if it can be written.
func (t *table) change(edit func([]*record) []*record) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	records := edit(slices.Clone(t.records))
	if err := t.cloud.Save(tableName, tableDocument{Version: tableVersion, Resources: records}); err != nil {
		return fmt.Errorf("writing the table of resources: %w", err)
	}
	t.records = records
	return nil
}

// all are the resources in the order of creation, the forgotten ones too.
func (t *table) all() []*record {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.records)
}

// output reads an output of the resource of that type and id; it is for the few outputs that are those of another
// resource.
func (t *table) output(token, id, name string) (string, error) {
	r := t.find(t.types[token], id, nil)
	if r == nil {
		return "", errors.New(token + " " + id + " is not in the table of resources")
	}
	value, ok := r.Outputs[name].(string)
	if !ok {
		return "", fmt.Errorf("%s %s has no %s", token, id, name)
	}
	return value, nil
}
