package gcblob

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"gocloud.dev/blob"
)

// file is an open object. It has no WriteTo: [blob.Reader]'s allocates a
// mebibyte, and a response has a buffer already.
type file struct {
	fsys  *FS
	key   string
	attrs *blob.Attributes

	pos    int64        // of the next Read
	reader *blob.Reader // nil: none is open
	at     int64        // where reader stands
	closed bool
}

var (
	_ fs.File       = (*file)(nil)
	_ io.ReadSeeker = (*file)(nil)
	_ io.ReaderAt   = (*file)(nil)
)

// errChanged: the object is not the one that the file's Stat describes.
var errChanged = errors.New("the object changed since it was opened")

// Stat never fails, and asks for nothing.
func (f *file) Stat() (fs.FileInfo, error) { return &info{f.key, f.attrs}, nil }

// Read implements [io.Reader]. An object that ends too early is
// [io.ErrUnexpectedEOF].
func (f *file) Read(p []byte) (int, error) {
	switch {
	case f.closed:
		return 0, f.failure("read", fs.ErrClosed)
	case len(p) == 0:
		return 0, nil
	case f.pos >= f.attrs.Size:
		return 0, io.EOF
	}
	if f.reader != nil && f.at != f.pos {
		f.drop() // nothing of it is wanted any more
	}
	if f.reader == nil {
		r, err := f.open(f.pos, -1)
		if err != nil {
			return 0, err
		}
		f.reader, f.at = r, f.pos
	}
	n, err := f.reader.Read(p)
	f.pos += int64(n)
	f.at = f.pos
	if err == io.EOF && f.pos < f.attrs.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		err = f.failure("read", err)
	}
	return n, err
}

// Seek implements [io.Seeker]. It asks for nothing.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch {
	case f.closed:
		return 0, f.failure("seek", fs.ErrClosed)
	case whence == io.SeekCurrent:
		offset += f.pos
	case whence == io.SeekEnd:
		offset += f.attrs.Size
	case whence != io.SeekStart:
		return 0, f.failure("seek", fs.ErrInvalid)
	}
	if offset < 0 {
		return 0, f.failure("seek", fs.ErrInvalid)
	}
	f.pos = offset
	return offset, nil
}

// ReadAt implements [io.ReaderAt], by a separate reader for just the bytes
// that fit into p.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case f.closed:
		return 0, f.failure("readat", fs.ErrClosed)
	case off < 0:
		return 0, f.failure("readat", fs.ErrInvalid)
	case len(p) == 0:
		return 0, nil
	case off >= f.attrs.Size:
		return 0, io.EOF
	}
	want := int(min(int64(len(p)), f.attrs.Size-off))
	r, err := f.open(off, int64(want))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	n, err := io.ReadFull(r, p[:want])
	switch {
	case err == io.EOF:
		err = f.failure("readat", io.ErrUnexpectedEOF)
	case err != nil:
		err = f.failure("readat", err)
	case want < len(p):
		err = io.EOF
	}
	return n, err
}

// Close closes the reader that is open, if one is; the bucket stays open.
func (f *file) Close() error {
	f.closed = true
	return f.drop()
}

// open returns a reader of n bytes from off, or of all that follows if n is
// negative, of the version that f.attrs describes.
func (f *file) open(off, n int64) (*blob.Reader, error) {
	r, err := f.fsys.bucket.NewRangeReader(f.fsys.ctx, f.key, off, n, f.fsys.ReaderOptions)
	if err != nil {
		return nil, f.failure("read", err)
	}
	if r.Size() != f.attrs.Size || !sameTime(r.ModTime(), f.attrs.ModTime) {
		r.Close()
		return nil, f.failure("read", errChanged)
	}
	return r, nil
}

// drop closes the reader that is open, if one is.
func (f *file) drop() error {
	if f.reader == nil {
		return nil
	}
	err := f.reader.Close()
	f.reader = nil
	return err
}

func (f *file) failure(op string, err error) error { return pathError(op, f.key, err) }

// sameTime reports whether a and b can be the same modification time. Google
// Cloud Storage has fractions of a second in the attributes of an object, but
// none where the object is read; some readers have no time at all.
func sameTime(a, b time.Time) bool {
	if a.IsZero() || b.IsZero() {
		return true
	}
	if a.Nanosecond() == 0 || b.Nanosecond() == 0 {
		a, b = a.Truncate(time.Second), b.Truncate(time.Second)
	}
	return a.Equal(b)
}
