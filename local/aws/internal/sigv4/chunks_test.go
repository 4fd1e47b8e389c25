package sigv4

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// The examples of AWS's documentation (S3 API reference, sigv4-streaming and sigv4-streaming-trailers): 66560 bytes "a" in
// three chunks.
func TestTheChunksOfAWSsExamplesAreVerified(t *testing.T) {
	for _, example := range []struct {
		name, seed string
		chunks     [3]string
	}{
		{"without a trailer", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", [3]string{
			"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
			"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
			"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
		}},
		{"with a trailer", "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", [3]string{
			"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
			"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
			"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
		}},
	} {
		t.Run(example.name, func(t *testing.T) {
			signature := &Signature{Time: "20130524T000000Z", Date: "20130524", Region: "us-east-1", Service: "s3", Signature: example.seed}
			hash := func(n int) []byte {
				sum := sha256.Sum256(bytes.Repeat([]byte("a"), n))
				return sum[:]
			}
			chunks := NewChunks(signature, exampleSecret)
			require.NoError(t, chunks.Verify(example.chunks[0], hash(65536)))
			require.NoError(t, chunks.Verify(example.chunks[1], hash(1024)))
			require.NoError(t, chunks.Verify(example.chunks[2], hash(0)))
			trailer := []byte("x-amz-checksum-crc32c:sOO8/Q==\n")
			if example.name == "with a trailer" {
				require.NoError(t, chunks.VerifyTrailer("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435", trailer))
			}

			var refused *Error
			chunks = NewChunks(signature, exampleSecret)
			require.ErrorAs(t, chunks.Verify(example.chunks[0], hash(65535)), &refused, "other bytes")
			assert.Equal(t, Mismatch, refused.Kind)
			require.Error(t, chunks.Verify(example.chunks[1], hash(1024)), "a chunk is missing")
			require.Error(t, NewChunks(signature, "another").Verify(example.chunks[0], hash(65536)))
			require.Error(t, chunks.VerifyTrailer("", trailer))
		})
	}
}
