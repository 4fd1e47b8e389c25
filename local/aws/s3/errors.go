package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// Codes and sentences are documented: API reference, ErrorResponses.html, if nothing else is said.

func noSuchBucket(bucket string) error {
	return awserr.New("NoSuchBucket", 404, "The specified bucket does not exist: %s", bucket)
}

func noSuchKey(key string) error {
	return awserr.New("NoSuchKey", 404, "The specified key does not exist: %s", key)
}

func noSuchUpload() error {
	return awserr.New("NoSuchUpload", 404, "The specified upload does not exist. The upload ID may be invalid, or the "+
		"upload may have been aborted or completed.")
}

func isNoSuchKey(err error) bool    { return hasCode(err, "NoSuchKey") }
func isNoSuchUpload(err error) bool { return hasCode(err, "NoSuchUpload") }

func hasCode(err error, code string) bool {
	var aws *awserr.Error
	return errors.As(err, &aws) && aws.Code == code
}

func invalidArgument(format string, args ...any) error {
	return awserr.New("InvalidArgument", 400, format, args...)
}

func notImplemented(format string, args ...any) error {
	return awserr.New("NotImplemented", 501, "The local target does not implement "+format, args...)
}

// internalError is what S3 answers when the fault is its own: here a full disk, or a folder that cannot be read or written.
// The message says which, since the disk is the caller's.
func internalError(doing string, err error) error {
	var aws *awserr.Error
	if err == nil || errors.As(err, &aws) {
		return err
	}
	return awserr.New("InternalError", 500, "We encountered an internal error. Please try again. (%s: %s)", doing, cause(err))
}

// cause shortens "openat a/b: permission denied" to its cause; the path is relative to the root.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("%s: %s", path.Path, path.Err)
	}
	return err.Error()
}

// accessDenied turns the refusal of iam into S3's: another code and status, and the resource in quotes ([FIELD]).
func accessDenied(err error, resource string) error {
	var aws *awserr.Error
	if !errors.As(err, &aws) || aws.Code != "AccessDeniedException" {
		return err
	}
	message := strings.Replace(aws.Message, " on resource: "+resource, fmt.Sprintf(` on resource: "%s"`, resource), 1)
	return awserr.New("AccessDenied", 403, "%s", message)
}
