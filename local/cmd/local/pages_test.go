package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
)

// pageBlock is a block of commands on a page, with the output that follows it, if it has one. A line with … stands for lines
// of the output that the page leaves out.
type pageBlock struct {
	page, commands, output string
	// comment is the HTML comment in front of the block, which says why TestTheCommandsOfThePagesWork does not run it.
	comment string
}

var (
	blockOnPage = regexp.MustCompile("(?m)(?:^<!-- ((?:run by|not run:) .*) -->\n+)?^```sh\n((?s:.*?))^```\n(?:\n```text\n((?s:.*?))^```\n)?")
	allBlocks   = regexp.MustCompile(`(?m)^<!-- all commands: (.*) -->$`)
)

// pageBlocks are the blocks of all pages. README.ko.md has those of README.md, which another test checks.
func pageBlocks(t *testing.T, project string) (blocks []pageBlock) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "local/*.md", "component/*.md", "examples/*.md", "examples/*/*.md"} {
		pages, err := fs.Glob(os.DirFS(project), pattern)
		require.NoError(t, err)
		for _, page := range pages {
			content, err := os.ReadFile(filepath.Join(project, page))
			require.NoError(t, err)
			forAll := ""
			if match := allBlocks.FindStringSubmatch(string(content)); match != nil {
				forAll = match[1]
			}
			for _, match := range blockOnPage.FindAllStringSubmatch(string(content), -1) {
				block := pageBlock{page: page, comment: match[1], commands: match[2], output: match[3]}
				if block.comment == "" {
					block.comment = forAll
				}
				if page != "README.ko.md" {
					blocks = append(blocks, block)
				}
			}
		}
	}
	require.NotEmpty(t, blocks)
	return blocks
}

func TestCommandsOfThePagesAreRunByATestOrSayWhyNot(t *testing.T) {
	t.Parallel()
	project, err := build.FindProject(".")
	require.NoError(t, err)
	tests := testNames(t, project)
	for _, block := range pageBlocks(t, project) {
		where := block.page + ":\n" + block.commands
		name, isTest := strings.CutPrefix(block.comment, "run by ")
		switch {
		case block.comment == "":
		case isTest:
			assert.True(t, tests[name], "%s\nthere is no test %s", where, name)
		default:
			assert.Regexp(t, `^not run: \w`, block.comment, where)
		}
	}
}

// testNames are the names of all tests of the project.
func testNames(t *testing.T, project string) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir(project, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != project && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, match := range declaration.FindAllStringSubmatch(string(content), -1) {
				names[match[1]] = true
			}
		}
		return nil
	})
	require.NoError(t, err)
	return names
}

// goStandIn is a go command that runs the test binary in the place of the launcher.
const goStandIn = `#!/bin/sh
case "$*" in
"run -C local . "*) shift 4; exec env ` + runAsCommand + `=yes "%s" "$@" ;;
esac
echo "this test cannot run: go $*" >&2
exit 1
`

// An output differs from run to run in numbers, times and ids, in the random part of names, which has no digit now and then, in
// where objects are, and in how its columns are aligned. Some runs show progress.
var (
	changing      = regexp.MustCompile(`(?m)objects? below .*$|[0-9a-z]*\d[0-9a-z.,:-]*|\b[a-f]{7}\b| +`)
	shownProgress = regexp.MustCompile(`(?m)^(engine|verifying): .*\n`)
)

// withoutChanging is an output without what differs from run to run.
func withoutChanging(output string) string {
	return changing.ReplaceAllString(shownProgress.ReplaceAllString(strings.TrimSpace(output), ""), "…")
}

func TestTheCommandsOfThePagesWork(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("needs bash and paths that it understands")
	}
	real, err := build.FindProject(".")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), fmt.Appendf(nil, goStandIn, self), 0o755))
	project := copyProject(t)
	up := startUp(t, project, filepath.Join(project, ".local", "dev"), commandline.Up{BufferInterval: 1e9})

	for _, block := range pageBlocks(t, real) {
		if block.comment != "" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), bash, "-ec", block.commands)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "url="+up.url)
		output, err := cmd.CombinedOutput()
		if assert.NoError(t, err, "%s:\n%s\n%s", block.page, block.commands, output) && block.output != "" {
			rest := withoutChanging(string(output))
			for part := range strings.SplitSeq("\n"+block.output, "\n…\n") {
				_, after, found := strings.Cut(rest, withoutChanging(part))
				assert.True(t, found, "%s:\n%s\n%s\ndoes not contain, in this order,\n%s", block.page, block.commands, output, part)
				rest = after
			}
		}
	}
	require.NoError(t, up.stop())
}
