//go:build unix

package files

import (
	"errors"
	"syscall"
)

// nonblock keeps the opening of a pipe from waiting for its other end.
const nonblock = syscall.O_NONBLOCK

// isBadName reports whether the system refuses a name because of the name, or
// because of a file on the way to it.
func isBadName(err error) bool {
	var errno syscall.Errno
	errors.As(err, &errno)
	switch errno {
	case syscall.ENOTDIR, syscall.ELOOP, syscall.EINVAL, syscall.ENAMETOOLONG, syscall.ENXIO:
		return true
	}
	return false
}
