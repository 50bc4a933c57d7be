package files

import "syscall"

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

// badNames are the errors of the system for a name that cannot be, and for a file
// on the way to it.
var badNames = []error{
	errorInvalidName, errorBadPathname, errorFilenameExcedRange, errorDirectory, errorCantResolveFilename,
	syscall.ENOTDIR, syscall.ELOOP, syscall.EINVAL, syscall.ENAMETOOLONG,
}
