package signing

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Wrap returns a handler that calls next for requests that verify, and for no
// others. It is middleware for a router, or goes around one handler.
//
// Two header fields are set, unless they are there:
//
//	Cache-Control: private, max-age=…   as long as the link is good
//	Referrer-Policy: no-referrer        a page must not tell others its link
//
// With the error answers of views, Cache-Control is no-store. A handler that is no
// view must see to that itself: http.Error and http.NotFound do not.
//
// Other requests are refused, by HandleError of the [Options] if there is one, and
// logged at debug level, with the path and never the query. Other methods than
// GET and HEAD are 405, as for a view. So CORS middleware, which answers OPTIONS,
// stands in front of Wrap.
func (s *Signer) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setDefault(w.Header(), "Referrer-Policy", "no-referrer")
		_, expires, refused := s.verify(r)
		if refused != nil {
			s.refuse(w, r, refused)
			return
		}
		setDefault(w.Header(), "Cache-Control", "private, max-age="+strconv.FormatInt(s.maxAge(expires), 10))
		next.ServeHTTP(w, r)
	})
}

// maxAge returns the whole seconds until expires, as many as a cache has to
// understand (RFC 9111 §1.2.2).
func (s *Signer) maxAge(expires int64) int64 {
	now := s.now()
	seconds := expires - now.Unix()
	if now.Nanosecond() > 0 {
		seconds--
	}
	return min(max(0, seconds), math.MaxInt32)
}

// setDefault sets a field, whose key is in canonical form, unless it is there.
func setDefault(h http.Header, key, value string) {
	if _, ok := h[key]; !ok {
		h.Set(key, value)
	}
}

// refuse answers with an error status, and without the fields of a file.
func (s *Signer) refuse(w http.ResponseWriter, r *http.Request, err *refusal) {
	// Where a client has escaped the "?", the query is part of the path.
	path, _, _ := strings.Cut(r.URL.Path, "?")
	slog.DebugContext(r.Context(), "downloadview: link refused", "err", err, "method", r.Method, "path", path)
	h := w.Header()
	rfc9110.ClearRepresentation(h)
	switch {
	case err == errMethod:
		h.Set("Allow", "GET, HEAD") // RFC 9110 §15.5.6
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case s.handleError != nil:
		s.handleError(w, r, err)
	default:
		http.Error(w, http.StatusText(err.status), err.status)
	}
}
