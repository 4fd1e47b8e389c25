package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/pipeline"
)

// demoEvent is the event that the demo sends: the first one of the README.
const demoEvent = `{"value":"30","type":"Tip 3"}`

// client sends the event to the endpoint with the authorization that it requires.
type client struct {
	url string
	// access is the setting of that name.
	access string
	apiKey string
	region string
}

func newClient(config pipeline.PipelineArgs, region string, result engine.Result) (*client, error) {
	c := &client{url: outputText(result, "url"), access: config.Access, apiKey: outputText(result, "apiKey"), region: region}
	if c.url == "" {
		return nil, fmt.Errorf("finding the endpoint: the program exports no url")
	}
	return c, nil
}

// requestTimeout is longer than API Gateway waits for an integration.
const requestTimeout = 35 * time.Second

// post sends one event and returns the response.
func (c *client) post(ctx context.Context, event string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader([]byte(event)))
	if err != nil {
		return 0, nil, fmt.Errorf("sending the event: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	switch c.access {
	case pipeline.AccessAPIKey:
		request.Header.Set("X-Api-Key", c.apiKey)
	case pipeline.AccessIAM:
		hash := sha256.Sum256([]byte(event))
		credentials := aws.Credentials{AccessKeyID: ownerKey.ID, SecretAccessKey: ownerKey.Secret}
		err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "execute-api", c.region, time.Now())
		if err != nil {
			return 0, nil, fmt.Errorf("signing the event: %w", err)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("sending the event: %w", err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the endpoint's response: %w", err)
	}
	return response.StatusCode, bytes.TrimSpace(body), nil
}
