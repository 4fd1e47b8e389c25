package provider

import (
	"strings"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

// Some types have no service behind them in the local target: they are checked, kept in the table of resources, and do
// nothing.

// nothingThere is why the properties of such a type have no effect.
const nothingThere = "the resource is checked and kept, and nothing more"

// vacant refuses a new resource whose place is taken, as AWS would.
func vacant(s site, token, id string, was *record, taken *awserr.Error) error {
	if was == nil && s.resources.find(s.resources.types[token], id, nil) != nil {
		return taken
	}
	return nil
}

// newID makes an id of AWS's own making: 17 hexadecimal digits.
func newID(prefix string) string {
	return prefix + strings.ReplaceAll(uuid.NewString(), "-", "")[:17]
}

// idOf is the id that a resource had before a restart, or a new one.
func idOf(was *record, fresh func() string) string {
	if was != nil {
		return was.ID
	}
	return fresh()
}
