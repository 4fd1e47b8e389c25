package commandline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/internal/durable"
)

func TestAnErrorHasAHintWhereOneIsKnown(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		hint string
		code int
	}{
		{"no permission", &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "run it as the user who owns the file, or choose another folder with --state", Failed},
		{"a full disk", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "free space on the disk; what was stored is kept", Failed},
		{"a damaged file", &durable.DamagedError{Name: "x", Err: errors.New("y")}, "restore the file from a backup, or delete the state folder to start anew", Failed},
		{"an invalid flag", &UsageError{Reason: "x", Command: "up"}, "see `go run -C local . up --help`", Misused},
		{"an interrupt", context.Canceled, "", Interrupted},
		{"anything else", errors.New("x"), "", Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			assert.Equal(t, test.code, Report(&out, fmt.Errorf("doing something: %w", test.err)))
			want := fmt.Sprintf("error: doing something: %v\n", test.err)
			if test.hint != "" {
				want += "hint: " + test.hint + "\n"
			}
			assert.Equal(t, want, out.String())
		})
	}
}
