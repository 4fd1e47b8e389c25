package provider

type dashboardConfig struct{ DashboardName, DashboardBody string }

func cloudwatchDashboard() resourceType {
	return define(resourceType{
		token: "aws:cloudwatch/dashboard:Dashboard",
		inputs: properties{
			"dashboardName": text(required, replaces, pattern(`^[\w-]{1,255}$`, "1 to 255 of a-z A-Z 0-9 _ -")),
			"dashboardBody": document(required),
		},
		outputs: []string{"dashboardArn"},
	}, operations[dashboardConfig]{
		create: func(s services, c dashboardConfig) (string, error) {
			_, err := s.CloudWatch.PutDashboard(c.DashboardName, c.DashboardBody)
			return c.DashboardName, err
		},
		read: func(s services, id string, _ dashboardConfig) (dashboardConfig, state, error) {
			body, err := s.CloudWatch.GetDashboard(id)
			return dashboardConfig{id, body}, state{"dashboardArn": s.CloudWatch.DashboardARN(id)}, err
		},
		update: func(s services, _ string, c dashboardConfig) error {
			_, err := s.CloudWatch.PutDashboard(c.DashboardName, c.DashboardBody)
			return err
		},
		delete: func(s services, id string, _ dashboardConfig) error { return s.CloudWatch.DeleteDashboards(id) },
		list:   func(s services) []string { return s.CloudWatch.ListDashboards() },
	})
}
