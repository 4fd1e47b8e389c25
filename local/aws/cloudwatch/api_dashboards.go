package cloudwatch

import (
	"maps"
	"slices"
	"strings"
	"time"
)

type putDashboardInput struct {
	DashboardName, DashboardBody *string
	Tags                         []tagMember
}

type putDashboardOutput struct{ DashboardValidationMessages []struct{} }

func (s *Service) putDashboard(in *putDashboardInput) (*putDashboardOutput, error) {
	switch {
	case in.DashboardName == nil:
		return nil, missing("DashboardName")
	case in.DashboardBody == nil:
		return nil, missing("DashboardBody")
	case len(in.Tags) > 0:
		return nil, notEmulated("Tags of dashboards")
	}
	_, err := s.PutDashboard(*in.DashboardName, *in.DashboardBody)
	return &putDashboardOutput{DashboardValidationMessages: []struct{}{}}, err
}

type getDashboardInput struct{ DashboardName *string }

type getDashboardOutput struct{ DashboardArn, DashboardBody, DashboardName string }

func (s *Service) getDashboard(in *getDashboardInput) (*getDashboardOutput, error) {
	if in.DashboardName == nil {
		return nil, missing("DashboardName")
	}
	body, err := s.GetDashboard(*in.DashboardName)
	return &getDashboardOutput{s.DashboardARN(*in.DashboardName), body, *in.DashboardName}, err
}

type listDashboardsInput struct{ DashboardNamePrefix, NextToken *string }

type listDashboardsOutput struct {
	DashboardEntries []dashboardEntry
	NextToken        *string
}

// dashboardEntry is recorded (test_dashboard_lifecycle).
type dashboardEntry struct {
	DashboardName, DashboardArn string
	LastModified                time.Time
	// Size is that of the body, in bytes.
	Size int64
}

// dashboardsPage is how many dashboards are in a page (documented: ListDashboards, "as many as 1000").
const dashboardsPage = 1000

func (s *Service) listDashboards(in *listDashboardsInput) (*listDashboardsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.dashboards)), func(name string) bool {
		return !strings.HasPrefix(name, deref(in.DashboardNamePrefix))
	})
	names, next, err := page(names, func(name string) string { return name }, in.NextToken, dashboardsPage)
	out := &listDashboardsOutput{DashboardEntries: []dashboardEntry{}, NextToken: next}
	for _, name := range names {
		d := s.dashboards[name]
		out.DashboardEntries = append(out.DashboardEntries, dashboardEntry{name, s.DashboardARN(name), d.Modified, int64(len(d.Body))})
	}
	return out, err
}

type deleteDashboardsInput struct{ DashboardNames []string }

type deleteDashboardsOutput struct{}

func (s *Service) deleteDashboards(in *deleteDashboardsInput) (*deleteDashboardsOutput, error) {
	if in.DashboardNames == nil {
		return nil, missing("DashboardNames")
	}
	return &deleteDashboardsOutput{}, s.DeleteDashboards(in.DashboardNames...)
}
