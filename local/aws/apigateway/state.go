package apigateway

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ingest-pipeline/local/internal/durable"
)

// Options.Dir has one document for what all APIs share, and one folder for each API:
//
//	account.json                            the account's logging role, the API keys and the usage plans
//	usage.json                              the requests that quotas have counted
//	restapis/<api>/restapi.json             the API as it is being edited, and its stages
//	restapis/<api>/deployments/<id>.json    a deployment
//
// A folder without a restapi.json is what a crash has left of an API that was being created or deleted.
const (
	apisDir        = "restapis"
	deploymentsDir = "deployments"
	accountFile    = "account.json"
	apiFile        = "restapi.json"
)

func (s *Service) apiDir(apiID string) string { return filepath.Join(s.options.Dir, apisDir, apiID) }

func (s *Service) deploymentFile(apiID, deploymentID string) string {
	return filepath.Join(s.apiDir(apiID), deploymentsDir, deploymentID+".json")
}

func (s *Service) writeAccount(account *accountConfig) error {
	return durable.WriteJSON(filepath.Join(s.options.Dir, accountFile), account)
}

func (s *Service) writeAPI(config *apiConfig) error {
	return durable.WriteJSON(filepath.Join(s.apiDir(config.API.ID), apiFile), config)
}

func (s *Service) writeDeployment(frozen *snapshot) error {
	return durable.WriteJSON(s.deploymentFile(frozen.Deployment.APIID, frozen.Deployment.ID), frozen)
}

// createAPIDir creates the folder of an API and writes its document.
func (s *Service) createAPIDir(config *apiConfig) error {
	dir := s.apiDir(config.API.ID)
	if err := os.MkdirAll(filepath.Join(dir, deploymentsDir), 0o700); err != nil {
		return err
	}
	err := durable.SyncDir(filepath.Dir(dir))
	if err == nil {
		err = s.writeAPI(config)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return nil
}

// deleteAPIDir deletes what is on disk of an API. Once its document is gone, so is the API.
func (s *Service) deleteAPIDir(apiID string) error {
	dir := s.apiDir(apiID)
	if err := os.Remove(filepath.Join(dir, apiFile)); err != nil {
		return err
	}
	return errors.Join(durable.SyncDir(dir), os.RemoveAll(dir))
}

func (s *Service) deleteDeployment(apiID, deploymentID string) error {
	name := s.deploymentFile(apiID, deploymentID)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.SyncDir(filepath.Dir(name))
}

// readState reads the account and the APIs, which serve nothing yet. A file that cannot be read is an error: serving
// something else than what was deployed would be worse than not to start.
func (s *Service) readState() error {
	if _, err := durable.ReadJSON(filepath.Join(s.options.Dir, accountFile), s.account); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(s.options.Dir, apisDir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		api, err := s.readAPI(entry.Name())
		if err != nil {
			return err
		}
		if api != nil {
			s.apis[entry.Name()] = api
		}
	}
	return nil
}

// readAPI reads an API with its deployments. If the API was deleted, it deletes the remaining files and returns nil.
func (s *Service) readAPI(apiID string) (*restAPI, error) {
	name := filepath.Join(s.apiDir(apiID), apiFile)
	config := &apiConfig{}
	switch found, err := durable.ReadJSON(name, config); {
	case err != nil:
		return nil, err
	case !found:
		return nil, os.RemoveAll(s.apiDir(apiID))
	case config.API.ID != apiID:
		return nil, &durable.DamagedError{Name: name, Err: fmt.Errorf("it contains the API %q", config.API.ID)}
	}
	deployments, err := s.readDeployments(apiID)
	if err != nil {
		return nil, err
	}
	if err := config.check(deployments); err != nil {
		return nil, &durable.DamagedError{Name: name, Err: err}
	}
	return &restAPI{apiConfig: config, deployments: deployments}, nil
}

func (s *Service) readDeployments(apiID string) (map[string]*snapshot, error) {
	entries, err := os.ReadDir(filepath.Join(s.apiDir(apiID), deploymentsDir))
	if err != nil {
		return nil, err
	}
	read := map[string]*snapshot{}
	for _, entry := range entries {
		id, isDocument := strings.CutSuffix(entry.Name(), ".json")
		if !isDocument {
			continue
		}
		name, frozen := s.deploymentFile(apiID, id), &snapshot{}
		if _, err := durable.ReadJSON(name, frozen); err != nil {
			return nil, err
		}
		if d := frozen.Deployment; d.APIID != apiID || d.ID != id {
			return nil, &durable.DamagedError{Name: name, Err: fmt.Errorf("it contains deployment %q of API %q", d.ID, d.APIID)}
		}
		read[id] = frozen
	}
	return read, nil
}

// check refuses a document that no call of this package can have written.
func (c *apiConfig) check(deployments map[string]*snapshot) error {
	for id, r := range c.Resources {
		if r == nil || r.ID != id {
			return fmt.Errorf("resource %q is incomplete", id)
		}
		for verb, m := range r.Methods {
			if m == nil || m.HTTPMethod != verb {
				return fmt.Errorf("method %s of resource %q is incomplete", verb, id)
			}
		}
	}
	for name, st := range c.Stages {
		if st == nil || st.Name != name {
			return fmt.Errorf("stage %q is incomplete", name)
		}
		if deployments[st.DeploymentID] == nil {
			return fmt.Errorf("stage %q serves deployment %q, which does not exist", name, st.DeploymentID)
		}
	}
	if c.Resources[c.API.RootResourceID] == nil {
		return errors.New("there is no root resource")
	}
	return nil
}
