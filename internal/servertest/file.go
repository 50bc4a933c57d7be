package servertest

import (
	"errors"
	"io"
	"io/fs"
	"sync/atomic"
	"time"
)

// CountedFile is a file that counts how often it is closed. It has the optional
// methods of the file inside. Methods that the file does not have return
// [errors.ErrUnsupported].
type CountedFile struct {
	// CloseErr is what Close returns; nil: what the file inside returns.
	CloseErr error

	file   fs.File
	closed atomic.Int32
}

var (
	_ fs.File       = (*CountedFile)(nil)
	_ io.ReadSeeker = (*CountedFile)(nil)
	_ io.ReaderAt   = (*CountedFile)(nil)
	_ io.WriterTo   = (*CountedFile)(nil)
)

// Count returns file as one that counts.
func Count(file fs.File) *CountedFile { return &CountedFile{file: file} }

// Closed returns how often the file was closed.
func (f *CountedFile) Closed() int { return int(f.closed.Load()) }

func (f *CountedFile) Stat() (fs.FileInfo, error)         { return f.file.Stat() }
func (f *CountedFile) Read(p []byte) (int, error)         { return f.file.Read(p) }
func (f *CountedFile) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, f.file) }

func (f *CountedFile) Close() error {
	f.closed.Add(1)
	err := f.file.Close()
	if f.CloseErr != nil {
		return f.CloseErr
	}
	return err
}

func (f *CountedFile) Seek(offset int64, whence int) (int64, error) {
	if s, ok := f.file.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, errors.ErrUnsupported
}

func (f *CountedFile) ReadAt(p []byte, off int64) (int, error) {
	if r, ok := f.file.(io.ReaderAt); ok {
		return r.ReadAt(p, off)
	}
	return 0, errors.ErrUnsupported
}

// WasModifiedSince is as in package files.
func (f *CountedFile) WasModifiedSince(since time.Time) (bool, error) {
	if m, ok := f.file.(interface {
		WasModifiedSince(since time.Time) (bool, error)
	}); ok {
		return m.WasModifiedSince(since)
	}
	return false, errors.ErrUnsupported
}
