package kinesis

import (
	"errors"
	"os"
	"path/filepath"
)

// openFile opens a file through an os.Root, which shares it for deletion; os.OpenFile does not, and a segment that is
// being read could then be neither renamed nor deleted.
func openFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	dir, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	f, err := dir.OpenFile(filepath.Base(name), flag, perm)
	return f, errors.Join(err, dir.Close())
}
