package s3

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"ingest-pipeline/local/aws/awserr"
)

const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"

// getBucketLocation answers with the Region; gofakes3 knows only us-east-1, which S3 leaves empty.
func getBucketLocation(s *Service, a *answer, _ *http.Request, _ operation) {
	region := s.account.Region
	if region == "us-east-1" {
		region = ""
	}
	a.Header().Set("Content-Type", "application/xml")
	a.writeXML(struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		Xmlns   string   `xml:"xmlns,attr"`
		Region  string   `xml:",chardata"`
	}{Xmlns: xmlns, Region: region})
}

func getBucketPolicy(s *Service, a *answer, _ *http.Request, op operation) {
	document, err := s.GetBucketPolicy(op.bucket)
	if err != nil {
		a.refuse(err)
		return
	}
	a.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(a, document) // the client is gone, if this fails
}

// getBucketVersioning answers that it was never enabled, which S3 does with an empty document. Documented: API reference,
// API_GetBucketVersioning. gofakes3 writes empty members.
func getBucketVersioning(_ *Service, a *answer, _ *http.Request, _ operation) {
	a.Header().Set("Content-Type", "application/xml")
	a.writeXML(struct {
		XMLName xml.Name `xml:"VersioningConfiguration"`
		Xmlns   string   `xml:"xmlns,attr"`
	}{Xmlns: xmlns})
}

func (s *Service) hasBucket(name string) bool {
	_, err := s.bucket(name)
	return err == nil
}

// maxBucketConfiguration bounds the body of CreateBucket, in bytes.
const maxBucketConfiguration = 64 << 10

// createBucket creates a bucket in the Region of the account, which the request has to name. Documented: API reference,
// API_CreateBucket; the messages are known from the field.
func createBucket(s *Service, a *answer, r *http.Request, op operation) {
	var configuration struct {
		LocationConstraint string
	}
	err := xml.NewDecoder(http.MaxBytesReader(a, r.Body, maxBucketConfiguration)).Decode(&configuration)
	if err != nil && !errors.Is(err, io.EOF) {
		a.refuse(awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema"))
		return
	}
	region := s.account.Region
	switch location := configuration.LocationConstraint; {
	case location == "" && region != "us-east-1":
		err = awserr.New("IllegalLocationConstraintException", 400, "The unspecified location constraint is incompatible for the "+
			"region specific endpoint this request was sent to.")
	case location == "us-east-1":
		err = awserr.New("InvalidLocationConstraint", 400, "The specified location-constraint is not valid")
	case location != "" && location != region:
		err = awserr.New("IllegalLocationConstraintException", 400, "The %s location constraint is incompatible for the region "+
			"specific endpoint this request was sent to.", location)
	case s.hasBucket(op.bucket):
		err = awserr.New("BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded and you already own it.")
	default:
		_, err = s.CreateBucket(op.bucket)
	}
	if err != nil {
		a.refuse(err)
		return
	}
	a.Header().Set("Location", "/"+op.bucket)
	a.WriteHeader(http.StatusOK)
}
