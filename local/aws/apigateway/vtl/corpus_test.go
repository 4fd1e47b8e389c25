package vtl

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the sections that say where API Gateway differs from Velocity")

// corpusCase is one case of testdata/velocity: what stock Velocity 1.7 made of a template (recorded by testdata/record), and what this engine
// renders for API Gateway where that differs, with how it is known.
type corpusCase struct {
	name, template, variables string
	want                      *string
	err                       string // "parse", or "run" and the Java exception
	gateway                   *string
	known                     string
}

// real is a section without what stands for characters that editors and git would change, and without the newline at its end.
func real(section []byte) string {
	return strings.NewReplacer("␍", "\r", "␉", "\t", "␠", " ").Replace(strings.TrimSuffix(string(section), "\n"))
}

var trailingBlanks = regexp.MustCompile(`(?m) +$`)

// visible is the opposite of real.
func visible(s string) string {
	s = strings.NewReplacer("\r", "␍", "\t", "␉").Replace(s)
	return trailingBlanks.ReplaceAllStringFunc(s, func(b string) string { return strings.Repeat("␠", len(b)) }) + "\n"
}

func readCorpus(t testing.TB, path string) (*txtar.Archive, []*corpusCase) {
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	var cases []*corpusCase
	byName := map[string]*corpusCase{}
	for _, f := range archive.Files {
		name, section, _ := strings.Cut(f.Name, "/")
		c := byName[name]
		if c == nil {
			c = &corpusCase{name: name, variables: "{}"}
			byName[name] = c
			cases = append(cases, c)
		}
		text := real(f.Data)
		switch section {
		case "template":
			c.template = text
		case "variables":
			c.variables = text
		case "want":
			c.want = &text
		case "error":
			c.err = text
		case "apigateway":
			c.gateway = &text
		case "known":
			c.known = text
		default:
			t.Fatalf("%s: unknown section %q", path, f.Name)
		}
	}
	return archive, cases
}

func TestTemplatesRenderAsVelocityRenderedThem(t *testing.T) {
	paths, err := filepath.Glob("testdata/velocity/*.txtar")
	require.NoError(t, err)
	count := 0
	for _, path := range paths {
		archive, cases := readCorpus(t, path)
		count += len(cases)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.name, c.check)
			}
		})
		if *update {
			require.NoError(t, os.WriteFile(path, withGateway(archive, cases), 0o644))
		}
	}
	assert.GreaterOrEqual(t, count, 400, "cases")
}

func (c *corpusCase) check(t *testing.T) {
	got, err := c.render(true)
	if c.err != "" {
		require.Error(t, err)
		switch {
		case c.err == "parse":
			assert.NotContains(t, err.Error(), "java.", "an error of the template itself")
		case strings.HasPrefix(c.err, "run java."): // others are Velocity's own
			assert.Equal(t, strings.TrimPrefix(c.err, "run "), exception(err))
		}
		var located *Error
		require.ErrorAs(t, err, &located)
		assert.Positive(t, located.Line)
		assert.Positive(t, located.Column)
		return
	}
	require.NoError(t, err)
	require.NotNil(t, c.want, "not recorded: run testdata/record/record.sh")
	assert.Equal(t, *c.want, got)
	if *update {
		return
	}
	got, err = c.render(false)
	require.NoError(t, err)
	if c.gateway == nil {
		assert.Equal(t, *c.want, got, "API Gateway differs: the case has to say so")
		return
	}
	assert.Equal(t, *c.gateway, got)
	assert.NotEqual(t, *c.want, *c.gateway, "a difference that is none")
	assert.Regexp(t, "^(recorded|documented|assumed): ", c.known)
}

func (c *corpusCase) render(stock bool) (string, error) {
	tmpl, err := Parse("template", c.template)
	if err != nil {
		return "", err
	}
	out, err := tmpl.Execute(plainVariables(c.variables), Limits{stock: stock})
	return string(out), err
}

// withGateway is an archive with what is rendered for API Gateway written into it, where that differs.
func withGateway(archive *txtar.Archive, cases []*corpusCase) []byte {
	out := &txtar.Archive{Comment: archive.Comment}
	next := 0
	for i, f := range archive.Files {
		name, section, _ := strings.Cut(f.Name, "/")
		if section != "apigateway" && section != "known" {
			out.Files = append(out.Files, f)
		}
		if i+1 < len(archive.Files) && strings.HasPrefix(archive.Files[i+1].Name, name+"/") {
			continue
		}
		c := cases[next]
		next++
		if c.want == nil {
			continue
		}
		got, err := c.render(false)
		if err != nil || got == *c.want {
			continue
		}
		if c.known == "" {
			c.known = "recorded: an undefined reference renders as nothing"
		}
		out.Files = append(out.Files,
			txtar.File{Name: name + "/apigateway", Data: []byte(visible(got))}, txtar.File{Name: name + "/known", Data: []byte(c.known + "\n")})
	}
	return txtar.Format(out)
}
