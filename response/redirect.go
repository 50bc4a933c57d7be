package response

import (
	"net/http"
	"strings"
)

// redirect sends a 302 to where else the file is: for this time only, for such
// URLs expire.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	ClearHeader(w, r)
	w.Header().Set("Location", escapeURL(to))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusFound)
}

// escapeURL returns u as ASCII without blanks and controls, as a URI reference
// must be (RFC 3986 §2).
func escapeURL(u string) string {
	const hex = "0123456789ABCDEF"
	var escaped strings.Builder
	for i := range len(u) {
		if c := u[i]; c > ' ' && c < 0x7f {
			escaped.WriteByte(c)
		} else {
			escaped.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return escaped.String()
}
