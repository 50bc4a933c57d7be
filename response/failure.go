package response

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
)

// WithStatus gives err the status code that it comes to, 4xx or 5xx: see [Status].
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

// Status returns the status code that err comes to: that of an error in its chain
// which has a method
//
//	DownloadStatus() int
//
// as those of [WithStatus] have; else 404 if it is [fs.ErrNotExist], 403 if
// [fs.ErrPermission], and 500 if nothing else is known.
func Status(err error) int {
	var s interface{ DownloadStatus() int }
	if errors.As(err, &s) {
		if status := s.DownloadStatus(); status >= 400 && status <= 599 {
			return status
		}
		return http.StatusInternalServerError
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// Error answers a request with the [Status] of err. The client sees the text of
// the status code; that of err goes to the log.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	status := Status(err)
	level := slog.LevelError
	switch {
	case status < 500:
		level = slog.LevelInfo
	case errors.Is(r.Context().Err(), context.Canceled):
		level = slog.LevelDebug // nobody is there to read the answer
	}
	slog.Log(r.Context(), level, "downloadview: "+http.StatusText(status),
		"err", err, "method", r.Method, "path", r.URL.Path)
	refuse(w, r, status)
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
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Content-Encoding") == "" { // else its length is that of other bytes
		h.Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.WriteHeader(status)
	// What cannot be written is an error page to a client that has left.
	_, _ = w.Write([]byte(text))
}

// ClearHeader removes from w's header the fields that describe a file (RFC 9110
// §8), and those that say how long an answer with it may be kept. It is for error
// answers, whose header may have been filled for a file that then could not be
// sent.
//
// A Content-Encoding stays if a writer in front encodes whatever comes: without
// the field, nobody could read the answer.
func ClearHeader(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for _, key := range []string{
		"Accept-Ranges", "Cache-Control", "Cdn-Cache-Control", "Content-Digest", "Content-Disposition",
		"Content-Language", "Content-Length", "Content-Location", "Content-Md5", "Content-Range", "Content-Type",
		"Digest", "Etag", "Expires", "Last-Modified", "Repr-Digest", "Surrogate-Control",
	} {
		h.Del(key)
	}
	if !isEncodedInFront(w, r) {
		h.Del("Content-Encoding")
	}
}

// fail ends an answer that cannot be completed: with an error answer if nothing
// was sent, else by breaking it off.
func (d *DownloadResponse) fail(w http.ResponseWriter, r *http.Request, err error) {
	d.body.close()
	d.outcome.Err = err
	if d.body.started() {
		slog.Log(r.Context(), severity(r.Context(), err), "downloadview: download broken off",
			"err", err, "method", r.Method, "path", r.URL.Path, "file", d.name, "sent", d.body.sent)
		d.ended, d.broken = true, true
		panic(http.ErrAbortHandler)
	}
	status := &statusWriter{ResponseWriter: w}
	defer func() { d.ended = status.code != 0 }() // a panic of the hook gets no second answer
	ClearHeader(w, r)
	if d.HandleError != nil {
		d.HandleError(status, r, err)
	} else {
		Error(status, r, err)
	}
	d.outcome.Status = cmp.Or(status.code, http.StatusOK) // what an answer of nothing is
}

// severity tells the failures of a client from those of a producer.
func severity(ctx context.Context, err error) slog.Level {
	_, writing := errors.AsType[*writeError](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return slog.LevelDebug // clients leave all the time
	case writing && !errors.Is(err, os.ErrDeadlineExceeded):
		return slog.LevelDebug // the same, noticed by writing
	case writing, errors.Is(ctx.Err(), context.DeadlineExceeded):
		return slog.LevelWarn // a limit of the server's own
	}
	return slog.LevelError
}

// onPanic is called when ServeHTTP returns, and does something if that is
// because of a panic that is not its own: the client must not take what it has
// for a complete download.
//
// Before the first byte the answer is a 500, and the panic goes on. After it
// the panic cannot, for a middleware that recovers it would return in good
// order, which ends the body properly. So it is logged here, and goes on as
// http.ErrAbortHandler, which is for this and which such middleware lets pass.
func (d *DownloadResponse) onPanic(w http.ResponseWriter, r *http.Request) {
	if d.ended {
		return
	}
	d.body.close()
	d.outcome.Err = errPanic
	if !d.body.started() {
		d.outcome.Status = http.StatusInternalServerError
		refuse(w, r, http.StatusInternalServerError)
		// The panic may close the connection before the answer leaves it.
		_ = http.NewResponseController(w).Flush()
		return
	}
	if v := recover(); v != nil && v != http.ErrAbortHandler {
		slog.ErrorContext(r.Context(), "downloadview: panic, download broken off",
			"panic", v, "method", r.Method, "path", r.URL.Path, "file", d.name, "sent", d.body.sent,
			"stack", string(debug.Stack()))
	}
	d.broken = true
	panic(http.ErrAbortHandler)
}

var errPanic = errors.New("a panic while the file was served")

// statusWriter remembers the status of an error answer that a hook writes.
type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.code == 0 {
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
