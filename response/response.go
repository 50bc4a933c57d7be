package response

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
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

	position int64 // where the file stands; -1: not known
}

// representation is what is known of the content before any of it is sent
// (RFC 9110 §8).
type representation struct {
	name         string
	contentType  string
	encoding     string    // the content coding of the file's bytes
	encoded      bool      // somebody in front has announced a content coding
	size         int64     // -1: not known
	modTime      time.Time // see hasModTime
	etag         string    // "": none
	redirectURL  string    // where the content is to be had instead; "": here
	access       access
	acceptRanges bool
}

// New returns an answer to one request: file, presented as opts say. The file
// is closed when it was served, or by Close, whichever is first.
func New(file fs.File, opts Options) *DownloadResponse {
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
	if err != nil || !hasModTime(info.ModTime()) {
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
// Fields that are in w's header already stay as they are, and are what the
// conditions are compared with. An answer that can no longer become complete is
// broken off by a panic with [http.ErrAbortHandler], which the server turns
// into a broken connection or stream. A panic of the producer goes on, too.
func (d *DownloadResponse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.Options.OnDone != nil {
		defer d.report(r, time.Now())
	}
	defer d.closeAfter(r.Context())
	d.body.w, d.body.ctx = w, r.Context()
	d.body.head = &d.head
	d.body.interval, d.body.timeout = d.Options.FlushInterval, d.Options.WriteTimeout
	if d.body.interval == 0 {
		d.body.interval = defaultFlushInterval
	}
	defer d.onPanic(w, r)
	d.serve(w, r)
	d.ended = true
}

func (d *DownloadResponse) serve(w http.ResponseWriter, r *http.Request) {
	if err := d.describe(r.Context(), w.Header()); err != nil {
		d.fail(w, r, err)
		return
	}
	// Conditions are for answers that would be a success (RFC 9110 §13.2.1).
	if r.Method == http.MethodGet && d.redirectURL != "" {
		d.answerRedirect(w)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		switch d.checkPreconditions(r) {
		case notModified:
			d.answerNotModified(w)
			return
		case failed:
			d.answerFailure(w, http.StatusPreconditionFailed)
			return
		}
	}
	d.describeAccess()
	// Ranges are for GET alone (RFC 9110 §14.2).
	if value, ok := field(r, "Range"); ok && r.Method == http.MethodGet && d.acceptRanges && d.checkIfRange(r) {
		switch windows, ok := parseRange(value, d.size); {
		case !ok: // ignored
		case len(windows) == 0:
			d.answerFailure(w, http.StatusRequestedRangeNotSatisfiable)
			return
		case !d.canRepeat(windows): // ignored
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
	}
	if r.Method == http.MethodHead {
		d.body.start()
		d.outcome.Complete = true
		return
	}
	d.transfer(w, r, window{0, d.size})
}

// describe learns what is to be known of the file. Fields that the caller has
// set in h win.
func (d *DownloadResponse) describe(ctx context.Context, h http.Header) error {
	info, err := d.File.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory: %w", info.Name(), fs.ErrNotExist)
	}
	d.name = path.Base(info.Name())
	d.size = info.Size()
	if d.size < 0 || !info.Mode().IsRegular() {
		d.size = -1 // the size of a pipe or a device is not that of its content
	}
	d.describeType(ctx, h, info)
	d.describeVersion(ctx, h, info)
	if u, ok := info.(files.URLer); ok && d.Options.Redirect {
		d.redirectURL, _ = u.URL(ctx) // else it is served from here
	}
	return nil
}

// describeAccess learns whether parts of the content can be had.
func (d *DownloadResponse) describeAccess() {
	d.access, d.position = accessOf(d.File)
	d.acceptRanges = d.size > 0 && !d.encoded &&
		(d.access != sequential || isStrong(d.etag) && !d.Options.NoGeneratedRanges)
}

// describeType learns the content type and coding.
func (d *DownloadResponse) describeType(ctx context.Context, h http.Header, info fs.FileInfo) {
	d.encoded = h.Get("Content-Encoding") != ""
	d.encoding = d.Options.Encoding
	if e, ok := info.(files.ContentEncoder); ok && d.encoding == "" {
		d.encoding, _ = e.ContentEncoding(ctx)
	}
	d.contentType = d.Options.ContentType
	if t := h.Get("Content-Type"); t != "" {
		d.contentType = t
	}
	if t, ok := info.(files.ContentTyper); ok && d.contentType == "" {
		d.contentType, _ = t.ContentType(ctx) // else by the name
	}
	if d.contentType == "" {
		d.contentType = contentType(d.Options.Basename, d.name)
	}
}

// describeVersion learns the validators (RFC 9110 §8.8).
func (d *DownloadResponse) describeVersion(ctx context.Context, h http.Header, info fs.FileInfo) {
	if _, ok := h["Last-Modified"]; ok {
		d.modTime, _ = http.ParseTime(h.Get("Last-Modified")) // the zero time if it is none
	} else if t := info.ModTime(); !t.After(time.Now()) {
		d.modTime = t // one in the future must not be sent, RFC 9110 §8.8.2.1
	}
	if _, ok := h["Etag"]; ok {
		if tag := h.Get("Etag"); isEntityTag(tag) {
			d.etag = tag
		}
	} else {
		d.etag = entityTag(ctx, d.File, info)
		if d.encoded && isStrong(d.etag) {
			d.etag = "W/" + d.etag // the bytes that are sent are others
		}
	}
}

// setHead prepares the head of an answer with the content, or part of it.
func (d *DownloadResponse) setHead(w http.ResponseWriter, r *http.Request, status int, contentType string) {
	h := w.Header()
	d.head.status = status
	d.outcome.Status = status
	if status == http.StatusPartialContent {
		d.head.set("Content-Type", contentType)
	} else {
		d.setField(h, "Content-Type", contentType)
	}
	d.setField(h, "X-Content-Type-Options", "nosniff")
	basename, disposition := d.Options.Basename, "attachment"
	if basename == "" {
		basename = d.name
	}
	if d.Options.Inline {
		disposition = "inline"
	}
	if _, ok := h["Content-Disposition"]; !ok {
		d.head.set("Content-Disposition", ContentDisposition(disposition, basename))
	}
	d.setField(h, "Content-Encoding", d.contentEncoding(w, r, status))
	d.setValidators(h)
	if d.acceptRanges {
		d.setField(h, "Accept-Ranges", "bytes")
	} else {
		d.setField(h, "Accept-Ranges", "none")
	}
}

// setValidators sets the fields that 200, 206 and 304 have in common.
func (d *DownloadResponse) setValidators(h http.Header) {
	d.setField(h, "Etag", d.etag)
	if _, ok := h["Last-Modified"]; !ok && hasModTime(d.modTime) {
		d.head.set("Last-Modified", d.modTime.UTC().Format(http.TimeFormat))
	}
}

// setField sets a field that has a value, unless the caller did.
func (d *DownloadResponse) setField(h http.Header, key, value string) {
	if _, ok := h[key]; !ok && value != "" {
		d.head.set(key, value)
	}
}

// answerRedirect sends a 302 to where else the file is: for this time only, for
// such URLs expire.
func (d *DownloadResponse) answerRedirect(w http.ResponseWriter) {
	clearRepresentation(w.Header())
	d.head.status = http.StatusFound
	d.head.set("Location", d.redirectURL)
	d.head.set("Cache-Control", "no-store")
	d.body.start()
	d.outcome.Status, d.outcome.Complete = http.StatusFound, true
}

// answerNotModified sends a 304, with the fields of RFC 9110 §15.4.5 and none
// that describe content, for there is none.
func (d *DownloadResponse) answerNotModified(w http.ResponseWriter) {
	h := w.Header()
	for _, key := range []string{
		"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length",
		"Content-Range", "Content-Type",
	} {
		h.Del(key)
	}
	d.head.status = http.StatusNotModified
	d.setValidators(h)
	d.body.start()
	d.outcome.Status, d.outcome.Complete = http.StatusNotModified, true
}

// answerFailure sends a 412 or 416.
func (d *DownloadResponse) answerFailure(w http.ResponseWriter, status int) {
	d.outcome.Status = status
	d.outcome.Err = fmt.Errorf("response: %s", http.StatusText(status))
	clearRepresentation(w.Header())
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
