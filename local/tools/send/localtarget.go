package send

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Outputs are outputs of a program on the local target.
type Outputs struct {
	// URL is the endpoint's, BucketFolder the folder of the objects and ErrorFolder that of error records, as
	// s3://bucket/folder/.
	URL          string `json:"url"`
	BucketFolder string `json:"bucketFolder"`
	ErrorFolder  string `json:"errorFolder"`
	StreamName   string `json:"streamName"`
}

// findLocalTarget fills in the endpoint and the folders of objects that the options leave out, from the state folder of a
// local target.
func (o *Options) findLocalTarget() error {
	verify, replay := o.Verify && o.Objects == "", o.Replay != nil && o.Replay.From == ""
	if o.URL != "" && !verify && !replay {
		return nil
	}
	switch target, _ := parseURL(o.URL); {
	case o.URL == "" && o.State == "":
		return &OptionsError{Problems: []string{"the endpoint's URL is not given"}}
	case o.URL != "" && (o.State == "" || !loopback(target)):
		return &OptionsError{Problems: o.nameFolders(verify, replay, "")}
	}
	outputs, err := ReadOutputs(o.State, o.Stack)
	if err != nil {
		return fmt.Errorf("%w, or give the endpoint's URL", err)
	}
	if o.URL == "" {
		o.URL = outputs.URL
	} else if strings.TrimSuffix(o.URL, "/") != outputs.URL {
		return &OptionsError{Problems: o.nameFolders(verify, replay,
			fmt.Sprintf("%s is not the endpoint of the local target in %s: ", o.URL, o.State))}
	}
	if verify {
		if o.Objects, err = o.folderOf(outputs.BucketFolder, "bucketFolder", "--objects"); err != nil {
			return err
		}
	}
	if replay {
		o.Replay.From, err = o.folderOf(outputs.ErrorFolder, "errorFolder", "--from")
	}
	return err
}

// nameFolders are the problems of options whose folders cannot be found, with the reason.
func (o *Options) nameFolders(verify, replay bool, reason string) (problems []string) {
	if verify {
		problems = append(problems, "--verify: "+reason+"name the folder of the objects with --objects, such as s3://bucket/raw/")
	}
	if replay {
		problems = append(problems, reason+"name the folder of the error records with --from, such as s3://bucket/errors/")
	}
	return problems
}

// folderOf is the local folder of an output such as s3://bucket/folder/.
func (o *Options) folderOf(output, name, flag string) (string, error) {
	bucket, isBucket := strings.CutPrefix(output, "s3://")
	if !isBucket {
		return "", fmt.Errorf("the local target in %s exports no %s: name it with %s", o.State, name, flag)
	}
	return filepath.Join(o.State, "s3", filepath.FromSlash(bucket)), nil
}

// ReadOutputs reads the program's outputs out of the state that the engine keeps in the state folder (package engine). Its
// error says how to start a stack that is not deployed.
func ReadOutputs(state, stack string) (Outputs, error) {
	pattern := filepath.Join(state, "engine", "backend", ".pulumi", "stacks", "*", stack+".json")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		return Outputs{}, fmt.Errorf("there is no stack %s in the state folder %s: start it with `up`", stack, state)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return Outputs{}, fmt.Errorf("reading the state of the stack %s: %w", stack, err)
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
		return Outputs{}, fmt.Errorf("reading the state of the stack %s: %s: %w", stack, files[0], err)
	}
	for _, resource := range kept.Checkpoint.Latest.Resources {
		if resource.Type != "pulumi:pulumi:Stack" || len(resource.Outputs) == 0 {
			continue
		}
		var outputs Outputs
		if err := json.Unmarshal(resource.Outputs, &outputs); err != nil {
			return Outputs{}, fmt.Errorf("reading the outputs of the stack %s: %w", stack, err)
		}
		if outputs.URL != "" {
			return outputs, nil
		}
	}
	return Outputs{}, fmt.Errorf("the stack %s in the state folder %s is not deployed: start it with `up`", stack, state)
}
