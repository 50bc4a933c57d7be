package response

import (
	"net/http"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// redirect sends a 302 to where else the file is: for this time only, for such
// URLs expire.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	ClearHeader(w, r)
	w.Header().Set("Location", escapeURL(to))
	w.WriteHeader(http.StatusFound)
}

// escapeURL returns u as ASCII without blanks and controls, as a URI reference
// must be (RFC 3986 §2).
func escapeURL(u string) string {
	return string(rfc9110.AppendEscaped(nil, u, func(c byte) bool { return c > ' ' && c < 0x7f }))
}
