//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd

package cache

import (
	"errors"
	"os"
)

// lockFile would take the lock of an open file.
func lockFile(*os.File) error { return errors.ErrUnsupported }
