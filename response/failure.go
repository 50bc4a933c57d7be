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

// DownloadStatuser is the optional method of an error that knows which status
// code, 4xx or 5xx, it comes to.
type DownloadStatuser interface {
	error
	DownloadStatus() int
}

// Status returns the status code that err comes to: its own if there is a
// [DownloadStatuser] in its chain, 404 if it is [fs.ErrNotExist], 403 if
// [fs.ErrPermission], else 500.
func Status(err error) int {
	if s, ok := errors.AsType[DownloadStatuser](err); ok && s.DownloadStatus() >= 400 && s.DownloadStatus() <= 599 {
		return s.DownloadStatus()
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
	refuse(w, status)
}

// refuse answers with an error status, and with nothing that was meant for a
// file: no validators, no Content-Disposition (browsers would start a download
// that fails without a word), and no leave to keep the answer.
func refuse(w http.ResponseWriter, status int) {
	ClearHeader(w.Header())
	writeStatus(w, status)
}

// writeStatus sends an error status and its text.
func writeStatus(w http.ResponseWriter, status int) {
	h := w.Header()
	text := http.StatusText(status) + "\n"
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	// What cannot be written is an error page to a client that has left.
	_, _ = w.Write([]byte(text))
}

// ClearHeader removes the fields that describe a file (RFC 9110 §8), or how long
// an answer with it may be kept. It is for error answers, whose header may have
// been filled for a file that then could not be sent.
func ClearHeader(h http.Header) {
	for _, key := range []string{
		"Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language",
		"Content-Length", "Content-Location", "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified",
	} {
		h.Del(key)
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
	ClearHeader(w.Header())
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
		refuse(w, http.StatusInternalServerError)
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
