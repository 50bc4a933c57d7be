package cache

import (
	"context"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// kept is a finished copy: a file on disk, described by its generator.
type kept struct {
	file  *os.File
	about files.Description
}

var (
	_ fs.File              = (*kept)(nil)
	_ io.ReadSeeker        = (*kept)(nil)
	_ files.ModifiedSincer = (*kept)(nil)
)

// Unwrap returns the [*os.File], for sendfile(2), ranges and front servers. It
// stays the copy's to close.
func (k *kept) Unwrap() fs.File { return k.file }

func (k *kept) Stat() (fs.FileInfo, error)                   { return k.about.Info(), nil }
func (k *kept) Read(p []byte) (int, error)                   { return k.file.Read(p) }
func (k *kept) Seek(offset int64, whence int) (int64, error) { return k.file.Seek(offset, whence) }
func (k *kept) Close() error                                 { return k.file.Close() }

func (k *kept) WasModifiedSince(since time.Time) (bool, error) {
	return rfc9110.ModifiedSince(k.about.ModTime, since)
}

// finished is a finished copy as a source, for a file that was made before the
// copy was finished.
type finished struct {
	file *os.File
	size int64
}

func (f finished) readAt(_ context.Context, p []byte, off int64) (int, error) {
	if off >= f.size {
		return 0, io.EOF
	}
	n, err := readStored(f.file, p[:min(int64(len(p)), f.size-off)], off)
	if err != nil {
		return n, &lostError{err}
	}
	return n, nil
}

func (f finished) close() error { return f.file.Close() }
