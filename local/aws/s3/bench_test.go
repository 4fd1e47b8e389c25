package s3_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

// BenchmarkPutObject is a delivery of Firehose: 1 MiB, made durable.
func BenchmarkPutObject(b *testing.B) {
	w := newFixture(b, s3.Faults{})
	body := bytes.Repeat([]byte("0123456789abcde\n"), 1<<16)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key := fmt.Sprintf("raw/2026/03/01/12/object-%d", i)
		require.NoError(b, w.PutObject(w.caller, "archive", key, bytes.NewReader(body), s3.PutOptions{}))
	}
}

// BenchmarkList1000 is one page of `aws s3 ls`.
func BenchmarkList1000(b *testing.B) {
	w := newFixture(b, s3.Faults{})
	for i := range 1000 {
		w.put(b, fmt.Sprintf("raw/2026/03/01/12/object-%d", i), "x")
	}
	b.ReportAllocs()
	for b.Loop() {
		objects, err := w.Objects("archive", "raw/")
		require.NoError(b, err)
		require.Len(b, objects, 1000)
	}
}
