package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"time"
)

// HTTPOptions say how a file at a URL is asked for. The zero value is ready to
// use.
type HTTPOptions struct {
	// Client asks the origin. nil: a client with limits for the connection and
	// for the head of an answer, and with none for the body, since downloads
	// are long; Client.Timeout would be one. For URLs that others may have a
	// say in, use [NewPublicClient].
	Client *http.Client

	// AllowRedirect reports whether a redirect may lead to another host or
	// port, or from https to http. nil: never. Redirects within the host are
	// followed, ten at most, and none leaves http and https.
	AllowRedirect func(to *url.URL) bool
}

// HTTPFile is a file at a URL: an answer of the origin, the server there, as a
// file. Make it with [OpenHTTP]; the fields tell what the origin did, and may
// be set before the file is handed over.
//
// It can seek where the origin serves ranges. A Seek to where the answer stands
// already costs nothing; after any other, the next Read asks again, for a part
// of the same version. Versions are told apart by size and entity tag, or
// modification time where there is no tag.
//
// In django-downloadview: HTTPFile.
type HTTPFile struct {
	// Name is the last segment of the URL's path.
	Name string
	// ModTime is the origin's Last-Modified; zero: not known.
	ModTime time.Time
	// ETag is the origin's entity tag; empty: none.
	ETag string
	// ContentType is the origin's; empty: by the name.
	ContentType string
	// Encoding is the Content-Encoding that the content is in, although the
	// origin was asked for none; nearly always empty. Nothing is decoded.
	Encoding string
	// URL is where the file is, without credentials.
	URL string
	// Size is the length of the content in bytes; -1: not known.
	Size int64

	origin      origin
	version     version // of the first answer, and of all others
	ranges      bool    // the origin serves parts
	notModified bool    // the origin answered 304 to the client's conditions

	// The next Read is at pos. The body stands at bodyPos; where that is not
	// pos, or there is no body, Read asks for another one first. A body ends
	// at bodyEnd (-1: not known), which may be before the end of the file.
	pos     int64
	body    io.ReadCloser
	bodyPos int64
	bodyEnd int64
	closed  bool
}

var (
	_ fs.File        = (*HTTPFile)(nil)
	_ io.ReadSeeker  = (*HTTPFile)(nil)
	_ ModifiedSincer = (*HTTPFile)(nil)
)

// stride is how much of a file is asked for at once after a Seek. How far will
// be read is not known then, and what is asked for in vain costs the origin: a
// request for many small ranges must not become as many of the whole file.
const stride = 1 << 20

// OpenHTTP asks for the file at rawURL on behalf of the client that sent r, and
// returns it as soon as the origin has answered. The request to the origin is
// cancelled with r's context.
//
// It is HEAD if r is, else GET, and passes on r's conditions and its Range if
// that is a single one (RFC 9110 §13.1, §14.2), so that the origin sends
// nothing in vain; nothing else of r. The origin's verdict is not the last
// word: the file tells what is needed to come to the same one. Where a 412 or a
// 416 leaves that open, the origin is asked once more, for the whole file.
//
// Where the origin has no such file, or fails, the error is an [*HTTPError].
func OpenHTTP(r *http.Request, rawURL string, opts HTTPOptions) (*HTTPFile, error) {
	o, err := newOrigin(r.Context(), rawURL, opts)
	if err != nil {
		return nil, err
	}
	method := http.MethodGet
	if r.Method == http.MethodHead {
		method = http.MethodHead
	}
	var status int
	for _, header := range []http.Header{passedOn(r), nil} {
		a, err := o.ask(method, header)
		if err != nil {
			return nil, err
		}
		if !a.describes(header) {
			a.body.Close()
			status = a.status
			continue
		}
		f := newHTTPFile(o, a)
		if method == http.MethodHead || a.status == http.StatusNotModified {
			f.dropBody() // there is none
		}
		return f, nil
	}
	return nil, o.refusal(status) // of a request without any condition
}

func newHTTPFile(o origin, a *answer) *HTTPFile {
	return &HTTPFile{
		Name:        path.Base(o.url.Path),
		ModTime:     a.modTime,
		ETag:        a.etag,
		ContentType: a.contentType,
		Encoding:    a.encoding,
		URL:         withoutUser(o.url),
		Size:        a.size,
		origin:      o,
		version:     a.version,
		ranges:      a.ranges,
		notModified: a.status == http.StatusNotModified,
		body:        a.body,
		bodyPos:     a.start,
		bodyEnd:     a.end,
	}
}

// Stat describes the file. It never fails.
func (f *HTTPFile) Stat() (fs.FileInfo, error) {
	return &httpInfo{
		info{f.Name, max(f.Size, -1), f.ModTime, f.ETag, f.ContentType, f.URL},
		f.Encoding,
	}, nil
}

// httpInfo is info about content that may be encoded.
type httpInfo struct {
	info
	encoding string
}

var _ ContentEncoder = (*httpInfo)(nil)

func (i *httpInfo) ContentEncoding(context.Context) (string, error) { return i.encoding, nil }

// Read reads from the origin's answer. A body that breaks off, that is longer or
// shorter than announced, or that belongs to another version of the file than
// what came before is an [*HTTPError].
func (f *HTTPFile) Read(p []byte) (int, error) {
	switch {
	case f.closed:
		return 0, fs.ErrClosed
	case len(p) == 0:
		return 0, nil
	case f.body != nil && f.bodyPos == f.pos:
	case f.version.size >= 0 && f.pos >= f.version.size:
		return 0, io.EOF
	default:
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	n, err := f.body.Read(p)
	f.bodyPos += int64(n)
	f.pos = f.bodyPos
	switch {
	case err != nil && err != io.EOF:
		return n, f.origin.failure(err)
	case f.bodyEnd >= 0 && f.bodyPos > f.bodyEnd:
		return n, f.origin.failure(errors.New("more content than announced"))
	case err == io.EOF && f.bodyPos < f.bodyEnd:
		return n, f.origin.failure(io.ErrUnexpectedEOF)
	case err == io.EOF && f.bodyPos < f.version.size:
		f.dropBody() // the end of a part; the next Read asks for more
		return n, nil
	}
	return n, err
}

// open asks for the content from pos on.
func (f *HTTPFile) open() error {
	f.dropBody()
	var header http.Header
	if f.pos > 0 {
		last := min(f.pos+stride, f.version.size) - 1
		header = http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", f.pos, last)}}
	}
	a, err := f.origin.ask(http.MethodGet, header)
	if err != nil {
		return err
	}
	f.body, f.bodyPos, f.bodyEnd = a.body, a.start, a.end
	switch {
	case !a.describes(header):
		err = f.origin.refusal(a.status)
	case !f.version.is(a.version):
		// Comparing is safer than If-Match, which an origin may ignore.
		err = f.origin.failure(errors.New("the file changed while it was read"))
	case a.start != f.pos:
		err = f.origin.failure(errors.New("not the range that was asked for"))
	}
	if err != nil {
		f.dropBody()
	}
	return err
}

// Seek sets the offset of the next Read, and fails with
// [errors.ErrUnsupported] if the origin is not known to serve ranges.
func (f *HTTPFile) Seek(offset int64, whence int) (int64, error) {
	if !f.ranges {
		return 0, errors.ErrUnsupported
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.version.size
	default:
		return 0, fmt.Errorf("files: HTTPFile.Seek: invalid whence %d", whence)
	}
	if offset < 0 {
		return 0, errors.New("files: HTTPFile.Seek: negative position")
	}
	f.pos = offset
	return offset, nil
}

// WasModifiedSince is false if the origin answered so (304); otherwise it goes
// by ModTime if that is set, else the error is [errors.ErrUnsupported].
func (f *HTTPFile) WasModifiedSince(since time.Time) (bool, error) {
	if f.notModified {
		return false, nil
	}
	return modifiedSince(f.ModTime, since)
}

// Close ends the origin's answer, all of it read or not. Closing twice is
// harmless.
func (f *HTTPFile) Close() error {
	f.closed = true
	f.dropBody()
	return nil
}

// dropBody closes the body if there is one. What remains of it is not wanted,
// so neither is an error.
func (f *HTTPFile) dropBody() {
	if f.body != nil {
		_ = f.body.Close()
		f.body = nil
	}
}
