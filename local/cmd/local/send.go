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

// event is the first event of the README, as its curl command sends it.
const event = `{"value":"30","type":"Tip 3"}`

// producer sends events to an endpoint the way that its settings ask for.
type producer struct {
	url string
	// access is the setting of that name: NONE, API_KEY or AWS_IAM.
	access string
	apiKey string
	region string
}

// newProducer finds out how the deployed endpoint wants to be spoken to.
func newProducer(config pipeline.Config, region string, result engine.Result) (*producer, error) {
	p := &producer{url: output(result, "url"), access: config.Access, apiKey: output(result, "apiKey"), region: region}
	if p.url == "" {
		return nil, fmt.Errorf("finding the endpoint: the program exports no url")
	}
	return p, nil
}

// sendTimeout is longer than API Gateway waits for a service.
const sendTimeout = 35 * time.Second

// send posts one event and returns the answer.
func (p *producer) send(ctx context.Context, body string) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, fmt.Errorf("sending the event: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	switch p.access {
	case pipeline.AccessAPIKey:
		request.Header.Set("X-Api-Key", p.apiKey)
	case pipeline.AccessIAM:
		hash := sha256.Sum256([]byte(body))
		credentials := aws.Credentials{AccessKeyID: ownerKey.AccessKeyID, SecretAccessKey: ownerKey.SecretAccessKey}
		err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "execute-api", p.region, time.Now())
		if err != nil {
			return 0, nil, fmt.Errorf("signing the event: %w", err)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("sending the event: %w", err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the endpoint's answer: %w", err)
	}
	return response.StatusCode, bytes.TrimSpace(answer), nil
}
