package files

import (
	"bytes"
	"io"
	"io/fs"
	"time"
	"unsafe"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// ContentFile is text or bytes that live in memory, as a file. It can seek and
// be read at random. Make it with [NewContentFile]; set the fields before it is
// handed over.
//
// In django-downloadview: Django's ContentFile.
type ContentFile struct {
	// Name is the file's base name.
	Name string
	// ModTime is when the content was last modified; zero: not known.
	ModTime time.Time
	// ETag is the entity tag of the content, quoted as in RFC 9110 §8.8.3.
	// Where it is empty, the response makes a strong one of the content itself,
	// at every request: for hundreds of megabytes, set it.
	ETag string
	// ContentType is the media type of the content; empty: by the name.
	ContentType string
	// URL is where else the content can be had; empty: nowhere.
	URL string

	content bytes.Reader
}

var (
	_ fs.File        = (*ContentFile)(nil)
	_ io.ReadSeeker  = (*ContentFile)(nil)
	_ io.ReaderAt    = (*ContentFile)(nil)
	_ io.WriterTo    = (*ContentFile)(nil)
	_ ModifiedSincer = (*ContentFile)(nil)
)

// NewContentFile returns a file of the given name over content, which is not
// copied: bytes must not be modified for as long as the file is in use.
func NewContentFile[T ~string | ~[]byte](content T, name string) *ContentFile {
	f := &ContentFile{Name: name}
	f.content.Reset(view(content))
	return f
}

// view returns the bytes of content without copying them. They may be a
// string's, so they must not be written to: they are only ever passed to
// [io.Writer], whose contract forbids it. (A plain conversion would copy, and
// io.WriteString into net/http's response is cut into pieces of 2 KiB.)
func view[T ~string | ~[]byte](content T) []byte {
	// A string and the beginning of a slice have the same layout.
	s := *(*string)(unsafe.Pointer(&content))
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

// Stat describes the file. It never fails.
func (f *ContentFile) Stat() (fs.FileInfo, error) {
	return &info{Description{
		Name: f.Name, Size: f.content.Size(), ModTime: f.ModTime, ETag: f.ETag, ContentType: f.ContentType, URL: f.URL,
	}}, nil
}

// Read implements [io.Reader].
func (f *ContentFile) Read(p []byte) (int, error) { return f.content.Read(p) }

// ReadAt implements [io.ReaderAt]. Unlike the other methods it may be called by
// several goroutines at once.
func (f *ContentFile) ReadAt(p []byte, off int64) (int, error) { return f.content.ReadAt(p, off) }

// Seek implements [io.Seeker].
func (f *ContentFile) Seek(offset int64, whence int) (int64, error) {
	return f.content.Seek(offset, whence)
}

// WriteTo writes the content that is left to w, in one piece.
func (f *ContentFile) WriteTo(w io.Writer) (int64, error) { return f.content.WriteTo(w) }

// Close does nothing: there is nothing to release.
func (f *ContentFile) Close() error { return nil }

// InMemory reports true: reading the content once more, to hash it, costs no I/O,
// and WriteTo writes it in one piece.
func (f *ContentFile) InMemory() bool { return true }

// WasModifiedSince answers by ModTime if that is set; otherwise the error is
// [errors.ErrUnsupported].
func (f *ContentFile) WasModifiedSince(since time.Time) (bool, error) {
	return rfc9110.ModifiedSince(f.ModTime, since)
}
