package fidelity

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/fidelity.md")

// services are those that are compared, with their folders below testdata.
var services = []struct{ folder, name string }{
	{"apigateway", "API Gateway"},
	{"logs", "CloudWatch Logs"},
	{"iam", "IAM"},
	{"kinesis", "Kinesis Data Streams"},
	{"s3", "S3"},
	{"sns", "SNS"},
}

func TestThePageStatesWhatWasCompared(t *testing.T) {
	const page = "../../../docs/fidelity.md"
	const begin, end = "<!-- tables: written by go test ./test/fidelity -update -->\n", "<!-- end of tables -->"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok, "no tables in %s", page)
	got, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "the tables of %s do not end", page)
	want := tables(t)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(before+begin+want+end+after), 0o644))
		return
	}
	assert.Equal(t, want, got, "run go test ./test/fidelity -update")
}

// tables states how many requests of each recording agree, differ and are out of scope, and why. The other tests of this
// package fail if a request that counts as agreeing differs, or the other way round.
func tables(t *testing.T) string {
	t.Helper()
	var summary, why strings.Builder
	summary.WriteString("| service | recording | agree | differ | out of scope |\n|---|---|---:|---:|---:|\n")
	var total counts
	for _, s := range services {
		reasons := map[string]int{}
		var order []string
		note := func(kind, action, reason string) {
			row := fmt.Sprintf("| %s | %s | %s |", kind, action, reason)
			if reasons[row] == 0 {
				order = append(order, row)
			}
			reasons[row]++
		}
		for _, r := range load(t, s.folder) {
			var n counts
			for _, c := range r.Cases {
				switch {
				case c.OutOfScope != "":
					n.outOfScope++
					note("out of scope", c.Action, c.OutOfScope)
				case c.Differs != "":
					n.differ++
					note("differs", c.Action, c.Differs)
				default:
					n.agree++
				}
			}
			fmt.Fprintf(&summary, "| %s | %s | %d | %d | %d |\n", s.name, r.Source, n.agree, n.differ, n.outOfScope)
			total.add(n)
		}
		if len(order) > 0 {
			fmt.Fprintf(&why, "\n### %s\n\n| | action | reason | requests |\n|---|---|---|---:|\n", s.name)
		}
		for _, row := range order {
			fmt.Fprintf(&why, "%s %d |\n", row, reasons[row])
		}
	}
	fmt.Fprintf(&summary, "| all | | %d | %d | %d |\n", total.agree, total.differ, total.outOfScope)
	return "\n" + summary.String() + why.String() + "\n"
}

// counts are numbers of requests.
type counts struct{ agree, differ, outOfScope int }

func (c *counts) add(n counts) {
	c.agree += n.agree
	c.differ += n.differ
	c.outOfScope += n.outOfScope
}
