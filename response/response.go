package response

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// DownloadResponse answers one request with a file. It is a value first, which
// others may look at, change or replace, and an answer when it is served, once.
type DownloadResponse struct {
	// File is what is sent. The response closes it.
	File fs.File
	// Options say how.
	Options Options

	// WasModifiedSince decides If-Modified-Since, and nothing overrules it.
	// nil: [WasModifiedSince] of the file.
	WasModifiedSince func(since time.Time) bool
	// HandleError answers instead of the file if that fails before its first
	// byte was sent. nil: [Error].
	HandleError func(w http.ResponseWriter, r *http.Request, err error)

	representation

	body    body
	head    head
	outcome Outcome
	closed  bool
	ended   bool // ServeHTTP knows how it ends: no panic of others is passing
	broken  bool // by breaking off

	position int64 // where the file stands; -1: not known
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

// WasModifiedSince reports whether file changed after since: its own answer if
// it gives one (see [files.ModifiedSincer]), else by its modification time in
// whole seconds, else true.
func WasModifiedSince(file fs.File, since time.Time) bool {
	modified, err := files.WasModifiedSince(file, since)
	if err == nil {
		return modified
	}
	info, err := file.Stat()
	if err != nil || !files.IsModTime(info.ModTime()) {
		return true
	}
	return info.ModTime().Truncate(time.Second).After(since)
}

// Close closes the file if that has not happened. It is for a response that
// will not be served, and harmless after it was.
func (d *DownloadResponse) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	return d.File.Close()
}

// ServeHTTP sends the file, or the answer that the conditions and ranges of the
// request come to (RFC 9110 §13, §14); those of a request that is neither GET
// nor HEAD are ignored.
//
// Fields that are in w's header already stay as they are, and conditions are
// compared with the validators among them; If-Modified-Since remains for
// WasModifiedSince to decide. An answer that can no longer become complete is
// broken off by a panic with [http.ErrAbortHandler], which the server turns
// into a broken connection or stream. A panic of the producer goes on, too.
func (d *DownloadResponse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// In the end: a panic is dealt with, the file closed, the outcome told, and
	// then, whatever the hooks did, the connection broken off, or the client
	// given time for what the server still has to send.
	d.body.w, d.body.ctx = w, r.Context()
	defer d.leave(w)
	if d.Options.OnDone != nil {
		defer d.report(r, time.Now())
	}
	defer d.closeAfter(r.Context())
	d.body.head = &d.head
	d.body.interval, d.body.timeout = d.Options.FlushInterval, d.Options.WriteTimeout
	if d.body.interval == 0 {
		d.body.interval = defaultFlushInterval
	}
	d.body.liftDeadline() // the server's would run while the file is prepared
	defer d.onPanic(w, r)
	d.serve(w, r)
	d.ended = true
}

// leave is the last that is done with w.
func (d *DownloadResponse) leave(w http.ResponseWriter) {
	if d.broken {
		breakOff(w)
	} else {
		d.body.extendDeadline()
	}
}

func (d *DownloadResponse) serve(w http.ResponseWriter, r *http.Request) {
	if err := d.describe(r.Context(), w.Header()); err != nil {
		d.fail(w, r, err)
		return
	}
	// Conditions are for answers that would be a success (RFC 9110 §13.2.1).
	if r.Method == http.MethodGet && d.redirectURL != "" {
		d.answerRedirect(w, r)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if d.intercepted(w, r) || d.answerConditions(w, r, r.Header) {
			return
		}
	}
	d.describeAccess(w.Header())
	// Ranges are for GET alone (RFC 9110 §14.2).
	if value, ok := field(r.Header, "Range"); ok && r.Method == http.MethodGet && d.acceptRanges && d.checkIfRange(r.Header) {
		switch windows, ok := parseRange(value, d.size); {
		case !ok: // ignored
		case len(windows) == 0:
			d.answerFailure(w, r, http.StatusRequestedRangeNotSatisfiable)
			return
		case len(windows) > 1 && (d.encoding != "" || !d.canSend(windows)):
			// Ignored: the body of several is not in the coding of the file.
		case len(windows) == 1:
			d.setHead(w, r, http.StatusPartialContent, d.contentType)
			d.head.set("Content-Range", windows[0].contentRange(d.size))
			d.head.setLength(windows[0].length)
			d.transfer(w, r, windows[0])
			return
		default:
			d.serveMultipart(w, r, windows)
			return
		}
	}
	d.setHead(w, r, http.StatusOK, d.contentType)
	if d.size >= 0 && !d.encoded {
		d.head.setLength(d.size)
	} else {
		// Framing is not the caller's to decide: only what is sent counts.
		w.Header().Del("Content-Length")
		d.head.measure = !d.encoded
	}
	if r.Method == http.MethodHead {
		d.body.start()
		d.outcome.Complete = true
		return
	}
	d.transfer(w, r, window{0, d.size})
}

// answerConditions answers with 304 or 412 if the conditions in h come to that.
func (d *DownloadResponse) answerConditions(w http.ResponseWriter, r *http.Request, h http.Header) bool {
	switch d.checkPreconditions(h) {
	case notModified:
		d.answerNotModified(w, r)
		return true
	case failed:
		d.answerFailure(w, r, http.StatusPreconditionFailed)
		return true
	}
	return false
}

// answerRedirect sends a 302 to where else the file is: for this time only, for
// such URLs expire.
func (d *DownloadResponse) answerRedirect(w http.ResponseWriter, r *http.Request) {
	ClearHeader(w, r)
	d.head.status = http.StatusFound
	d.head.set("Location", escapeURL(d.redirectURL))
	d.head.set("Cache-Control", "no-store")
	d.body.start()
	d.outcome.Status, d.outcome.Complete = http.StatusFound, true
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

// answerNotModified sends a 304, with the fields of RFC 9110 §15.4.5 and none
// that describe content, for there is none.
func (d *DownloadResponse) answerNotModified(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for _, key := range []string{
		"Accept-Ranges", "Content-Digest", "Content-Disposition", "Content-Language", "Content-Length",
		"Content-Md5", "Content-Range", "Content-Type", "Digest", "Repr-Digest",
	} {
		h.Del(key)
	}
	if !isEncodedInFront(w, r) {
		h.Del("Content-Encoding")
	}
	d.setVary(h)
	d.head.status = http.StatusNotModified
	d.setValidators(h)
	d.body.start()
	d.outcome.Status, d.outcome.Complete = http.StatusNotModified, true
}

// answerFailure sends a 412 or 416.
func (d *DownloadResponse) answerFailure(w http.ResponseWriter, r *http.Request, status int) {
	d.outcome.Status = status
	d.outcome.Err = fmt.Errorf("response: %s", http.StatusText(status))
	ClearHeader(w, r)
	if status == http.StatusRequestedRangeNotSatisfiable {
		// The length tells the client what would have been satisfiable, §15.5.17.
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", d.size))
	}
	writeStatus(w, status)
}

func (d *DownloadResponse) wasModifiedSince(since time.Time) bool {
	if d.WasModifiedSince != nil {
		return d.WasModifiedSince(since)
	}
	return WasModifiedSince(d.File, since)
}

// transfer sends the head and one window of the content.
func (d *DownloadResponse) transfer(w http.ResponseWriter, r *http.Request, part window) {
	err := d.produce(part, part.end() == d.size)
	if err == nil {
		err = d.body.finish()
	}
	d.end(w, r, err)
}

// end ends an answer with content: well if err is nil.
func (d *DownloadResponse) end(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.body.close()
	d.outcome.Complete = true
}

// closeAfter closes the file when the answer has ended.
func (d *DownloadResponse) closeAfter(ctx context.Context) {
	if err := d.Close(); err != nil {
		slog.WarnContext(ctx, "downloadview: closing the file", "err", err, "file", d.name)
	}
}

// report calls Options.OnDone.
func (d *DownloadResponse) report(r *http.Request, begun time.Time) {
	d.outcome.Bytes = d.body.sent
	d.outcome.Duration = time.Since(begun)
	d.Options.OnDone(r, d.outcome)
}
