package kinesis

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// millionVariable makes the test binary a process that puts and reads a million records and tells its memory.
const millionVariable = "KINESIS_TEST_MILLION_DIR"

func TestAMillionRecordsTakeLessThan200MiBOfMemory(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("needs its own memory and some seconds")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the peak of resident memory is read from /proc")
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), millionVariable+"="+t.TempDir(), "GOGC=100")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(out)
	require.NotNil(t, found, "%s", out)
	peak, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	t.Logf("peak of resident memory: %d MiB", peak>>10)
	assert.Less(t, peak, 200<<10)
}

// putMillion is the process: 32 producers of batches and a reader that follows them.
func putMillion(dir string) {
	const producers, batches, records = 32, 125, 250
	t := fatal{}
	service, err := Open(Options{Dir: dir, Account: account})
	require.NoError(t, err)
	_, err = service.CreateStream(StreamConfig{Name: "events", ShardCount: 40})
	require.NoError(t, err)
	for _, s := range service.find("events").open {
		s.meter.grow(service.options.Clock.Now(), 1<<30, 1<<40)
	}
	caller := childSession(t)
	reader, err := service.NewReader(caller, streamARN, TrimHorizon)
	require.NoError(t, err)
	var working sync.WaitGroup
	for producer := range producers {
		working.Go(func() {
			for batch := range batches {
				var body strings.Builder
				body.WriteString(`{"StreamName":"events","Records":[`)
				for i := range records {
					if i > 0 {
						body.WriteByte(',')
					}
					fmt.Fprintf(&body, `{"PartitionKey":"%d/%d/%d","Data":%q}`, producer, batch, i, base64Of(strings.Repeat("x", 200)))
				}
				body.WriteString(`]}`)
				status, response := service.Call(context.Background(), caller, "PutRecords", []byte(body.String()))
				require.Equal(t, 200, status)
				require.Contains(t, string(response), `"FailedRecordCount":0`)
			}
		})
	}
	for read := 0; read < producers*batches*records; {
		<-reader.Wait()
		got, _, err := reader.Poll(10_000, 1<<20)
		require.NoError(t, err)
		read += len(got)
	}
	working.Wait()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	fmt.Printf("%s\n", status)
}
