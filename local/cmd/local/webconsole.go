package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/provider"
)

// hooks are those of the command and of the console.
func (t *localTarget) hooks() aws.Hooks {
	hooks := t.options.hooks
	if t.options.monitor == nil {
		return hooks
	}
	watched := t.options.monitor.Hooks()
	hooks.OnRequest = both(hooks.OnRequest, watched.OnRequest)
	hooks.OnResponse = both(hooks.OnResponse, watched.OnResponse)
	hooks.OnPut = both(hooks.OnPut, watched.OnPut)
	hooks.OnBuffer = both(hooks.OnBuffer, watched.OnBuffer)
	hooks.OnDeliver = both(hooks.OnDeliver, watched.OnDeliver)
	hooks.OnFault = both(hooks.OnFault, watched.OnFault)
	hooks.OnAlarm = both(hooks.OnAlarm, watched.OnAlarm)
	return hooks
}

func both[T any](first, second func(T)) func(T) {
	if first == nil {
		return second
	}
	return func(value T) {
		first(value)
		second(value)
	}
}

// openConsole serves the web page, if the command has one.
func (t *localTarget) openConsole() (err error) {
	if t.options.monitor == nil {
		return nil
	}
	t.console, err = console.Serve(console.Options{
		Cloud: t.cloud, Monitor: t.options.monitor, Project: t.app.project, Stack: t.options.stack,
		MaxBufferInterval: t.options.maxBufferInterval, AccessKey: ownerKey, Resources: t.existing,
	})
	return err
}

// existing are the resources for a console that no deployment of this process tells about.
func (t *localTarget) existing() ([]console.Resource, error) {
	listed, err := t.provider.Resources()
	resources := make([]console.Resource, len(listed))
	for i, r := range listed {
		resources[i] = console.Resource{Type: engine.Step{Type: r.Type}.ShortType(), Name: r.ID, ID: r.ID, Outputs: maskSecrets(r)}
	}
	return resources, err
}

// maskSecrets are the outputs of a resource without the value of an API key.
func maskSecrets(r provider.Resource) map[string]any {
	if strings.HasSuffix(r.Type, ":ApiKey") {
		r.Outputs["value"] = "[secret]"
	}
	return r.Outputs
}

// showDeployment shows the result of a deployment in the console.
func (t *localTarget) showDeployment(result engine.Result, err error) {
	if t.console == nil {
		return
	}
	d := console.Deployment{At: time.Now(), Took: result.Took, Summary: summary(result), Outputs: map[string]string{}}
	if err != nil {
		d.Problem = err.Error()
	}
	for _, s := range result.Steps {
		if s.State == engine.Failed || s.Op == "delete" || s.Op == "delete-replaced" || s.Op == "create-replacement" || strings.HasPrefix(s.Type, "pulumi:providers:") {
			continue
		}
		r := console.Resource{URN: s.URN, Parent: s.Parent, Type: s.ShortType(), Name: s.Name(), ID: s.ID, Inputs: s.Inputs, Outputs: s.Outputs}
		if s.Changes() {
			r.Change = marks[s.Op].done
		}
		for _, difference := range s.Diffs {
			r.Differences = append(r.Differences, difference.String())
		}
		d.Resources = append(d.Resources, r)
	}
	for name := range result.Outputs {
		d.Outputs[name] = t.shownOutput(result, name)
	}
	t.console.SetDeployment(d)
}

var dashboardAddress = regexp.MustCompile(`^https://[^/]+/cloudwatch/home\?region=[^#]+#dashboards/dashboard/`)

// shownOutput is an output of the program for a person. A secret is not shown, and the address of a dashboard on AWS is
// that of the console, which draws it: the program knows only the one on AWS.
func (t *localTarget) shownOutput(result engine.Result, name string) string {
	if result.Secret[name] {
		return "[secret]"
	}
	value := fmt.Sprint(result.Outputs[name])
	if at := dashboardAddress.FindString(value); at != "" && t.console != nil {
		return t.console.URL() + "#/dashboard?" + url.Values{"name": {strings.TrimPrefix(value, at)}}.Encode()
	}
	return value
}
