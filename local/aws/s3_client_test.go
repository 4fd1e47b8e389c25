package aws

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inSeoul is where the buckets of tests are.
var inSeoul = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintApNortheast2}

// s3ClientOf is a client of the cloud's S3, with a bucket.
func s3ClientOf(t *testing.T, c *Cloud, options ...func(*s3sdk.Options)) *s3sdk.Client {
	t.Helper()
	client := s3sdk.NewFromConfig(clientOf(c, DefaultAccessKey, ""), options...)
	_, err := client.CreateBucket(t.Context(), &s3sdk.CreateBucketInput{
		Bucket: sdk.String("documents"), CreateBucketConfiguration: inSeoul,
	})
	require.NoError(t, err)
	return client
}

func TestObjectsHaveTheChecksumsThatSDKsSendAndVerify(t *testing.T) {
	client := s3ClientOf(t, mustOpen(t, t.TempDir()))
	for _, algorithm := range types.ChecksumAlgorithm("").Values() {
		key := string(algorithm)
		put, err := client.PutObject(t.Context(), &s3sdk.PutObjectInput{
			Bucket: sdk.String("documents"), Key: &key, Body: strings.NewReader("content"), ChecksumAlgorithm: algorithm,
		})
		if algorithm == types.ChecksumAlgorithmMd5 || strings.HasPrefix(key, "XXHASH") || algorithm == types.ChecksumAlgorithmSha512 {
			require.Error(t, err, "%s is not emulated", algorithm)
			continue
		}
		require.NoError(t, err, algorithm)
		sums := map[types.ChecksumAlgorithm]*string{
			types.ChecksumAlgorithmCrc32: put.ChecksumCRC32, types.ChecksumAlgorithmCrc32c: put.ChecksumCRC32C,
			types.ChecksumAlgorithmSha1: put.ChecksumSHA1, types.ChecksumAlgorithmSha256: put.ChecksumSHA256,
			types.ChecksumAlgorithmCrc64nvme: put.ChecksumCRC64NVME,
		}
		assert.NotEmpty(t, sdk.ToString(sums[algorithm]), algorithm)
		got, err := client.GetObject(t.Context(), &s3sdk.GetObjectInput{
			Bucket: sdk.String("documents"), Key: &key, ChecksumMode: types.ChecksumModeEnabled,
		})
		require.NoError(t, err)
		content, err := io.ReadAll(got.Body)
		require.NoError(t, err, "the SDK compares the checksum")
		assert.Equal(t, "content", string(content))
	}
	_, err := client.PutObject(t.Context(), &s3sdk.PutObjectInput{
		Bucket: sdk.String("documents"), Key: sdk.String("wrong"), Body: strings.NewReader("content"), ChecksumCRC32: sdk.String("AAAAAA=="),
	})
	wantError(t, err, "BadDigest", "The CRC32 you specified did not match the calculated checksum.")
}

func TestAnUploadInPartsIsOneObject(t *testing.T) {
	client := s3ClientOf(t, mustOpen(t, t.TempDir()))
	bucket, key := sdk.String("documents"), sdk.String("big")
	begun, err := client.CreateMultipartUpload(t.Context(), &s3sdk.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	parts := [][]byte{bytes.Repeat([]byte("a"), 5<<20), []byte("b")}
	var uploaded []types.CompletedPart
	for i, part := range parts {
		got, err := client.UploadPart(t.Context(), &s3sdk.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: begun.UploadId, PartNumber: sdk.Int32(int32(i + 1)), Body: bytes.NewReader(part),
		})
		require.NoError(t, err)
		uploaded = append(uploaded, types.CompletedPart{ETag: got.ETag, PartNumber: sdk.Int32(int32(i + 1)), ChecksumCRC32: got.ChecksumCRC32})
	}
	_, err = client.CompleteMultipartUpload(t.Context(), &s3sdk.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: uploaded},
	})
	require.NoError(t, err)
	got, err := client.GetObject(t.Context(), &s3sdk.GetObjectInput{Bucket: bucket, Key: key, Range: sdk.String("bytes=5242878-")})
	require.NoError(t, err)
	content, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	assert.Equal(t, "aab", string(content))
}

func TestAPresignedURLIsValidForItsTimeAndItsRequestOnly(t *testing.T) {
	client := s3ClientOf(t, mustOpen(t, t.TempDir()))
	presign := s3sdk.NewPresignClient(client)
	put, err := presign.PresignPutObject(t.Context(), &s3sdk.PutObjectInput{Bucket: sdk.String("documents"), Key: sdk.String("a b/ü")})
	require.NoError(t, err)
	get, err := presign.PresignGetObject(t.Context(), &s3sdk.GetObjectInput{Bucket: sdk.String("documents"), Key: sdk.String("a b/ü")},
		s3sdk.WithPresignExpires(time.Hour))
	require.NoError(t, err)
	status, _ := send(t, put.Method, put.URL, "content")
	require.Equal(t, 200, status)
	status, body := send(t, get.Method, get.URL, "")
	assert.Equal(t, 200, status)
	assert.Equal(t, "content", body)

	status, body = send(t, http.MethodGet, strings.Replace(get.URL, "a%20b", "a%20c", 1), "")
	assert.Equal(t, 403, status)
	assert.Contains(t, body, "<Code>SignatureDoesNotMatch</Code>")
	status, _ = send(t, http.MethodDelete, get.URL, "")
	assert.Equal(t, 403, status)
}

func send(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}

// Clients that write the bucket into the host's name find it there, as on AWS. Names below localhost are resolved by most
// systems, and by this client.
func TestABucketIsFoundInTheNameOfTheHost(t *testing.T) {
	c := mustOpen(t, t.TempDir())
	address := strings.TrimPrefix(c.URL(), "http://")
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	for _, host := range []string{"localhost", "s3.localhost"} {
		client := s3sdk.NewFromConfig(clientOf(c, DefaultAccessKey, ""), func(o *s3sdk.Options) {
			o.BaseEndpoint, o.HTTPClient = sdk.String("http://"+host+":"+port), &http.Client{Transport: transport}
		})
		bucket := sdk.String("of-" + strings.ReplaceAll(host, ".", "-"))
		_, err := client.CreateBucket(t.Context(), &s3sdk.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: inSeoul})
		require.NoError(t, err)
		_, err = client.PutObject(t.Context(), &s3sdk.PutObjectInput{Bucket: bucket, Key: sdk.String("a b/ü"), Body: strings.NewReader("x")})
		require.NoError(t, err)
		list, err := client.ListObjectsV2(t.Context(), &s3sdk.ListObjectsV2Input{Bucket: bucket})
		require.NoError(t, err)
		require.Len(t, list.Contents, 1)
		assert.Equal(t, "a b/ü", *list.Contents[0].Key)
	}
}
