package cache

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// kept is a finished copy: a file on disk, described by its generator.
type kept struct {
	file *os.File
	info *info
}

var (
	_ fs.File              = (*kept)(nil)
	_ io.ReadSeeker        = (*kept)(nil)
	_ io.ReaderAt          = (*kept)(nil)
	_ io.WriterTo          = (*kept)(nil)
	_ files.ModifiedSincer = (*kept)(nil)
)

// Unwrap returns the [*os.File], for sendfile(2) and for front servers. It stays
// the copy's to close.
func (k *kept) Unwrap() fs.File { return k.file }

func (k *kept) Stat() (fs.FileInfo, error)                     { return k.info, nil }
func (k *kept) Read(p []byte) (int, error)                     { return k.file.Read(p) }
func (k *kept) ReadAt(p []byte, off int64) (int, error)        { return k.file.ReadAt(p, off) }
func (k *kept) Seek(offset int64, whence int) (int64, error)   { return k.file.Seek(offset, whence) }
func (k *kept) WriteTo(w io.Writer) (int64, error)             { return k.file.WriteTo(w) }
func (k *kept) Close() error                                   { return k.file.Close() }
func (k *kept) WasModifiedSince(since time.Time) (bool, error) { return k.info.wasModifiedSince(since) }

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
	return readStored(f.file, p[:min(int64(len(p)), f.size-off)], off)
}

func (f finished) close() error { return f.file.Close() }

// readStored reads what must be in file at off. That file may have been shortened,
// and where it ends then is not the end of the content.
func readStored(file *os.File, p []byte, off int64) (int, error) {
	n, err := file.ReadAt(p, off)
	switch {
	case n > 0:
		err = nil // a failure comes again
	case err == io.EOF:
		err = fmt.Errorf("cache: the file of a copy was shortened: %w", io.ErrUnexpectedEOF)
	}
	return n, err
}
