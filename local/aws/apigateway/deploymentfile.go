package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A deployment is one file, deployments/<api>/<deployment>.json. It is written to a temporary file first, so that
// whatever ends the program leaves a whole one or none.

const deploymentsDir = "deployments"

func deploymentFile(dir, apiID, deploymentID string) string {
	return filepath.Join(dir, deploymentsDir, apiID, deploymentID+".json")
}

func writeDeployment(dir string, frozen *snapshot) error {
	document, err := json.MarshalIndent(frozen, "", "  ")
	if err != nil {
		return fmt.Errorf("writing deployment %s: %w", frozen.Deployment.ID, err)
	}
	name := deploymentFile(dir, frozen.Deployment.APIID, frozen.Deployment.ID)
	if err := writeFile(name, document); err != nil {
		return fmt.Errorf("writing deployment %s: %w", frozen.Deployment.ID, err)
	}
	return nil
}

// readDeployments are all deployments on disk, by API and deployment. A file that cannot be read is an error: serving
// something else than what was deployed would be worse than not to start.
func readDeployments(dir string) (map[string]map[string]*snapshot, error) {
	found := map[string]map[string]*snapshot{}
	root := filepath.Join(dir, deploymentsDir)
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if name == root && errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll
			}
			return err
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".json") {
			return nil
		}
		document, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		frozen := &snapshot{}
		if err := json.Unmarshal(document, frozen); err != nil {
			return fmt.Errorf("reading deployment %s: %w", name, err)
		}
		id := frozen.Deployment
		if name != deploymentFile(dir, id.APIID, id.ID) {
			return fmt.Errorf("reading deployment %s: it says it is deployment %q of API %q", name, id.ID, id.APIID)
		}
		if found[id.APIID] == nil {
			found[id.APIID] = map[string]*snapshot{}
		}
		found[id.APIID][id.ID] = frozen
		return nil
	})
	return found, err
}

func removeDeployment(dir, apiID, deploymentID string) error {
	if err := os.Remove(deploymentFile(dir, apiID, deploymentID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing deployment %s: %w", deploymentID, err)
	}
	return nil
}

func removeDeployments(dir, apiID string) error {
	if err := os.RemoveAll(filepath.Join(dir, deploymentsDir, apiID)); err != nil {
		return fmt.Errorf("removing the deployments of API %s: %w", apiID, err)
	}
	return nil
}

// writeFile replaces a file by a durable one with this content, or leaves it as it is.
func writeFile(name string, content []byte) error {
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDir(folder)
}

func syncDir(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
