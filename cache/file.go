package cache

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// file is a copy that is not there yet. Nothing happens before its first byte is
// read; then it finds its source, which may be a run that others read, too.
type file struct {
	ctx    context.Context // the reader's
	about  files.Description
	parts  bool // Seek and ReadAt are there
	attach func(context.Context, *generator) (_ source, taken bool)
	pos    int64

	mu     sync.Mutex // guards the fields below, for ReadAt
	closed bool
	gen    *generator // to fall back on; nil: handed on, or a byte was had
	source source     // nil: nothing was read yet
}

// source is where the bytes of a file come from.
type source interface {
	// readAt reads at least one byte, or returns an error, io.EOF at the end. It
	// waits for it, for as long as ctx lasts.
	readAt(ctx context.Context, p []byte, off int64) (int, error)
	close() error
}

var (
	_ fs.File              = (*file)(nil)
	_ io.ReadSeeker        = (*file)(nil)
	_ io.ReaderAt          = (*file)(nil)
	_ io.WriterTo          = (*file)(nil)
	_ files.ModifiedSincer = (*file)(nil)
)

// Stat describes the copy. It never fails, and starts nothing.
func (f *file) Stat() (fs.FileInfo, error) { return f.about.Info(), nil }

// Read reads the next bytes, and waits until they are there.
func (f *file) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.readAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

// ReadAt reads at random, and waits until the bytes are there. The error is
// [errors.ErrUnsupported] unless the generator declares a size and a strong tag.
func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	switch {
	case !f.parts:
		return 0, errors.ErrUnsupported
	case off < 0:
		return 0, errNegative
	}
	for n < len(p) && err == nil {
		var more int
		more, err = f.readAt(p[n:], off+int64(n))
		n += more
	}
	if n == len(p) {
		err = nil
	}
	return n, err
}

// readAt reads from the source.
func (f *file) readAt(p []byte, off int64) (int, error) {
	src, err := f.open()
	if err != nil {
		return 0, err
	}
	n, err := src.readAt(f.ctx, p, off)
	if other := f.fallBack(n, err); other != nil {
		return other.readAt(f.ctx, p, off)
	}
	return n, err
}

// fallBack returns the generator as the source, if the file of a copy has failed
// that this reader has had no byte of; else nil.
func (f *file) fallBack(n int, err error) source {
	f.mu.Lock()
	defer f.mu.Unlock()
	gen := f.gen
	if gen == nil || n == 0 && !isLost(err) {
		return nil
	}
	f.gen = nil
	if n > 0 {
		gen.close()
		return nil
	}
	f.source.close()
	f.source = newDirect(f.ctx, gen)
	return f.source
}

// Seek sets the place of the next Read. It starts nothing. The error is
// [errors.ErrUnsupported] unless the generator declares a size and a strong tag.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	if !f.parts {
		return 0, errors.ErrUnsupported
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.about.Size
	default:
		return 0, fs.ErrInvalid
	}
	if offset < 0 {
		return 0, errNegative
	}
	f.pos = offset
	return offset, nil
}

var errNegative = errors.New("cache: negative position")

// WriteTo writes all bytes to w that were not read yet. Without a copy, the generator
// pushes straight into w.
func (f *file) WriteTo(w io.Writer) (int64, error) {
	src, err := f.open()
	if err != nil {
		return 0, err
	}
	if d, ok := src.(*direct); ok {
		n, err := d.push(w, f.pos)
		f.pos += n
		return n, err
	}
	return io.Copy(w, struct{ io.Reader }{f})
}

// WasModifiedSince is the generator's answer while there is a generator and it
// gives one, else by the modification time, if there is one.
func (f *file) WasModifiedSince(since time.Time) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gen != nil {
		if modified, err := files.WasModifiedSince(f.gen.file, since); err == nil {
			return modified, nil
		}
	}
	return rfc9110.ModifiedSince(f.about.ModTime, since)
}

// open finds the source, once.
func (f *file) open() (source, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, fs.ErrClosed
	}
	if f.source == nil {
		var taken bool
		if f.source, taken = f.attach(f.ctx, f.gen); taken {
			f.gen = nil
		}
	}
	return f.source, nil
}

// Close takes the reader away from the run, if there is one. Closing twice is
// harmless.
func (f *file) Close() (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	if f.source != nil {
		err = f.source.close()
	}
	if f.gen != nil {
		f.gen.close()
	}
	return err
}
