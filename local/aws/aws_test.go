package aws

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
)

var seoul = iam.Account{ID: "123456789012", Region: "ap-northeast-2"}

// mustOpen opens the folder and closes it at the end of the test.
func mustOpen(t *testing.T, dir string) *Cloud {
	t.Helper()
	c, err := Open(Options{Dir: dir, Account: seoul})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	return c
}

func TestWhatTheAccountLeavesOutIsFilledIn(t *testing.T) {
	for name, test := range map[string]struct{ given, want iam.Account }{
		"nothing but a region": {
			iam.Account{Region: "eu-west-1"}, iam.Account{ID: "000000000000", Region: "eu-west-1", Partition: "aws"},
		},
		"a region of China": {
			iam.Account{ID: "123456789012", Region: "cn-north-1"}, iam.Account{ID: "123456789012", Region: "cn-north-1", Partition: "aws-cn"},
		},
		"a region of the government": {
			iam.Account{Region: "us-gov-west-1"}, iam.Account{ID: "000000000000", Region: "us-gov-west-1", Partition: "aws-us-gov"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Open(Options{Dir: t.TempDir(), Account: test.given})
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close(context.Background())) }()
			assert.Equal(t, test.want, c.Account)
		})
	}
}

func TestOptionsThatMakeNoSenseAreRefusedByName(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"no region":           {Options{Dir: "x"}, `region ""`},
		"a region of no sort": {Options{Dir: "x", Account: iam.Account{Region: "Seoul"}}, `region "Seoul"`},
		"a short account id":  {Options{Dir: "x", Account: iam.Account{ID: "1234", Region: "eu-west-1"}}, `account id "1234"`},
		"no folder":           {Options{Account: seoul}, "no folder is given"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := Open(test.options)
			require.ErrorContains(t, err, test.want)
			entries, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Empty(t, entries, "nothing is made")
		})
	}
}

func TestASecondProcessGetsAnErrorThatNamesTheFirst(t *testing.T) {
	if os.Getenv("OPEN_STATE_FOLDER") != "" {
		_, err := Open(Options{Dir: os.Getenv("OPEN_STATE_FOLDER"), Account: seoul})
		fmt.Println(err)
		return
	}
	dir := t.TempDir()
	c := mustOpen(t, dir)
	before := files(t, dir)
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), "OPEN_STATE_FOLDER="+dir)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Contains(t, string(output), fmt.Sprintf("the state folder %s is in use by process %d", dir, os.Getpid()))
	assert.Equal(t, before, files(t, dir))

	require.NoError(t, c.Close(context.Background()))
	mustOpen(t, dir) // as soon as it is free
}

// files are the names and contents of the files in a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = string(content)
		return err
	}))
	return found
}

func TestAFolderBelongsToOneAccountAndRegion(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, mustOpen(t, dir).Close(context.Background()))
	before := files(t, dir)
	for _, other := range []iam.Account{{ID: "210987654321", Region: "ap-northeast-2"}, {ID: "123456789012", Region: "eu-west-1"}} {
		_, err := Open(Options{Dir: dir, Account: other})
		require.ErrorContains(t, err, fmt.Sprintf("belongs to account 123456789012 in ap-northeast-2, not to account %s in %s", other.ID, other.Region))
	}
	assert.Equal(t, before, files(t, dir))
	mustOpen(t, dir)
}

func TestAServiceThatCannotOpenGivesTheFolderFree(t *testing.T) {
	dir := t.TempDir()
	for _, service := range []string{"logs", "s3", "kinesis", "apigateway"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, service)))
		require.NoError(t, os.WriteFile(filepath.Join(dir, service), nil, 0o600))
		_, err := Open(Options{Dir: dir, Account: seoul})
		require.Error(t, err, service)
		assert.Contains(t, err.Error(), "opening "+map[string]string{
			"logs": "CloudWatch Logs", "s3": "S3", "kinesis": "Kinesis", "apigateway": "API Gateway",
		}[service])
		require.NoError(t, os.Remove(filepath.Join(dir, service)))
	}
	mustOpen(t, dir)
}

func TestADamagedDocumentOfTheFolderIsNamedAndLeftAlone(t *testing.T) {
	for _, name := range []string{"account.json", "ports.json"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, mustOpen(t, dir).Close(context.Background()))
			file := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(file, []byte(`{"half`), 0o600))
			_, err := Open(Options{Dir: dir, Account: seoul})
			require.ErrorContains(t, err, file+" is damaged")
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, `{"half`, string(content))
		})
	}
}

func TestEndpointsKeepTheirAddress(t *testing.T) {
	dir := t.TempDir()
	c := mustOpen(t, dir)
	awsURL := c.URL()
	api, err := c.APIGateway.CreateRestAPI(apigateway.RestAPI{Name: "api"})
	require.NoError(t, err)
	apiURL := c.APIGateway.BaseURL(api.ID)
	for _, address := range []string{awsURL, apiURL} {
		parsed, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, "127.0.0.1", parsed.Hostname())
	}
	require.NoError(t, c.Close(context.Background()))

	again := mustOpen(t, dir)
	assert.Equal(t, awsURL, again.URL())
	assert.Equal(t, apiURL, again.APIGateway.BaseURL(api.ID))
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	dir := t.TempDir()
	c := mustOpen(t, dir)
	address := strings.TrimPrefix(c.URL(), "http://")
	require.NoError(t, c.Close(context.Background()))
	other, err := net.Listen("tcp4", address)
	require.NoError(t, err)
	_, err = Open(Options{Dir: dir, Account: seoul})
	require.ErrorContains(t, err, "opening the endpoint: listen tcp4 "+address)
	require.ErrorContains(t, err, filepath.Join(dir, "ports.json"))
	require.NoError(t, other.Close())
	mustOpen(t, dir)
}

func TestAnEndpointHasNoPortThatAnOutgoingConnectionCouldHaveAtItsNextStart(t *testing.T) {
	for range 20 {
		listener, err := ListenOnFreePort()
		require.NoError(t, err)
		defer listener.Close()
		assert.Less(t, listener.Addr().(*net.TCPAddr).Port, 32_768, "Linux gives this one to connections")
	}
	c := mustOpen(t, t.TempDir())
	address, err := url.Parse(c.URL())
	require.NoError(t, err)
	port, err := strconv.Atoi(address.Port())
	require.NoError(t, err)
	assert.Less(t, port, 32_768)
}

func TestAListenerIsOpenedWithThePortOfLastTime(t *testing.T) {
	dir, asked, got := t.TempDir(), map[string]int{}, map[string]int{}
	options := Options{Dir: dir, Account: seoul, Listen: func(endpoint string, port int) (net.Listener, error) {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		require.NoError(t, err)
		asked[endpoint], got[endpoint] = port, listener.Addr().(*net.TCPAddr).Port
		return listener, nil
	}}
	c, err := Open(options)
	require.NoError(t, err)
	api, err := c.APIGateway.CreateRestAPI(apigateway.RestAPI{Name: "api"})
	require.NoError(t, err)
	require.NoError(t, c.Close(context.Background()))
	assert.Equal(t, map[string]int{APIEndpoint: 0, api.ID: 0}, asked)

	last := got[APIEndpoint]
	c, err = Open(options)
	require.NoError(t, err)
	require.NoError(t, c.Close(context.Background()))
	assert.Equal(t, last, asked[APIEndpoint])
}
