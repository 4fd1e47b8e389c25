package objects

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// bucket is a location in S3.
type bucket struct {
	client       *s3.Client
	name, prefix string
}

// openS3 opens the location bucket/prefix.
func openS3(ctx context.Context, location string, options Options) (Location, error) {
	name, prefix, _ := strings.Cut(location, "/")
	if name == "" {
		return nil, fmt.Errorf("opening s3://%s: there is no bucket in it; write s3://bucket/prefix", location)
	}
	load := []func(*config.LoadOptions) error{config.WithSharedConfigProfile(options.Profile)}
	if options.Region != "" {
		load = append(load, config.WithRegion(options.Region))
	}
	settings, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("opening s3://%s: reading the AWS settings: %w", location, err)
	}
	if settings.Region == "" {
		return nil, fmt.Errorf("opening s3://%s: the bucket's region is not known: set --region or AWS_REGION", location)
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		// Firehose writes objects in parts, whose checksums cannot be compared with that of the whole.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	return &bucket{client: client, name: name, prefix: prefix}, nil
}

func (b *bucket) String() string { return "s3://" + b.name + "/" + b.prefix }

func (b *bucket) List(ctx context.Context, visit func(Object) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &b.prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing %s: %w", b, err)
		}
		for _, o := range page.Contents {
			if strings.HasSuffix(aws.ToString(o.Key), "/") {
				continue // what the console makes for a folder
			}
			if err := visit(Object{Name: aws.ToString(o.Key), Modified: aws.ToTime(o.LastModified)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bucket) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	got, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &o.Name})
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", b.name, o.Name, err)
	}
	return got.Body, nil
}
