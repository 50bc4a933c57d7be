//go:build unix

package files

import "syscall"

// nonblock keeps the opening of a pipe from waiting for its other end.
const nonblock = syscall.O_NONBLOCK

// badNames are the errors of the system for a name that cannot be, and for a file
// on the way to it.
var badNames = []error{syscall.ENOTDIR, syscall.ELOOP, syscall.EINVAL, syscall.ENAMETOOLONG, syscall.ENXIO}
