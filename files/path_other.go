//go:build !unix && !windows

package files

// nonblock is nothing where a pipe cannot be opened like a file.
const nonblock = 0

// isBadName cannot tell: these systems have other errors, or none of their own.
func isBadName(error) bool { return false }
