package rfc9110

// AppendEscaped appends s to b, with each byte as "%2F" (RFC 3986 §2.1) unless it
// is one to keep.
func AppendEscaped(b []byte, s string, keep func(c byte) bool) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; keep(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// EscapePath returns path with all escaped but unreserved characters and slashes.
// url.PathEscape leaves more.
func EscapePath(path string) string {
	return string(AppendEscaped(nil, path, func(c byte) bool { return c == '/' || IsUnreserved(c) }))
}

// IsUnreserved reports whether c never needs escaping in a URI (RFC 3986 §2.3).
func IsUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
