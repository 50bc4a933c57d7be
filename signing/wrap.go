package signing

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// Wrap returns a handler that has next answer requests which verify, and no
// others. It is middleware for a router, or goes around one handler.
//
// Two header fields are set before next is called, unless they are there:
//
//	Cache-Control: private, max-age=…   as long as the link is good
//	Referrer-Policy: no-referrer        a page must not tell others its link
//
// The error answers of views replace the former by no-store. A handler that is
// no view must do so, too: http.Error and http.NotFound do not.
//
// Refusals are the text of the status code, with Cache-Control: no-store, and a
// line in the log with the path and never the query. Other methods than GET and
// HEAD are 405, as for a view.
func (s *Signer) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, expires, refused := s.verify(r)
		if refused != nil {
			refuse(w, r, refused)
			return
		}
		setDefault(w.Header(), "Cache-Control", "private, max-age="+strconv.FormatInt(s.remaining(expires), 10))
		setDefault(w.Header(), "Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// remaining returns the whole seconds until expires.
func (s *Signer) remaining(expires int64) int64 {
	now := s.now()
	seconds := expires - now.Unix()
	if now.Nanosecond() > 0 {
		seconds--
	}
	return max(0, seconds)
}

// setDefault sets a field, whose key is in canonical form, unless it is there.
func setDefault(h http.Header, key, value string) {
	if _, ok := h[key]; !ok {
		h.Set(key, value)
	}
}

// refuse answers with an error status, and with nothing that was meant for a
// file.
func refuse(w http.ResponseWriter, r *http.Request, err *refusal) {
	h, status := w.Header(), err.status
	if err == errMethod {
		status = http.StatusMethodNotAllowed
		h.Set("Allow", "GET, HEAD") // RFC 9110 §15.5.6
	}
	text := http.StatusText(status)
	// Where a client has escaped the "?", the query is part of the path.
	path, _, _ := strings.Cut(r.URL.Path, "?")
	slog.InfoContext(r.Context(), "downloadview: "+text, "err", err, "method", r.Method, "path", path)
	for _, key := range []string{
		"Cdn-Cache-Control", "Content-Disposition", "Etag", "Expires", "Last-Modified", "Surrogate-Control",
	} {
		h.Del(key)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	// What cannot be written is an error page to a client that has left.
	_, _ = w.Write([]byte(text + "\n"))
}
