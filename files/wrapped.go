package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"
)

// wrapped forwards to another file all that this may be able to do. It is
// embedded where more is known of a file than it knows itself.
type wrapped struct {
	file   fs.File
	closed bool
}

// Unwrap returns the file underneath. It stays the wrapper's to close.
func (f *wrapped) Unwrap() fs.File { return f.file }

// Read reads from the file.
func (f *wrapped) Read(p []byte) (int, error) { return f.file.Read(p) }

// WriteTo pushes what has not been read yet into w, by the file's own WriteTo
// if it has one.
func (f *wrapped) WriteTo(w io.Writer) (int64, error) { return writeTo(w, f.file) }

// Seek seeks if the file can, else the error is [errors.ErrUnsupported].
func (f *wrapped) Seek(offset int64, whence int) (int64, error) {
	if s, ok := f.file.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, errors.ErrUnsupported
}

// ReadAt reads at random if the file can, else the error is
// [errors.ErrUnsupported].
func (f *wrapped) ReadAt(p []byte, off int64) (int, error) {
	if r, ok := AsReaderAt(f.file); ok {
		return r.ReadAt(p, off)
	}
	return 0, errors.ErrUnsupported
}

// InMemory reports whether the file says that it is in memory.
func (f *wrapped) InMemory() bool { return isInMemory(f.file) }

// WasModifiedSince is the file's own answer, if it gives one.
func (f *wrapped) WasModifiedSince(since time.Time) (bool, error) {
	return WasModifiedSince(f.file, since)
}

// Close closes the file, once.
func (f *wrapped) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return f.file.Close()
}

// wrappedInfo forwards to another file's description all that this may tell.
type wrappedInfo struct{ fs.FileInfo }

var (
	_ ETager         = wrappedInfo{}
	_ ContentTyper   = wrappedInfo{}
	_ ContentEncoder = wrappedInfo{}
	_ URLer          = wrappedInfo{}
)

// Unwrap returns the other file's description.
func (i wrappedInfo) Unwrap() fs.FileInfo { return i.FileInfo }

func (i wrappedInfo) ETag(ctx context.Context) (string, error) {
	if e, ok := i.FileInfo.(ETager); ok {
		return e.ETag(ctx)
	}
	return "", errors.ErrUnsupported
}

func (i wrappedInfo) ContentType(ctx context.Context) (string, error) {
	if t, ok := i.FileInfo.(ContentTyper); ok {
		return t.ContentType(ctx)
	}
	return "", errors.ErrUnsupported
}

func (i wrappedInfo) ContentEncoding(ctx context.Context) (string, error) {
	if e, ok := i.FileInfo.(ContentEncoder); ok {
		return e.ContentEncoding(ctx)
	}
	return "", errors.ErrUnsupported
}

func (i wrappedInfo) URL(ctx context.Context) (string, error) {
	if u, ok := i.FileInfo.(URLer); ok {
		return u.URL(ctx)
	}
	return "", errors.ErrUnsupported
}
