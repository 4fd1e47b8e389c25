package cloudwatch

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

// Recorded: LocalStack, test_dashboard_lifecycle.
func TestADashboardIsPutListedAndDeleted(t *testing.T) {
	c := newClient(t)
	body := `{"widgets":[{"type":"text","x":0,"y":0,"width":6,"height":6,"properties":{"markdown":"x"}}]}`
	put, err := c.api.PutDashboard(t.Context(), &sdk.PutDashboardInput{DashboardName: aws.String("events"), DashboardBody: &body})
	require.NoError(t, err)
	assert.Empty(t, put.DashboardValidationMessages)
	got, err := c.api.GetDashboard(t.Context(), &sdk.GetDashboardInput{DashboardName: aws.String("events")})
	require.NoError(t, err)
	assert.Equal(t, body, *got.DashboardBody)
	assert.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/events", *got.DashboardArn)
	list := func(prefix *string) []types.DashboardEntry {
		out, err := c.api.ListDashboards(t.Context(), &sdk.ListDashboardsInput{DashboardNamePrefix: prefix})
		require.NoError(t, err)
		for _, d := range out.DashboardEntries {
			*d.LastModified = d.LastModified.UTC()
		}
		return out.DashboardEntries
	}
	entry := types.DashboardEntry{
		DashboardName: aws.String("events"), DashboardArn: got.DashboardArn, LastModified: aws.Time(noon), Size: aws.Int64(int64(len(body))),
	}
	assert.Equal(t, []types.DashboardEntry{entry}, list(nil))
	assert.Equal(t, []types.DashboardEntry{entry}, list(aws.String("eve")))
	assert.Empty(t, list(aws.String("no")))
	c.restart()
	assert.Equal(t, []string{"events"}, c.ListDashboards())

	_, err = c.api.DeleteDashboards(t.Context(), &sdk.DeleteDashboardsInput{DashboardNames: []string{"events", "none"}})
	apitest.RequireError(t, err, "ResourceNotFound", "Dashboard none does not exist")
	assert.Len(t, list(nil), 1)
	_, err = c.api.DeleteDashboards(t.Context(), &sdk.DeleteDashboardsInput{DashboardNames: []string{"events"}})
	require.NoError(t, err)
	assert.Empty(t, list(nil))
	_, err = c.api.GetDashboard(t.Context(), &sdk.GetDashboardInput{DashboardName: aws.String("events")})
	apitest.RequireError(t, err, "ResourceNotFound", "Dashboard events does not exist")
	require.ErrorAs(t, err, new(*types.DashboardNotFoundError))
	_, err = c.api.PutDashboard(t.Context(), &sdk.PutDashboardInput{DashboardName: aws.String("events"), DashboardBody: aws.String("{}")})
	apitest.RequireError(t, err, "InvalidParameterInput", "The dashboard body is invalid, there are 1 validation errors")
}
