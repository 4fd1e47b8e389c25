package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/local/internal/templatefiles"
)

// watchPeriod is how often the files are looked at.
const watchPeriod = 50 * time.Millisecond

// startWatch begins to watch, from what the files were when the deployment began. The returned function waits until that
// has ended with ctx.
func (t *localTarget) startWatch(ctx context.Context, deployed map[string]fileState) (wait func()) {
	t.app.terminal.printf("watching templates, settings and Go files of the program")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.watch(ctx, deployed)
	}()
	return func() { <-ended }
}

// watch deploys the stack again when a template, a model, the settings or a Go file of the program has changed, until ctx
// ends. A mistake is shown with its place and leaves the stack as it is.
func (t *localTarget) watch(ctx context.Context, before map[string]fileState) {
	terminal := t.app.terminal
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := t.app.watchedFiles(t.options.stack)
		changed := changedFiles(before, now)
		if len(changed) == 0 {
			continue
		}
		terminal.printf("%s  changed: %s", time.Now().Format(time.TimeOnly), strings.Join(changed, ", "))
		err := t.prepare(ctx, changed)
		if errors.Is(err, errBeingSaved) || len(changedFiles(now, t.app.watchedFiles(t.options.stack))) > 0 {
			continue
		}
		before = now
		t.redeploy(ctx, err)
	}
}

// fileState tells one content of a file from another.
type fileState struct {
	size     int64
	modified time.Time
}

// watchedFiles are the files that the deployment depends on, by their path in the project.
func (a *app) watchedFiles(stack string) map[string]fileState {
	files := map[string]fileState{}
	stackFile := "Pulumi." + stack + ".yaml"
	for _, pattern := range []string{
		"Pulumi.yaml", stackFile, "go.mod", "go.sum", "*.go",
		filepath.Join("pipeline", "*.go"), filepath.Join(templatefiles.Folder, "*.vtl"), filepath.Join(templatefiles.Folder, "*.json"),
	} {
		found, err := fs.Glob(os.DirFS(a.project), filepath.ToSlash(pattern))
		if err != nil {
			continue // the patterns are valid
		}
		for _, name := range found {
			if !strings.HasSuffix(name, "_test.go") {
				a.addState(files, name)
			}
		}
	}
	if a.schemas.of != files[stackFile] {
		a.schemas = schemaFiles{of: files[stackFile]}
		if read, _ := settings.Read(a.project, stack); read != nil {
			a.schemas.names = read.Files()
		}
	}
	for _, name := range a.schemas.names {
		a.addState(files, name)
	}
	return files
}

// schemaFiles are the files that the settings name, as of a state of the stack's file.
type schemaFiles struct {
	of    fileState
	names []string
}

// addState adds the state of a regular file.
func (a *app) addState(files map[string]fileState, name string) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.project, path)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		files[name] = fileState{info.Size(), info.ModTime()}
	}
}

// changedFiles are the names of files that were created, edited or deleted, sorted.
func changedFiles(before, now map[string]fileState) []string {
	changed := map[string]bool{}
	for name, state := range now {
		if before[name] != state {
			changed[name] = true
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			changed[name] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

// redeploy deploys the stack if nothing is wrong with what has changed: err is what prepare has found.
func (t *localTarget) redeploy(ctx context.Context, err error) {
	terminal := t.app.terminal
	if err == nil {
		if _, err = t.deploy(ctx); err != nil && ctx.Err() == nil {
			terminal.printf("%v", err)
			terminal.printf("what was changed before that stays; save a correction to deploy again; serving until Ctrl-C")
		}
		return
	}
	if ctx.Err() != nil {
		return
	}
	var built *build.Error
	if errors.As(err, &built) && built.Output != "" {
		terminal.printf("%s", built.Output)
	}
	terminal.printf("not deployed: %v", err)
	terminal.printf("the stack is as it was; serving until Ctrl-C")
	t.showDeployment(engine.Result{}, err)
}

// errBeingSaved says that a file was saved while it was prepared: what was read may be half of it.
var errBeingSaved = errors.New("a file is being saved")

// prepare checks what has changed, and has the next deployment use it. It changes nothing in the stack.
func (t *localTarget) prepare(ctx context.Context, changed []string) error {
	if slices.ContainsFunc(changed, isGoFile) {
		if err := t.rebuildProgram(ctx); err != nil {
			return err
		}
	}
	if err := templatefiles.Load(t.app.project); err != nil {
		return err
	}
	if err := t.reloadSettings(ctx); err != nil {
		return err
	}
	if !t.rebuilt {
		return nil
	}
	// What another program makes of the settings is known only when it runs.
	_, err := t.stack.Preview(ctx)
	return err
}

// reloadSettings has the next deployment use the settings if nothing is wrong with them.
func (t *localTarget) reloadSettings(ctx context.Context) error {
	checked, err := t.checkSettings(ctx)
	if err != nil {
		return err
	}
	folder, err := t.stack.ReloadSettings()
	if err != nil {
		return err
	}
	if deployed, err := settings.Read(folder, t.options.stack); err != nil || !deployed.Equal(checked) {
		return errBeingSaved
	}
	return nil
}

func isGoFile(name string) bool {
	return strings.HasSuffix(name, ".go") || name == "go.mod" || name == "go.sum"
}

// rebuildProgram builds the program of the project's folder, which the engine runs from then on.
func (t *localTarget) rebuildProgram(ctx context.Context) error {
	program := build.PipelineProgram(t.app.project)
	if err := t.app.builder.Build(ctx, program); err != nil {
		return err
	}
	t.rebuilt = true
	t.stack.RunExecutable(program.Output, pulumi.EnvPulumiRootDirectory+"="+t.app.project)
	return nil
}

// checkSettings reports what is wrong with the settings, by file and line. A program that was built again checks the
// values itself.
func (t *localTarget) checkSettings(ctx context.Context) (*settings.Settings, error) {
	stack, err := settings.Read(t.app.project, t.options.stack)
	if !t.rebuilt {
		stack, _, err = settings.Load(ctx, t.app.project, t.options.stack)
	}
	if err == nil && stack.Region != t.options.region {
		return nil, fmt.Errorf("aws:region = %s: must stay %s while the local target runs; stop it and start it again", stack.Region, t.options.region)
	}
	return stack, err
}
