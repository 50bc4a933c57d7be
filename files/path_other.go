//go:build !unix && !windows

package files

// nonblock is nothing where a pipe cannot be opened like a file.
const nonblock = 0

// badNames is empty: these systems have other errors.
var badNames []error
