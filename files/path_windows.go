package files

import (
	"errors"
	"syscall"
)

// nonblock is nothing: no pipe has a name in a directory.
const nonblock = 0

// The errors of the system for names that cannot be, and for files on the way to
// them: https://learn.microsoft.com/windows/win32/debug/system-error-codes
const (
	errorInvalidName         syscall.Errno = 123
	errorBadPathname         syscall.Errno = 161
	errorFilenameExcedRange  syscall.Errno = 206
	errorDirectory           syscall.Errno = 267
	errorCantResolveFilename syscall.Errno = 1921 // a link to itself
)

// isBadName reports whether the system refuses a name because of the name, or
// because of a file on the way to it.
func isBadName(err error) bool {
	var errno syscall.Errno
	errors.As(err, &errno)
	switch errno {
	case errorInvalidName, errorBadPathname, errorFilenameExcedRange, errorDirectory, errorCantResolveFilename,
		syscall.ENOTDIR, syscall.ELOOP, syscall.EINVAL, syscall.ENAMETOOLONG:
		return true
	}
	return false
}
