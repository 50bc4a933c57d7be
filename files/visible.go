package files

import "strings"

// IsVisible reports whether no element of name begins with a dot, .well-known
// (RFC 8615) excepted. Names such as ".env" and ".git/config" are not for clients.
// It is the default of every Allow. A program that opens a file by a name from
// the client, with [OpenInRoot] or [OpenStorageFile], has to ask it itself.
func IsVisible(name string) bool {
	for element := range strings.FieldsFuncSeq(name, isSeparator) {
		if element[0] == '.' && element != ".well-known" {
			return false
		}
	}
	return true
}

// isSeparator: a backslash is one where the system is Windows.
func isSeparator(r rune) bool { return r == '/' || r == '\\' }
