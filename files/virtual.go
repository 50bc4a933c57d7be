package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// VirtualFile makes any [io.Reader] look like a file. Make it with
// [NewVirtualFile]; set the fields before it is handed over.
//
// Methods that [fs.File] does not have do what the reader can do, and return
// [errors.ErrUnsupported] where it cannot.
type VirtualFile struct {
	// Name is the file's base name.
	Name string
	// ModTime is when the content was last modified; zero: not known.
	ModTime time.Time
	// ETag is the entity tag of the content, quoted as in RFC 9110 §8.8.3;
	// empty: none, unless the reader is in memory. For generated content a
	// strong tag (one without W/) is a promise that the same bytes come at
	// every request that answers with this tag.
	ETag string
	// ContentType is the media type of the content; empty: by the name.
	ContentType string
	// URL is where else the content can be had; empty: nowhere.
	URL string
	// Size is the length of the content in bytes; -1: not known.
	Size int64

	reader io.Reader
	base   int64 // the reader's position when it was handed over
	closed bool
}

var (
	_ fs.File        = (*VirtualFile)(nil)
	_ io.ReadSeeker  = (*VirtualFile)(nil)
	_ io.ReaderAt    = (*VirtualFile)(nil)
	_ io.WriterTo    = (*VirtualFile)(nil)
	_ ModifiedSincer = (*VirtualFile)(nil)
	_ unwrapper      = (*VirtualFile)(nil)
)

// NewVirtualFile returns a file of the given name whose content is what r has
// left to read. It takes Size from r's Len, Seek or, where r is a file, Stat
// method, and reads nothing. The file owns r: if r is an [io.Closer], it is
// closed with the file, once. A nil reader panics.
func NewVirtualFile(r io.Reader, name string) *VirtualFile {
	if r == nil {
		panic("files: NewVirtualFile: the reader is nil")
	}
	f := &VirtualFile{Name: name, Size: -1, reader: r}
	if s, ok := r.(io.Seeker); ok {
		f.measure(s)
	}
	if l, ok := own.Method[interface{ Len() int }](r); ok {
		f.Size = int64(l.Len())
	}
	if file, ok := r.(fs.File); ok {
		f.askFor(file)
	}
	return f
}

// measure learns Size and base from s, and leaves it where it was. A file that
// cannot seek after all (a pipe) stays of unknown size.
func (f *VirtualFile) measure(s io.Seeker) {
	start, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return
	}
	f.base = start
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return
	}
	if _, err := s.Seek(start, io.SeekStart); err == nil {
		f.Size = end - start
	}
}

// askFor corrects Size by what file says: it may read other bytes than those
// that it seeks in, as one that decompresses does.
func (f *VirtualFile) askFor(file fs.File) {
	info, err := file.Stat()
	switch {
	case err != nil:
	case Size(info) < 0:
		f.Size = -1
	default:
		f.Size = max(info.Size()-f.base, 0)
	}
}

// Stat describes the file. It never fails.
func (f *VirtualFile) Stat() (fs.FileInfo, error) {
	return &info{Description{
		Name: f.Name, Size: f.Size, ModTime: f.ModTime, ETag: f.ETag, ContentType: f.ContentType, URL: f.URL,
	}}, nil
}

// Read reads from the reader.
func (f *VirtualFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, fs.ErrClosed
	}
	return f.reader.Read(p)
}

// WriteTo pushes the content that is left into w: by the reader's own WriteTo
// if it has one, so that generated content needs no buffer in between.
func (f *VirtualFile) WriteTo(w io.Writer) (int64, error) {
	if f.closed {
		return 0, fs.ErrClosed
	}
	return own.Copy(w, f.reader)
}

// Seek seeks if the reader does. Offset 0 is where the reader stood when it was
// handed over.
func (f *VirtualFile) Seek(offset int64, whence int) (int64, error) {
	s, ok := f.reader.(io.Seeker)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	if whence == io.SeekStart {
		if offset < 0 {
			return 0, errNegative // though the reader may have bytes there
		}
		offset += f.base
	}
	pos, err := s.Seek(offset, whence)
	if err == nil && pos < f.base {
		return 0, errNegative
	}
	return pos - f.base, err
}

var errNegative = errors.New("files: negative position")

// ReadAt reads at random if the reader does.
func (f *VirtualFile) ReadAt(p []byte, off int64) (int, error) {
	r, ok := own.ReaderAt(f.reader)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	if off < 0 {
		return 0, errNegative
	}
	return r.ReadAt(p, off+f.base)
}

// Reader returns the reader that the file was made of. It stays f's to close.
func (f *VirtualFile) Reader() io.Reader { return f.reader }

// Unwrap returns the reader if it is a file that stood at its beginning, else nil.
func (f *VirtualFile) Unwrap() fs.File {
	if file, ok := f.reader.(fs.File); ok && f.base == 0 {
		return file
	}
	return nil
}

// InMemory reports whether the reader is a [bytes.Reader], a [strings.Reader],
// or says of itself that it is in memory.
func (f *VirtualFile) InMemory() bool {
	switch f.reader.(type) {
	case *bytes.Reader, *strings.Reader:
		return true
	}
	m, ok := own.Method[interface{ InMemory() bool }](f.reader)
	return ok && m.InMemory()
}

// WasModifiedSince is the reader's answer if it gives one. Otherwise it goes by
// ModTime if that is set, else the error is [errors.ErrUnsupported].
func (f *VirtualFile) WasModifiedSince(since time.Time) (bool, error) {
	if m, ok := f.reader.(ModifiedSincer); ok {
		if modified, err := m.WasModifiedSince(since); !errors.Is(err, errors.ErrUnsupported) {
			return modified, err
		}
	}
	return rfc9110.ModifiedSince(f.ModTime, since)
}

// Close closes the reader if it is an [io.Closer]. Closing twice is harmless.
func (f *VirtualFile) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	if c, ok := f.reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
