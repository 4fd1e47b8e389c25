package endpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/sigv4"
)

// authenticate finds the caller of a signed request, and the secret that it has to be signed with.
func (e *Endpoint) authenticate(signature *sigv4.Signature) (*iam.Session, string, error) {
	region := e.options.Account.Region
	if isGlobal(signature.Service) && signature.Region == globalRegion {
		region = globalRegion
	}
	if err := signature.Check(region, signature.Service, e.options.Clock.Now()); err != nil {
		return nil, "", err
	}
	return e.options.IAM.Authenticate(signature.AccessKey, signature.Token)
}

// globalRegion is the Region in the scope of the services that have one endpoint for the world: documented (IAM user
// guide, reference_sigv-create-signed-request). Clients that have the address from a setting sign for their own.
const globalRegion = "us-east-1"

func isGlobal(service string) bool { return service == "iam" || service == "sts" }

// refusal is why a request is not authenticated, as JSON services word it; package protocol has the codes of the others.
func refusal(err error) error {
	var refused *sigv4.Error
	switch {
	case errors.Is(err, iam.ErrExpiredToken):
		return awserr.New("ExpiredTokenException", 400, "The security token included in the request is expired")
	case errors.Is(err, iam.ErrUnknownKey):
		return awserr.New("UnrecognizedClientException", 400, "The security token included in the request is invalid.")
	case !errors.As(err, &refused):
		return err
	}
	switch refused.Kind {
	case sigv4.Missing:
		return awserr.New("MissingAuthenticationTokenException", 400, "%s", refused.Message)
	case sigv4.Incomplete:
		return awserr.New("IncompleteSignatureException", 400, "%s", refused.Message)
	default:
		return awserr.New("InvalidSignatureException", 400, "%s", refused.Message)
	}
}

// serveS3 verifies the signature of a request to S3, whose body is not read before it is asked for: its hash is in a header.
// Documented: S3 API reference, sig-v4-header-based-auth.
func (e *Endpoint) serveS3(w http.ResponseWriter, r *http.Request, signature *sigv4.Signature, err error) {
	if err != nil {
		e.options.S3.RefuseAPI(w, r, s3Refusal(err))
		return
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case signature.InQuery && payload == "":
		payload = "UNSIGNED-PAYLOAD"
	case payload == "":
		e.options.S3.RefuseAPI(w, r, awserr.New("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256"))
		return
	}
	caller, secret, err := e.authenticate(signature)
	if err == nil {
		err = signature.Verify(r, secret, payload)
	}
	if err != nil {
		e.options.S3.RefuseAPI(w, r, s3Refusal(err))
		return
	}
	if sum, err := hex.DecodeString(payload); err == nil && len(sum) == sha256.Size {
		r.Body = &hashedBody{ReadCloser: r.Body, hash: sha256.New(), want: payload}
	}
	e.options.S3.ServeAPI(w, r.WithContext(sigv4.NewContext(r.Context(), signature, secret)), caller)
}

// s3Refusal is refusal for S3. Documented: S3 API reference, ErrorResponses.
func s3Refusal(err error) error {
	var refused *sigv4.Error
	switch {
	case errors.Is(err, iam.ErrExpiredToken):
		return awserr.New("ExpiredToken", 400, "The provided token has expired.")
	case errors.Is(err, iam.ErrUnknownKey):
		return awserr.New("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
	case !errors.As(err, &refused):
		return err
	}
	switch refused.Kind {
	case sigv4.Missing:
		return awserr.New("AccessDenied", 403, "Access Denied")
	case sigv4.Incomplete, sigv4.Invalid:
		return awserr.New("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; %s", refused.Message)
	case sigv4.Expired, sigv4.Early:
		return awserr.New("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.")
	default:
		return awserr.New("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you "+
			"provided. Check your key and signing method.")
	}
}

// hashedBody compares a body with its hash when it has been read.
type hashedBody struct {
	io.ReadCloser
	hash hash.Hash
	want string
}

func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.hash.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(b.hash.Sum(nil)) != b.want {
		return n, awserr.New("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return n, err
}
