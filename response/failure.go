package response

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// WithStatus gives err a status code, 4xx or 5xx: see [Status].
// It wraps err. A nil err stays nil, and a code that is no error's counts as 500.
func WithStatus(err error, status int) error {
	if err == nil {
		return nil
	}
	return &statusError{err, status}
}

type statusError struct {
	error
	status int
}

func (e *statusError) Unwrap() error       { return e.error }
func (e *statusError) DownloadStatus() int { return e.status }

// Status returns the status code for err. If an error in its chain has a method
//
//	DownloadStatus() int
//
// as errors of [WithStatus] have, that decides; else it is 404 if it is [fs.ErrNotExist] or
// [sql.ErrNoRows], 403 if [fs.ErrPermission], and 500 if nothing else is known.
func Status(err error) int {
	var s interface{ DownloadStatus() int }
	if errors.As(err, &s) {
		if status := s.DownloadStatus(); status >= 400 && status <= 599 {
			return status
		}
		return http.StatusInternalServerError
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, sql.ErrNoRows):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// Error answers a request with the [Status] of err. The client sees the text of
// the status code. The text of err goes to the log: at debug level if the status
// is 404, 403 or 410, at info level if another 4xx, else at error level. A client
// that has left is not answered by 5xx: the connection is broken off.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	status := Status(err)
	level := slog.LevelError
	left := hasLeft(r, err)
	switch {
	case status == http.StatusNotFound, status == http.StatusForbidden, status == http.StatusGone:
		level = slog.LevelDebug // scanners and old links would fill the log
	case status < 500:
		level = slog.LevelInfo
	case left:
		level = slog.LevelDebug
	}
	slog.Log(r.Context(), level, "downloadview: "+http.StatusText(status),
		"err", err, "method", r.Method, "path", loggedPath(r))
	if left {
		body.BreakOff(w, false)
		abort(r)
		return
	}
	refuse(w, r, status)
}

// hasLeft reports whether the client has left before an answer to err could be
// sent. err may only be a consequence.
func hasLeft(r *http.Request, err error) bool {
	return errors.Is(r.Context().Err(), context.Canceled) && Status(err) >= 500 && isServed(r)
}

// isServed reports whether a server waits for the answer to r which recovers
// panics: net/http's, or quic-go's for HTTP/3. In net/http/fcgi a panic ends the
// program.
func isServed(r *http.Request) bool {
	return r.Context().Value(http.ServerContextKey) != nil || r.Context().Value(http.LocalAddrContextKey) != nil
}

// abort ends a request whose answer was broken off, or will be.
func abort(r *http.Request) {
	if isServed(r) {
		panic(http.ErrAbortHandler)
	}
}

// loggedPath returns the path of r for the log. A client that escapes the "?" of a
// signed link has its signature in the path.
func loggedPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path
}

// refuse answers with an error status, and with nothing that was meant for a
// file: no validators, no Content-Disposition (browsers would start a download
// that fails without a word), and no leave to keep the answer.
func refuse(w http.ResponseWriter, r *http.Request, status int) {
	ClearHeader(w, r)
	writeStatus(w, status)
}

// writeStatus sends an error status and its text.
func writeStatus(w http.ResponseWriter, status int) {
	h := w.Header()
	text := http.StatusText(status) + "\n"
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Content-Encoding") == "" { // else the length is another
		h.Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.WriteHeader(status)
	// What cannot be written is an error page to a client that has left.
	_, _ = w.Write([]byte(text))
}

// refuseRange answers with 416.
func refuseRange(w http.ResponseWriter, r *http.Request, size int64) {
	ClearHeader(w, r)
	// The length tells the client what would have been satisfiable, §15.5.17.
	w.Header().Set("Content-Range", rfc9110.UnsatisfiedRange(size))
	writeStatus(w, http.StatusRequestedRangeNotSatisfiable)
}

// ClearHeader removes from w's header the fields that describe a file (RFC 9110
// §8), and sets Cache-Control: no-store. It is for error answers, whose header may
// have been filled for a file that then could not be sent.
//
// A Content-Encoding stays if a writer in front encodes whatever comes: without
// the field, no client could read the answer.
func ClearHeader(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	rfc9110.Unify(h)
	coding, inFront := h["Content-Encoding"], isEncodedInFront(w, r)
	rfc9110.ClearRepresentation(h)
	if inFront {
		h["Content-Encoding"] = coding
	}
}

// statusWriter remembers the status of an answer that a hook writes.
type statusWriter struct {
	http.ResponseWriter
	code int // 0: nothing was written
}

func (w *statusWriter) begun() bool { return w.code != 0 }

// status returns the answer's when the hook has returned: an empty answer is a
// 200.
func (w *statusWriter) status() int { return cmp.Or(w.code, http.StatusOK) }

func (w *statusWriter) WriteHeader(code int) {
	if w.code == 0 && code >= 200 { // those below are informational, and another follows
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
