package apigateway

import "time"

// Deployment is an API as it was at one moment. It never changes.
type Deployment struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on CreateDeployment: one is made. The id of a deployment that was
	// kept in Options.Dir from an earlier run takes that one up again, as it was then.
	ID          string
	Description string

	// CreatedDate is when the snapshot was taken.
	CreatedDate time.Time
}

// CreateDeployment freezes the API as it is. It refuses an API without methods, and one with a method that has no
// integration. The snapshot is on disk when it returns.
func (s *Service) CreateDeployment(deployment Deployment) (Deployment, error) {
	return Deployment{}, errNotWritten
}

// UpdateDeployment changes a deployment's Description.
func (s *Service) UpdateDeployment(deployment Deployment) (Deployment, error) {
	return Deployment{}, errNotWritten
}

// DeleteDeployment removes a deployment that no stage serves.
func (s *Service) DeleteDeployment(apiID, deploymentID string) error { return errNotWritten }
