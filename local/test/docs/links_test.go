// Package docs checks that what the project's pages refer to exists.
package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var project = filepath.Join("..", "..", "..")

var (
	code    = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// pages are the project's Markdown files by their path, without those that tests read as data.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(project), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
			return fs.SkipDir
		}
		if !entry.IsDir() && path.Ext(name) == ".md" {
			content, err := os.ReadFile(filepath.Join(project, name))
			if err != nil {
				return err
			}
			found[name] = string(content)
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, found, "README.md")
	return found
}

// anchors are those that GitHub gives to the headings of a page.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	fences := regexp.MustCompile("(?ms)^```.*?^```")
	for _, match := range heading.FindAllStringSubmatch(fences.ReplaceAllString(page, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsNumber(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, match[1])
		unique := anchor
		for n := 1; found[unique]; n++ {
			unique = anchor + "-" + strconv.Itoa(n)
		}
		found[unique] = true
	}
	return found
}

func TestEveryLinkOfThePagesLeadsSomewhere(t *testing.T) {
	t.Parallel()
	pages := pages(t)
	for name, page := range pages {
		for _, match := range link.FindAllStringSubmatch(code.ReplaceAllString(page, ""), -1) {
			target, err := url.Parse(match[1])
			require.NoError(t, err, "%s: %s", name, match[1])
			if target.Scheme != "" {
				assert.Equal(t, "https", target.Scheme, "%s: %s", name, match[1])
				continue
			}
			to := name
			if target.Path != "" {
				to = path.Join(path.Dir(name), target.Path)
				_, err := os.Stat(filepath.Join(project, filepath.FromSlash(to)))
				assert.NoError(t, err, "%s: %s", name, match[1])
			}
			if target.Fragment != "" && path.Ext(to) == ".md" {
				assert.True(t, anchors(pages[to])[target.Fragment], "%s: %s: there is no such heading", name, match[1])
			}
		}
	}
}

// A page that no other links to is one that nobody finds.
func TestEveryPageIsLinkedFromTheReadme(t *testing.T) {
	t.Parallel()
	pages, linked := pages(t), map[string][]string{}
	for _, readme := range []string{"README.md", "README.ko.md"} {
		for _, match := range link.FindAllStringSubmatch(pages[readme], -1) {
			name, _, _ := strings.Cut(match[1], "#")
			linked[readme] = append(linked[readme], name)
		}
		for name := range pages {
			if path.Dir(name) == "docs" {
				assert.Contains(t, linked[readme], name, "%s has no link to it", readme)
			}
		}
	}
}

// named are files in code spans, by their path.
var named = regexp.MustCompile("`([\\w.*-]+(?:/[\\w.*-]+)+\\.(?:go|golden|json|md|py|vtl|ya?ml))`")

func TestEveryFileThatThePagesNameExists(t *testing.T) {
	t.Parallel()
	found := 0
	for name, page := range pages(t) {
		for _, match := range named.FindAllStringSubmatch(page, -1) {
			if strings.HasPrefix(match[1], "schemas/") {
				continue // an example of a reader's file
			}
			found++
			var files []string
			for _, from := range []string{".", path.Dir(name), "local"} {
				matches, err := filepath.Glob(filepath.Join(project, filepath.FromSlash(from), filepath.FromSlash(match[1])))
				require.NoError(t, err)
				files = append(files, matches...)
			}
			assert.NotEmpty(t, files, "%s: %s", name, match[1])
		}
	}
	assert.Greater(t, found, 20)
}
