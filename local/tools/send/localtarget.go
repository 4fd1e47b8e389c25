package send

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// localTarget has outputs of a program on the local target.
type localTarget struct {
	// URL is the endpoint's, BucketFolder that of the objects, as s3://bucket/folder/.
	URL          string `json:"url"`
	BucketFolder string `json:"bucketFolder"`
}

// find fills in the endpoint and the folder of objects that the options leave out, from the state folder of a local target.
func (o *Options) findLocalTarget() error {
	if o.URL != "" && (!o.Verify || o.Objects != "") {
		return nil
	}
	switch target, _ := parseURL(o.URL); {
	case o.URL == "" && o.State == "":
		return &OptionsError{Problems: []string{"the endpoint's URL is not given"}}
	case o.URL != "" && (o.State == "" || !loopback(target)):
		return &OptionsError{Problems: []string{"--verify: name the folder of the objects with --objects, such as s3://bucket/raw/"}}
	}
	outputs, err := readOutputs(o.State, o.Stack)
	if err != nil {
		return err
	}
	if o.URL == "" {
		o.URL = outputs.URL
	} else if strings.TrimSuffix(o.URL, "/") != outputs.URL {
		return &OptionsError{Problems: []string{fmt.Sprintf(
			"--verify: %s is not the endpoint of the local target in %s: name the folder of its objects with --objects", o.URL, o.State)}}
	}
	if o.Verify && o.Objects == "" {
		bucket, isBucket := strings.CutPrefix(outputs.BucketFolder, "s3://")
		if !isBucket {
			return fmt.Errorf("the local target in %s exports no bucketFolder: name it with --objects", o.State)
		}
		o.Objects = filepath.Join(o.State, "s3", filepath.FromSlash(bucket))
	}
	return nil
}

// readOutputs reads the program's outputs out of the state that the engine keeps in the state folder (package engine).
func readOutputs(state, stack string) (localTarget, error) {
	pattern := filepath.Join(state, "engine", "backend", ".pulumi", "stacks", "*", stack+".json")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		return localTarget{}, fmt.Errorf("there is no stack %s in the state folder %s: start it with `up`, or give the endpoint's URL", stack, state)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return localTarget{}, fmt.Errorf("reading the state of the stack %s: %w", stack, err)
	}
	var kept struct {
		Checkpoint struct {
			Latest struct {
				Resources []struct {
					Type    string          `json:"type"`
					Outputs json.RawMessage `json:"outputs"`
				} `json:"resources"`
			} `json:"latest"`
		} `json:"checkpoint"`
	}
	if err := json.Unmarshal(content, &kept); err != nil {
		return localTarget{}, fmt.Errorf("reading the state of the stack %s: %s: %w", stack, files[0], err)
	}
	for _, resource := range kept.Checkpoint.Latest.Resources {
		if resource.Type != "pulumi:pulumi:Stack" || len(resource.Outputs) == 0 {
			continue
		}
		var outputs localTarget
		if err := json.Unmarshal(resource.Outputs, &outputs); err != nil {
			return localTarget{}, fmt.Errorf("reading the outputs of the stack %s: %w", stack, err)
		}
		if outputs.URL != "" {
			return outputs, nil
		}
	}
	return localTarget{}, fmt.Errorf("the stack %s in the state folder %s is not deployed: start it with `up`, or give the endpoint's URL", stack, state)
}
