package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/go-downloadview/downloadview/internal/stored"
)

// Tar is a tar archive, as a file. Make it with [NewTar], one for each download,
// and close it. ReadAt may be called by several goroutines at once.
//
// Seek and ReadAt return [errors.ErrUnsupported] if the archive has no strong
// entity tag: then parts of it must not be put together.
type Tar struct{ a assembly }

var (
	_ fs.File         = (*Tar)(nil)
	_ io.ReadSeeker   = (*Tar)(nil)
	_ io.ReaderAt     = (*Tar)(nil)
	_ io.WriterTo     = (*Tar)(nil)
	_ stored.Composed = (*Tar)(nil)
)

// NewTar is [NewZip] for a tar in the PAX format (POSIX.1-2001); files of 8 GiB and
// more have a header in GNU's. It refuses the same entries, and entries of unknown
// size: a header with the size is ahead of the content. A tar has no CRC-32s, so no
// range makes it read a file for them.
func NewTar(ctx context.Context, name string, entries []Entry) (*Tar, error) {
	if ctx == nil {
		panic("archive: NewTar: the context is nil")
	}
	for i := range entries {
		if e := &entries[i]; e.Size < 0 && !e.isDir() {
			return nil, &EntryError{e.Name, errors.New("a tar needs its size: set Size, store the content first, or use NewZip")}
		}
	}
	t := new(Tar)
	if err := t.a.init(ctx, tarFormat{&t.a}, name, entries); err != nil {
		return nil, err
	}
	return t, nil
}

// Stat describes the archive: its length and its entity tag. It never fails. There
// is no modification time.
func (t *Tar) Stat() (fs.FileInfo, error) { return t.a.stat(), nil }

// Read implements [io.Reader]. The error is an [EntryError] if an entry failed.
func (t *Tar) Read(p []byte) (int, error) { return t.a.Read(p) }

// WriteTo writes the rest of the archive to w. If w is an [io.ReaderFrom], it gets
// files on disk as an [io.LimitedReader] over the [os.File], for sendfile(2).
func (t *Tar) WriteTo(w io.Writer) (int64, error) { return t.a.writeTo(w) }

// Seek implements [io.Seeker]. It opens nothing.
func (t *Tar) Seek(offset int64, whence int) (int64, error) { return t.a.seek(offset, whence) }

// ReadAt implements [io.ReaderAt]. Of entries that can be read at random it asks
// for no more than the bytes that are wanted.
func (t *Tar) ReadAt(p []byte, off int64) (int, error) { return t.a.readAt(p, off) }

// CheckUnchanged returns an error if the entry that was read last is no longer what
// it was when it was opened. Responses ask before the last byte of a range.
func (t *Tar) CheckUnchanged() error { return t.a.checkUnchanged() }

// Close closes the entry that is open, if one is. The error is the first that any
// entry had when it was closed. Closing twice is harmless.
func (t *Tar) Close() error { return t.a.close() }

// tarFormat is the layout of a tar: headers by package archive/tar, content that
// is filled up to whole blocks, and two blocks of zeros in the end.
type tarFormat struct{ a *assembly }

const tarBlock = 512

// largeSize does not fit the field for it. Busybox reads it in GNU's form only, and
// all others do, too. That form has whole seconds.
const largeSize = 1 << 33

var zeroBlocks [2 * tarBlock]byte

func (tarFormat) version() string { return "downloadview tar 1" }

func (tarFormat) parts(n int) int { return n + 1 }

func (tarFormat) record(e *Entry) record {
	if e.isDir() {
		return record{known: true}
	}
	return record{known: e.knowsCRC(), unused: !e.knowsCRC(), crc: e.CRC32, size: e.Size, packed: min(e.Size, maxLength)}
}

func (f tarFormat) front(b []byte, part int) ([]byte, error) {
	if part == len(f.a.entries) {
		return append(b, zeroBlocks[:]...), nil
	}
	e := &f.a.entries[part]
	h := &tar.Header{Format: tar.FormatPAX, Typeflag: tar.TypeReg, Name: e.Name, Size: e.Size, Mode: int64(e.permissions()), ModTime: e.ModTime}
	switch {
	case e.isDir():
		h.Typeflag, h.Size = tar.TypeDir, 0
	case e.Size >= largeSize:
		h.Format, h.ModTime = tar.FormatGNU, e.ModTime.Truncate(time.Second)
	}
	buf := bytes.NewBuffer(b)
	err := tar.NewWriter(buf).WriteHeader(h)
	return buf.Bytes(), err
}

func (f tarFormat) back(b []byte, entry int) []byte {
	return append(b, zeroBlocks[:-f.a.records[entry].packed&(tarBlock-1)]...)
}

func (tarFormat) summed(int) int { return -1 }
