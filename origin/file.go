package origin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// File is a file at a URL: an answer of the origin as a file. Make it with
// [Open]; the fields tell what the origin did, and may be set before the file is
// handed over.
//
// It can seek where the origin serves ranges and tells versions of the file
// apart: by a strong entity tag, or by a modification time that is a strong
// validator (RFC 9110 §8.8.2.2). A Seek to where the answer stands already costs
// nothing, nor does one a little further on; after any other, the next Read asks again, for what the client wants
// from there, and accepts no other version.
//
// In django-downloadview: HTTPFile.
type File struct {
	// Name is the last segment of the URL's path.
	Name string
	// ModTime is the origin's Last-Modified; zero: not known. Stores
	// without times give such up to 1980-01-02, which are left out.
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

	server          server
	wanted          []rfc9110.Spec // by the client
	version         version        // of the first answer, and of all others
	ranges          bool           // the origin serves parts
	generatedRanges bool           // or a part may be read from the beginning
	notModified     bool           // the origin answered 304 to the client's conditions

	// The next Read is at pos. Where the body does not stand there, or there is
	// none, Read asks for another one first. It may end before the file does.
	pos    int64
	sought int64 // where the last Seek led to
	body   *body
	closed bool
}

var (
	_ fs.File              = (*File)(nil)
	_ io.ReadSeeker        = (*File)(nil)
	_ files.ModifiedSincer = (*File)(nil)
)

// Stat describes the file. It never fails.
func (f *File) Stat() (fs.FileInfo, error) {
	return files.Description{
		Name: f.Name, Size: f.Size, ModTime: f.ModTime,
		ETag: f.ETag, ContentType: f.ContentType, Encoding: f.Encoding, URL: f.URL,
	}.Info(), nil
}

// Read reads from the origin's answer. A body that breaks off, that is longer or
// shorter than announced, or that belongs to another version of the file than
// what came before is an [*Error].
func (f *File) Read(p []byte) (int, error) {
	switch {
	case f.closed:
		return 0, fs.ErrClosed
	case len(p) == 0:
		return 0, nil
	case f.body != nil && f.body.reaches(f.pos):
	case f.version.size >= 0 && f.pos >= f.version.size:
		return 0, io.EOF
	default:
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	n, err := 0, f.body.skipTo(f.pos)
	if err == nil {
		n, err = f.body.Read(p)
	}
	f.pos += int64(n)
	switch {
	case err == io.EOF && f.pos < f.version.size:
		f.dropBody() // the end of a part; the next Read asks for more
		return n, nil
	case err != nil && err != io.EOF:
		return n, f.server.failure(err)
	}
	return n, err
}

// open asks for the content from pos on.
func (f *File) open() error {
	f.dropBody()
	q := request{method: http.MethodGet}
	if end := f.wantedEnd(); end > f.pos {
		q = askFor(f.pos, end-1)
	}
	a, err := f.server.ask(q)
	if err != nil {
		return err
	}
	switch {
	case a.status != http.StatusOK && a.status != http.StatusPartialContent:
		err = f.server.refusal(a.status)
	case !a.hasContent(f.pos):
		err = f.server.failure(errors.New("not the range that was asked for"))
	case !f.version.is(a.version):
		// Comparing is safer than If-Match, which an origin may ignore.
		err = f.server.failure(errors.New("the file changed while it was read"))
	}
	if err != nil {
		a.dropBody()
		return err
	}
	f.body, f.version = a.body, a.version
	return nil
}

// wantedEnd returns how far the file is asked for from pos on; pos: to its end,
// wherever that is.
func (f *File) wantedEnd() int64 {
	end := f.pos
	if !f.ranges {
		return end
	}
	for _, spec := range f.wanted {
		if r := spec.In(f.version.size); r.Start <= f.pos {
			end = max(end, r.End())
		}
	}
	if end == f.pos && f.pos > 0 {
		// A reader that seeks may leave any time. So no more is asked for than
		// it has read since.
		end = min(f.pos+max(stride, f.pos-f.sought), f.version.size)
	}
	return end
}

// Seek sets the offset of the next Read, and fails with
// [errors.ErrUnsupported] if the origin is not known to serve ranges.
func (f *File) Seek(offset int64, whence int) (int64, error) {
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
		return 0, fmt.Errorf("origin: File.Seek: invalid whence %d", whence)
	}
	if offset < 0 {
		return 0, errors.New("origin: File.Seek: negative position")
	}
	if offset != f.pos {
		f.pos, f.sought = offset, offset
	}
	return offset, nil
}

// GeneratedRanges reports whether a range of a file that cannot seek may be made
// by reading all that comes before it: [Options.GeneratedRanges] says so.
func (f *File) GeneratedRanges() bool { return f.generatedRanges }

// WasModifiedSince is false if the origin answered so (304); otherwise it goes
// by ModTime if that is set, else the error is [errors.ErrUnsupported].
func (f *File) WasModifiedSince(since time.Time) (bool, error) {
	if f.notModified {
		return false, nil
	}
	return rfc9110.ModifiedSince(f.ModTime, since)
}

// Close ends the origin's answer, all of it read or not. Closing twice is
// harmless.
func (f *File) Close() error {
	f.closed = true
	f.dropBody()
	return nil
}

// dropBody closes the body if there is one.
func (f *File) dropBody() {
	if f.body != nil {
		f.body.Close()
		f.body = nil
	}
}
