package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"ingest-pipeline/local/aws"
)

// readObject reads an object and decompresses it if necessary.
func readObject(c *aws.Cloud, bucket, key string) (_ []byte, err error) {
	object, err := c.S3.Get(bucket, key)
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err == nil && bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		var unzipped *gzip.Reader
		if unzipped, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, err = io.ReadAll(unzipped)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	return content, nil
}

// checkObject returns an error if an object is not exactly one line that equals the event. With envelope, the line has
// the event in its member "event".
func checkObject(content []byte, sent string, envelope bool) error {
	line, rest, terminated := bytes.Cut(content, []byte("\n"))
	if !terminated {
		return fmt.Errorf("the object does not end with a newline: %q", content)
	}
	if len(rest) > 0 {
		return fmt.Errorf("the object has more than one line: %q", content)
	}
	var want, got any
	if err := json.Unmarshal([]byte(sent), &want); err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return fmt.Errorf("the object's line is not JSON: %w: %q", err, line)
	}
	if envelope {
		object, _ := got.(map[string]any)
		got = object["event"]
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the object's line is not the event: %s", line)
	}
	return nil
}
