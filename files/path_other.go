//go:build !unix && !windows

package files

// nonblock is nothing where a pipe cannot be opened like a file.
const nonblock = 0

// isBadName cannot tell: these systems have other errors.
func isBadName(error) bool { return false }
