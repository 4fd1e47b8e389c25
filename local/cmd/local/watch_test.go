package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/templatefiles"
)

// copySources copies what the program is built from to a copy of the project.
func copySources(t testing.TB, project string) {
	t.Helper()
	real, err := build.FindProject(".")
	require.NoError(t, err)
	for _, name := range []string{
		"main.go", "go.mod", "go.sum", "pipeline", "templates", "local/go.mod", "local/go.sum", "local/cmd/program",
		"local/internal/templatefiles", "local/aws/apigateway/vtl",
	} {
		source, target := filepath.Join(real, name), filepath.Join(project, name)
		info, err := os.Stat(source)
		require.NoError(t, err)
		if info.IsDir() {
			require.NoError(t, os.CopyFS(target, os.DirFS(source)))
			continue
		}
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o700))
		require.NoError(t, os.WriteFile(target, content, 0o600))
	}
}

// replace edits a file of a copy of the project, as an editor that writes it anew.
func replace(t testing.TB, file, old, new string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), old)
	require.NoError(t, os.WriteFile(file+".new", []byte(strings.Replace(string(content), old, new, 1)), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

// restoreTemplates undoes what watching has done to the templates of this process.
func restoreTemplates(t *testing.T) {
	t.Helper()
	real, err := build.FindProject(".")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, templatefiles.Load(real)) })
}

// keepSending sends numbered events, none of which may be refused, until stop is called, which returns how many were
// accepted.
func keepSending(t *testing.T, url string) (stop func() int) {
	end, sent := make(chan struct{}), make(chan int, 1)
	go func() {
		n := 0
		defer func() { sent <- n }()
		for {
			select {
			case <-end:
				return
			default:
			}
			status, answer := post(t, url, fmt.Sprintf(`{"n":%d}`, n))
			if !assert.Equal(t, http.StatusOK, status, "an event is refused while the stack is deployed: %s", answer) {
				return
			}
			n++
		}
	}()
	return func() int {
		close(end)
		return <-sent
	}
}

// Templates are variables of the process, so no other test may deploy meanwhile.
func TestUpWatchDeploysWhatChangesAndLosesNoEvent(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	edit(t, project, `requestsPerSecond: 1`, `requestsPerSecond: 9000`)
	edit(t, project, `shardCount: 1`, `shardCount: 10`)
	edit(t, project, `burst: 200`, `burst: 5000`)
	up := startUp(t, project, dir, commandline.Up{Watch: true})
	up.shows(t, "watching templates, settings and Go files")

	stop := keepSending(t, up.url)

	template := filepath.Join(project, "templates", "put_record.response.vtl")
	for i, name := range []string{"first", "second", "third"} {
		before := []string{"requestId", "first", "second"}[i]
		replace(t, template, `"`+before+`"`, `"`+name+`"`)
		require.Eventually(t, func() bool {
			_, answer := post(t, up.url, `{"probe":1}`)
			return strings.Contains(answer, `"`+name+`"`)
		}, patience, watchPeriod, "%s", up)
	}
	assert.Contains(t, up.String(), "changed: templates/put_record.response.vtl")
	assert.Regexp(t, `responseTemplates.*line \d+: `, up.String(), "the difference is shown as up shows it")

	replace(t, template, "#if(", "#iff(")
	up.shows(t, `not deployed: (templates/put_record.response.vtl:\d+:\d+: )`)
	status, answer := post(t, up.url, `{"probe":1}`)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, answer, `"third"`, "the stack is as it was")
	replace(t, template, "#iff(", "#if(")

	edit(t, project, `bufferIntervalSeconds: 60`, `bufferIntervalSeconds: 6000`)
	up.shows(t, `not deployed: [\s\S]*Pulumi.dev.yaml:\d+[\s\S]*(delivery\.bufferIntervalSeconds = 6000: )`)
	edit(t, project, `bufferIntervalSeconds: 6000`, `bufferIntervalSeconds: 90`)
	up.shows(t, `(bufferingInterval: 60 => 90)`)

	n := stop()
	require.NoError(t, up.stop(), "%s", up)
	events := map[string]int{}
	for _, line := range arrivedLines(t, dir) {
		events[line]++
	}
	for i := range n {
		assert.Equal(t, 1, events[fmt.Sprintf(`{"n":%d}`, i)], "event %d", i)
	}
	assert.Greater(t, n, 100)
}

func TestUpWatchDeploysWhatIsSavedWhileTheFirstDeploymentRuns(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	up := beginUp(t, project, dir, commandline.Up{Watch: true})
	up.shows(t, "deploying the stack dev")
	edit(t, project, `bufferIntervalSeconds: 60`, `bufferIntervalSeconds: 90`)
	up.shows(t, `(bufferingInterval: 60 => 90)`)
	require.NoError(t, up.stop(), "%s", up)
}

func TestUpWatchDeploysNoFileThatIsHalfSaved(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	up := startUp(t, project, dir, commandline.Up{Watch: true})
	file := filepath.Join(project, "Pulumi.dev.yaml")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	for range 2000 { // the file is emptied first: what was checked may not be what is deployed
		require.NoError(t, os.WriteFile(file, content, 0o600))
	}
	up.shows(t, `(no changes: all )`)
	assert.NotContains(t, up.String(), " => ", "the settings never changed")

	edit(t, project, `aws:region: ap-northeast-2`, `aws:region: us-east-1`)
	up.shows(t, `(not deployed: aws:region = us-east-1: must stay ap-northeast-2 while the local target runs)`)
	require.NoError(t, up.stop(), "%s", up)
}

func TestUpWatchDeploysAChangedSchema(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	edit(t, project, `requestsPerSecond: 1`, `requestsPerSecond: 1000`)
	up := startUp(t, project, dir, commandline.Up{Watch: true})
	status, answer := post(t, up.url, `{"n":1}`)
	require.Equal(t, http.StatusOK, status, answer)

	schema := filepath.Join(project, "templates", "event.schema.json")
	replace(t, schema, `"minProperties": 1`, `"minProperties" 1`)
	up.shows(t, `(not deployed: templates/event.schema.json:5:19: )`)
	status, _ = post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, "the stack is as it was")

	replace(t, schema, `"minProperties" 1`, `"minProperties": 2`)
	require.Eventually(t, func() bool {
		status, _ := post(t, up.url, `{"n":1}`)
		return status == http.StatusBadRequest
	}, patience, watchPeriod, "%s", up)
	status, answer = post(t, up.url, `{"n":1,"m":2}`)
	assert.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop(), "%s", up)
}

func TestUpWatchDeploysTypesOfEventsAndTheirSchemas(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	edit(t, project, `requestsPerSecond: 1`, `requestsPerSecond: 1000`)
	schema := filepath.Join(project, "schemas", "order.json")
	require.NoError(t, os.Mkdir(filepath.Dir(schema), 0o700))
	require.NoError(t, os.WriteFile(schema, []byte(`{"type": "object", "required": ["n"]}`), 0o600))
	up := startUp(t, project, dir, commandline.Up{Watch: true})
	answers := func(path, body string, want int) {
		t.Helper()
		require.Eventually(t, func() bool {
			status, _ := post(t, up.url+path, body)
			return status == want
		}, patience, watchPeriod, "%s is not answered %d: %s", path, want, up)
	}
	answers("/order", `{"n":1}`, http.StatusForbidden)

	const types = "  ingest-pipeline:envelope: \"true\"\n  ingest-pipeline:eventTypes:\n    order: schemas/order.json\n"
	edit(t, project, "  ingest-pipeline:protectData", types+"  ingest-pipeline:protectData")
	answers("/order", `{"n":1}`, http.StatusOK)
	answers("/order/batch", `[{"n":1},{"m":1}]`, http.StatusBadRequest)

	replace(t, schema, `["n"]`, `["n"`)
	up.shows(t, `not deployed: [\s\S]*(eventTypes.order = schemas/order.json:1:\d+: must be a JSON object)`)
	answers("/order", `{"n":2}`, http.StatusOK)
	replace(t, schema, `["n"`, `["n", "m"]`)
	answers("/order", `{"n":3}`, http.StatusBadRequest)
	answers("/order", `{"n":3,"m":3}`, http.StatusOK)

	replace(t, filepath.Join(project, "pipeline", "dashboard.go"), "1 Requests", "1 Requests of clients")
	up.shows(t, `(dashboardBody: .*Requests of clients)`)
	replace(t, schema, `"m"]`, `"k"]`)
	answers("/order", `{"n":4,"k":4}`, http.StatusOK)

	// A snapshot is taken before the routes are deleted, so they are served until the next one.
	edit(t, project, types, "")
	up.shows(t, `(20 deleted, 1 replaced, \d+ unchanged, 2 updated)`)
	replace(t, filepath.Join(project, "templates", "put_record.response.vtl"), `"requestId"`, `"changed"`)
	answers("/order", `{"n":5,"k":5}`, http.StatusForbidden)
	answers("", `{"of":"no type"}`, http.StatusOK)
	require.NoError(t, up.stop(), "%s", up)
}

func TestUpWatchBuildsAChangedProgramWhileTheEndpointServes(t *testing.T) {
	restoreTemplates(t)
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	copySources(t, project)
	up := startUp(t, project, dir, commandline.Up{Watch: true})

	program := filepath.Join(project, "pipeline", "program.go")
	replace(t, program, "ctx.Export(name", "ctx.Exports(name")
	up.shows(t, `(pipeline/program.go:\d+:\d+: )`)
	up.shows(t, `(not deployed: building the program)`)
	status, _ := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, "the stack is as it was")

	replace(t, program, "ctx.Exports(name", "ctx.Export(name")
	replace(t, filepath.Join(project, "pipeline", "dashboard.go"), "1 Requests", "1 Requests of clients")
	up.shows(t, `(?s)not deployed.*(dashboardBody: .*Requests of clients)`)
	replace(t, filepath.Join(project, "templates", "put_record.response.vtl"), `"requestId"`, `"changed"`)
	require.Eventually(t, func() bool {
		_, answer := post(t, up.url, `{"n":2}`)
		return strings.Contains(answer, `"changed"`)
	}, patience, watchPeriod, "a template goes to the program that was built, too: %s", up)
	edit(t, project, `aws:region: ap-northeast-2`, `aws:region: us-east-1`)
	up.shows(t, `(not deployed: aws:region = us-east-1: must stay ap-northeast-2)`)
	require.NoError(t, up.stop(), "%s", up)

	// As Pulumi's language host for Go builds it.
	compiled, err := exec.Command("go", "build", "-C", project, "-v", "-trimpath", "-buildvcs=false", "./pipeline").CombinedOutput()
	require.NoError(t, err, "%s", compiled)
	for name := range strings.FieldsSeq(string(compiled)) {
		assert.Contains(t, name, "ingest-pipeline", "the first plain preview reuses what was compiled here")
	}
}

// BenchmarkTemplateChange is the time from saving a template until the endpoint answers with it.
func BenchmarkTemplateChange(b *testing.B) {
	project, dir := copyProject(b), filepath.Join(b.TempDir(), "state")
	copySources(b, project)
	edit(b, project, `requestsPerSecond: 1`, `requestsPerSecond: 1000`)
	up := startUp(b, project, dir, commandline.Up{Watch: true})
	up.shows(b, "watching templates, settings and Go files")
	template, name := filepath.Join(project, "templates", "put_record.response.vtl"), "requestId"
	for b.Loop() {
		next := map[string]string{"requestId": "changed", "changed": "requestId"}[name]
		replace(b, template, `{"`+name+`"`, `{"`+next+`"`)
		require.Eventually(b, func() bool {
			_, answer := post(b, up.url, `{"n":1}`)
			return strings.HasPrefix(answer, `{"`+next+`"`)
		}, patience, 10*time.Millisecond, "%s", up)
		name = next
	}
}
