package provider

type dashboardInputs struct {
	DashboardName string `json:"dashboardName"`
	DashboardBody string `json:"dashboardBody"`
}

func cloudwatchDashboard() resourceType {
	return alive(resourceType{
		token: "aws:cloudwatch/dashboard:Dashboard",
		inputs: properties{
			"dashboardName": text(required, replaces, pattern(`^[\w-]{1,255}$`, "1 to 255 of a-z A-Z 0-9 _ -")),
			"dashboardBody": document(required),
		},
		outputs: []string{"dashboardArn"},
	}, lifeOf[dashboardInputs]{
		put: func(s site, in dashboardInputs, _ *record) (string, state, error) {
			arn, err := s.CloudWatch.PutDashboard(in.DashboardName, in.DashboardBody)
			return in.DashboardName, state{"dashboardArn": arn}, err
		},
		update: func(s site, in dashboardInputs, _ *record) (state, error) {
			_, err := s.CloudWatch.PutDashboard(in.DashboardName, in.DashboardBody)
			return nil, err
		},
		remove: func(s site, in dashboardInputs, _ *record) error {
			return s.CloudWatch.DeleteDashboard(in.DashboardName)
		},
		read: func(s site, in dashboardInputs, _ *record) (state, error) {
			body, err := s.CloudWatch.Dashboard(in.DashboardName)
			return state{"dashboardBody": body}, err
		},
	})
}
