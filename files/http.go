package files

import (
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
	// Client asks the origin. nil: a client that limits the time to connect,
	// but not the time of the whole, since downloads are long; Client.Timeout
	// would. For URLs that users can choose, use [NewPublicClient].
	Client *http.Client

	// AllowRedirect reports whether a redirect may lead to another host or
	// port. nil: never. Redirects within the host are followed, ten at most.
	// Whatever it says, none leaves http and https, or leads from https to http.
	AllowRedirect func(to *url.URL) bool

	// InsecureRedirectToHTTP lets redirects lead from https to http. Anybody on
	// the way can then read and change what is sent and what comes back,
	// credentials of Client's transport included.
	InsecureRedirectToHTTP bool

	// IdleTimeout is how long the origin may send nothing while it is waited
	// for: until the head of its answer is there, and between two pieces of
	// the body. How long a client takes does not count. 0: 30 s; negative: for
	// as long as it likes.
	IdleTimeout time.Duration
}

// HTTPFile is a file at a URL: an answer of the origin, the server there, as a
// file. Make it with [OpenHTTP]; the fields tell what the origin did, and may
// be set before the file is handed over.
//
// It can seek where the origin serves ranges and tells versions of the file
// apart: by a strong entity tag, or by a modification time that is a strong
// validator (RFC 9110 §8.8.2.2). A Seek to where the answer stands already costs
// nothing; after any other, the next Read asks again, for what the client wants
// from there, and accepts no other version.
//
// In django-downloadview: HTTPFile.
type HTTPFile struct {
	// Name is the last segment of the URL's path.
	Name string
	// ModTime is the origin's Last-Modified; zero: not known. Times up to
	// 1980-01-02 are those of files that have none.
	ModTime time.Time
	// ETag is the origin's entity tag; empty: none.
	ETag string
	// ContentType is the origin's; empty: by the name, as for an origin that
	// says application/octet-stream.
	ContentType string
	// Encoding is the Content-Encoding that the content is in, although the
	// origin was asked for none; nearly always empty. Nothing is decoded.
	Encoding string
	// URL is where the file is, without credentials.
	URL string
	// Size is the length of the content in bytes; -1: not known.
	Size int64

	origin      origin
	wanted      []byteRange // by the client
	version     version     // of the first answer, and of all others
	ranges      bool        // the origin serves parts
	notModified bool        // the origin answered 304 to the client's conditions

	// The next Read is at pos. Where the body does not stand there, or there is
	// none, Read asks for another one first. It may end before the file does.
	pos    int64
	sought int64 // where the last Seek led to
	body   *body
	closed bool
}

var (
	_ fs.File        = (*HTTPFile)(nil)
	_ io.ReadSeeker  = (*HTTPFile)(nil)
	_ ModifiedSincer = (*HTTPFile)(nil)
)

// OpenHTTP asks for the file at rawURL on behalf of the client that sent r, and
// returns it as soon as the origin has answered. The request to the origin is
// cancelled with r's context.
//
// It is HEAD if r is, else GET, and passes on r's conditions and the first of
// its ranges (RFC 9110 §13.1, §14.2), so that the origin sends nothing in vain;
// nothing else of r. The origin's verdict is not the last word: the file tells
// what is needed to come to the same one. Where a 304, 412 or 416 leaves that
// open, the origin is asked once more, by HEAD.
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
	header, wanted := passedOn(r)
	a, err := o.ask(method, header)
	if err == nil && !a.describes(header) {
		a.body.Close()
		method = http.MethodHead
		a, err = o.askAgain(a.status, header)
	}
	if err != nil {
		return nil, err
	}
	f := &HTTPFile{
		Name:        path.Base(o.url.Path),
		ModTime:     a.modTime,
		ETag:        a.etag,
		ContentType: a.contentType,
		Encoding:    a.encoding,
		URL:         withoutUser(o.url),
		Size:        a.size,
		origin:      o,
		wanted:      wanted,
		version:     a.version,
		ranges:      a.ranges,
		notModified: a.status == http.StatusNotModified,
		body:        a.body,
	}
	if method == http.MethodHead || !a.hasContent() {
		f.dropBody()
	}
	return f, nil
}

// Stat describes the file. It never fails.
func (f *HTTPFile) Stat() (fs.FileInfo, error) {
	return &info{Description{f.Name, f.Size, f.ModTime, f.ETag, f.ContentType, f.Encoding, f.URL}}, nil
}

// Read reads from the origin's answer. A body that breaks off, that is longer or
// shorter than announced, or that belongs to another version of the file than
// what came before is an [*HTTPError].
func (f *HTTPFile) Read(p []byte) (int, error) {
	switch {
	case f.closed:
		return 0, fs.ErrClosed
	case len(p) == 0:
		return 0, nil
	case f.body != nil && f.body.pos == f.pos:
	case f.version.size >= 0 && f.pos >= f.version.size:
		return 0, io.EOF
	default:
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	n, err := f.body.Read(p)
	f.pos += int64(n)
	switch {
	case err == io.EOF && f.pos < f.version.size:
		f.dropBody() // the end of a part; the next Read asks for more
		return n, nil
	case err != nil && err != io.EOF:
		return n, f.origin.failure(err)
	}
	return n, err
}

// open asks for the content from pos on.
func (f *HTTPFile) open() error {
	f.dropBody()
	var header http.Header
	if end := f.wantedEnd(); end > f.pos {
		header = http.Header{"Range": {byteRange{f.pos, end - 1}.String()}}
	}
	a, err := f.origin.ask(http.MethodGet, header)
	if err != nil {
		return err
	}
	switch {
	case a.status != http.StatusOK && a.status != http.StatusPartialContent:
		err = f.origin.refusal(a.status)
	case !f.version.is(a.version):
		// Comparing is safer than If-Match, which an origin may ignore.
		err = f.origin.failure(errors.New("the file changed while it was read"))
	case a.body.pos != f.pos:
		err = f.origin.failure(errors.New("not the range that was asked for"))
	}
	if err != nil {
		a.body.Close()
		return err
	}
	f.body = a.body
	return nil
}

// wantedEnd returns how far the file is to be asked for from pos on; pos: to its
// end, whatever that is.
func (f *HTTPFile) wantedEnd() int64 {
	end := f.pos
	if !f.ranges {
		return end
	}
	for _, r := range f.wanted {
		if start, stop := r.in(f.version.size); start <= f.pos {
			end = max(end, stop)
		}
	}
	if end == f.pos && f.pos > 0 {
		// Whoever has sought may leave any time, so no more is asked for than
		// was read since.
		end = min(f.pos+max(stride, f.pos-f.sought), f.version.size)
	}
	return end
}

// stride is how much is asked for after a Seek to where the client wants nothing.
const stride = 64 << 10

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
	if offset != f.pos {
		f.pos, f.sought = offset, offset
	}
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

// dropBody closes the body if there is one.
func (f *HTTPFile) dropBody() {
	if f.body != nil {
		f.body.Close()
		f.body = nil
	}
}
