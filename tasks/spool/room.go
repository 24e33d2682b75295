package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Free is how many bytes of a folder's disk this process may still use.
func Free(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // their types differ between systems
}

// writable is W_OK and X_OK of access(2).
const writable = 0x2 | 0x1

// Place says whether a spool could be opened at path, without making anything: the
// folder, or the first one above it that is there, and its free bytes.
func Place(path string) (dir string, free int64, err error) {
	dir = filepath.Dir(path)
	var info os.FileInfo
	for {
		if info, err = os.Stat(dir); !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	switch {
	case err != nil:
	case !info.IsDir():
		err = syscall.ENOTDIR
	default:
		err = syscall.Access(dir, writable)
	}
	if err != nil {
		return dir, 0, fmt.Errorf("%s: %w", dir, err)
	}
	free, err = Free(dir)
	return dir, free, err
}
