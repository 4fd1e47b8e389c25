package s3

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// ServeAPI answers a request to the S3 API (path-style, <bucket>.s3.localhost or <bucket>.localhost), whose signature is
// verified; plain HTTP counts as TLS. It is not for an http.ServeMux, which would clean keys such as "a//b".
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, caller *iam.Session) {
	number, a := s.newAnswer(w, r)
	op, err := s.accept(r, caller)
	switch {
	case err != nil:
		a.refuse(err)
	case op.direct != nil:
		op.direct(s, a, r, op)
	default:
		gofakes3.New(&backend{s: s, r: r, a: a, op: op},
			gofakes3.WithTimeSource(clockSource{s.clock}),
			gofakes3.WithTimeSkewLimit(0),     // there is nothing to protect from replays
			gofakes3.WithMetadataSizeLimit(0), // put limits what is metadata; gofakes3 would count the signature too
			gofakes3.WithRequestID(number-1),
		).Server().ServeHTTP(a, r)
		a.WriteHeader(http.StatusOK) // for an answer without a body; after any other it does nothing
	}
}

// RefuseAPI answers a request with an error before it is known what it asks for.
func (s *Service) RefuseAPI(w http.ResponseWriter, r *http.Request, err error) {
	_, a := s.newAnswer(w, r)
	a.refuse(err)
}

func (s *Service) newAnswer(w http.ResponseWriter, r *http.Request) (number uint64, a *answer) {
	number = s.requests.Add(1)
	return number, &answer{ResponseWriter: w, request: r, requestID: fmt.Sprintf("%016X", number), headers: map[string]string{}}
}

// accept finds out what the request asks for and whether the caller may do it.
func (s *Service) accept(r *http.Request, caller *iam.Session) (operation, error) {
	if r.Method == http.MethodOptions { // documented: user guide, cors-troubleshooting.html
		return operation{}, awserr.New("AccessForbidden", 403, "CORSResponse: CORS is not enabled for this bucket.")
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if name, isNamed := strings.CutSuffix(host, ".localhost"); isNamed && name != "s3" {
		r.URL.Path = "/" + strings.TrimSuffix(name, ".s3") + r.URL.Path
	}
	r.Header.Del("X-Minio-Force-Delete") // an extension of gofakes3
	op, err := operationOf(r)
	if err != nil {
		return op, err
	}
	op.caller = caller
	if op.bucket == "" || op.action == "s3:CreateBucket" {
		return op, s.authorizeAccount(r, op)
	}
	b, err := s.bucket(op.bucket)
	if err != nil {
		return op, err
	}
	if err := s.authorizeRequest(r, b, op); err != nil {
		return op, err
	}
	return op, decodeBody(r)
}

func (s *Service) authorizeRequest(r *http.Request, b *bucket, op operation) error {
	arn := s.account.ARN("s3", op.bucket)
	switch {
	case op.action == "s3:GetBucketPolicy":
		// Documented (user guide, troubleshoot-403-errors.html): the root user can always reach the policy.
		return nil
	case op.key == "" && op.action == "s3:DeleteObject":
		return nil
	case op.key != "":
		arn = s.objectARN(op.bucket, op.key)
	}
	return s.authorize(op.caller, b, op.action, arn, conditionKeys(r))
}

// authorizeAccount authorizes an action that no bucket's policy can be about.
func (s *Service) authorizeAccount(r *http.Request, op operation) error {
	resource := "*"
	if op.bucket != "" {
		resource = s.account.ARN("s3", op.bucket)
	}
	return accessDenied(op.caller.Authorize(iam.Request{Action: op.action, Resource: resource, Context: conditionKeys(r)}), resource)
}

// clockSource is gofakes3's view of the clock.
type clockSource struct{ clock clockwork.Clock }

func (c clockSource) Now() time.Time                  { return c.clock.Now() }
func (c clockSource) Since(t time.Time) time.Duration { return c.clock.Since(t) }
