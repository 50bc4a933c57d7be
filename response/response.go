package response

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"
)

// DownloadResponse answers one request with a file. It is a value first, which
// others may look at, change or replace, and an answer when it is served, once.
type DownloadResponse struct {
	// File is the file to send. The response closes it.
	File fs.File
	// Err, if not nil, is why there is no File. The answer is an error then.
	Err error
	// Options say how.
	Options Options

	// WasModifiedSince decides If-Modified-Since, and nothing overrules it.
	// nil: [WasModifiedSince] of the file.
	WasModifiedSince func(since time.Time) bool
	// HandleError answers instead of the file if that fails before its first
	// byte was sent. nil: [Error].
	HandleError func(w http.ResponseWriter, r *http.Request, err error)

	closed bool
	answer answer
}

// New returns an answer to one request: file, presented as opts say. The file
// is closed when it was served, or by Close, whichever is first. A nil file
// panics.
func New(file fs.File, opts Options) *DownloadResponse {
	if file == nil {
		panic("response: New: the file is nil")
	}
	return &DownloadResponse{File: file, Options: opts}
}

// Close closes the file if that has not happened. It is for a response that
// will not be served, and harmless after it was.
func (d *DownloadResponse) Close() error {
	if d.closed || d.File == nil {
		return nil
	}
	d.closed = true
	return d.File.Close()
}

// ServeHTTP sends the file, or what the conditions and ranges of the request demand
// (RFC 9110 §13, §14). Of a request that is neither GET nor HEAD, conditions and
// ranges are ignored.
//
// Fields that are in w's header already stay as they are, and conditions are
// compared with the validators among them; If-Modified-Since remains for
// WasModifiedSince to decide. An answer that can no longer become complete is
// broken off: the connection or stream is reset, and a panic with
// [http.ErrAbortHandler] tells the server, if there is one: by the request's context,
// a handler that something else has called (net/http/fcgi, a test's recorder)
// returns. A panic of the producer ahead of the first byte goes on.
func (d *DownloadResponse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &d.answer
	a.opts, a.handleError = &d.Options, d.HandleError
	a.rep.file, a.rep.modifiedSince = d.File, d.WasModifiedSince
	a.begin(w, r)
	// In the end, from the last line up: a panic is dealt with, the file closed,
	// the outcome told, and the connection left, whatever the hooks did.
	defer a.leave()
	if observers := linkOf[onDone](r.Context()); d.Options.OnDone != nil || observers != nil {
		defer d.report(r, time.Now(), observers)
	}
	defer d.closeAfter(r.Context())
	defer a.onPanic()
	err := d.Err
	if err == nil {
		err = a.serve()
	}
	if err != nil {
		a.fail(err)
	}
	a.ended = true
}

// closeAfter closes the file when the answer has ended.
func (d *DownloadResponse) closeAfter(ctx context.Context) {
	if err := d.Close(); err != nil {
		slog.WarnContext(ctx, "downloadview: closing the file", "err", err, "file", d.answer.rep.name)
	}
}

// report calls OnDone, and then the observers from the innermost on. All are
// called, even if one panics.
func (d *DownloadResponse) report(r *http.Request, begun time.Time, observers *link[onDone]) {
	outcome := d.answer.outcome
	outcome.Bytes = d.answer.body.Sent()
	outcome.Duration = time.Since(begun)
	defer reportTo(observers, r, outcome)
	if d.Options.OnDone != nil && d.Err == nil {
		d.Options.OnDone(r, outcome)
	}
}
