package send

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// endpointHost matches the host name of a REST API, which has its region.
var endpointHost = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$`)

// signer loads the AWS credentials for signing and makes sure that there are some.
func signer(ctx context.Context, target *url.URL, options Options) (func(context.Context, *http.Request, []byte) error, error) {
	var load []func(*config.LoadOptions) error
	if options.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(options.Profile))
	}
	if options.Credentials != nil {
		load = append(load, config.WithCredentialsProvider(options.Credentials))
	}
	settings, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("signing requests: reading the AWS settings: %w", err)
	}
	region := options.Region
	if match := endpointHost.FindStringSubmatch(target.Hostname()); region == "" && match != nil {
		region = match[1]
	}
	if region == "" {
		region = settings.Region
	}
	if region == "" {
		return nil, errors.New("signing requests: the endpoint's region is not known: set --region or AWS_REGION")
	}
	if _, err := settings.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("signing requests: finding AWS credentials: %w", err)
	}
	made := v4.NewSigner()
	return func(ctx context.Context, request *http.Request, body []byte) error {
		// Retrieved each time, since temporary credentials expire. They are cached.
		credentials, err := settings.Credentials.Retrieve(ctx)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(body)
		return made.SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "execute-api", region, options.Clock.Now())
	}, nil
}
