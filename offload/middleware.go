package offload

import (
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/response"
)

// Wrap returns next with its files handed over where a rule matches. It is for a
// whole router (r.Use(m.Wrap)) or for one view's handler; several nest, and the
// innermost whose rule matches holds. Middleware that refuses requests may stand in
// front of it or behind.
//
// Fields of a request that look like a front server's (X-Accel-…, X-Sendfile…)
// are removed: with them, a client tries to choose the file.
func (m *Middleware) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(response.WithInterceptor(r.Context(), m.handOver))
		if forged := forgedFields(r.Header); len(forged) > 0 {
			r.Header = r.Header.Clone()
			for _, key := range forged {
				delete(r.Header, key)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// forgedFields returns the names of the fields that only a server may send.
func forgedFields(h http.Header) (keys []string) {
	for key := range h {
		if strings.HasPrefix(key, "X-Accel-") || strings.HasPrefix(key, "X-Sendfile") {
			keys = append(keys, key)
		}
	}
	return keys
}

var _ response.Interceptor = (*Middleware)(nil).handOver

// handOver answers r with the place of the file, or leaves it to the response.
func (m *Middleware) handOver(w http.ResponseWriter, r *http.Request, rep *response.Representation) bool {
	value, err := m.locate(r.Context(), w.Header(), rep)
	if err == nil && rep.AnswerConditions(w, r, m.kind.evaluates...) {
		return true
	}
	if err == nil && wouldContradict(r, rep) {
		err = errNotModified
	}
	if err == nil && rep.Encoding != "" && r.Header.Get("Range") != "" {
		err = errEncoded // lighttpd sends no parts of what has a Content-Encoding
	}
	if err != nil {
		slog.DebugContext(r.Context(), "downloadview: not handed over, the application sends the file",
			"reason", err, "server", m.kind.name, "file", rep.Name, "path", r.URL.Path)
		return false
	}
	if !r.ProtoAtLeast(1, 1) {
		m.http10.Do(func() {
			slog.WarnContext(r.Context(), "downloadview: the front server asks by HTTP/1.0, so that a download which breaks off can look complete",
				"server", m.kind.name, "nginx", "proxy_http_version 1.1")
		})
	}
	rep.SetHeader(w)
	m.prepare(w, r, rep)
	// The last: an error answer in between must not have it, for it holds with
	// whatever status there is.
	w.Header().Set(m.kind.header, value)
	w.WriteHeader(http.StatusOK)
	return true
}

// prepare makes w's header one for the front server, which knows the length and
// serves the ranges, of the file as it is.
func (m *Middleware) prepare(w http.ResponseWriter, r *http.Request, rep *response.Representation) {
	h := w.Header()
	for _, key := range []string{"Accept-Ranges", "Content-Length", "Content-Range"} {
		delete(h, key)
	}
	if rep.Encoding == "" {
		delete(h, "Content-Encoding")
	}
	if r.Header.Get("Range") != "" {
		// The answer may become a part, and these are of the whole (RFC 9530 §2).
		delete(h, "Content-Digest")
		delete(h, "Content-Md5")
	}
	for key, values := range m.accel {
		if _, ok := h[key]; !ok {
			h[key] = values
		}
	}
	if m.kind.keepsCoding && rep.MayBeCompressed && rep.Encoding == "" {
		// It would encode an empty body, and say so of the file.
		h.Set("Content-Encoding", "identity")
	}
}

// wouldContradict reports whether the front server could answer If-Modified-Since
// by 304, of a file that the view takes for modified. The server goes by the time
// of the file or by the Last-Modified that it is told.
func wouldContradict(r *http.Request, rep *response.Representation) bool {
	value := r.Header.Get("If-Modified-Since")
	if value == "" || r.Header.Get("If-None-Match") != "" { // RFC 9110 §13.1.3
		return false
	}
	since, err := http.ParseTime(value)
	return err == nil && (!since.Before(rep.ModTime.Truncate(time.Second)) || !since.Before(modTime(rep.OnDisk)))
}

// modTime returns when f was modified in whole seconds; the zero time if that is
// not known.
func modTime(f *os.File) time.Time {
	if f != nil {
		if info, err := f.Stat(); err == nil {
			return info.ModTime().Truncate(time.Second)
		}
	}
	return time.Time{}
}
