package archive

import (
	"context"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/internal/stored"
)

// Zip is a ZIP archive, as a file. Make it with [NewZip], one for each download,
// and close it. ReadAt may be called by several goroutines at once.
//
// Seek and ReadAt return [errors.ErrUnsupported] if the archive has no length or
// no strong entity tag: then parts of it must not be put together.
type Zip struct{ a assembly }

var (
	_ fs.File         = (*Zip)(nil)
	_ io.ReadSeeker   = (*Zip)(nil)
	_ io.ReaderAt     = (*Zip)(nil)
	_ io.WriterTo     = (*Zip)(nil)
	_ stored.Composed = (*Zip)(nil)
)

// NewZip returns an archive of the entries, in their order, that is called name.
// It opens nothing. The entries must not be changed while it is in use. Reading
// fails when ctx has ended: pass the context of the request.
//
// The error is an [EntryError]. NewZip refuses names that cannot be extracted
// everywhere or that lead out of the directory of the archive: an empty or an
// absolute name, one with an element that is empty, ".", ".." or longer than 255
// bytes, one that begins with a drive letter (C:), one with a backslash, a control
// character, a bidirectional control or invalid UTF-8, one of more than 65,535
// bytes, one that another entry has, and the name of a file in which another entry
// would be. It also refuses an entry without an Open, with the mode of neither a
// file nor a directory, or with an invalid ETag. [SafeName] makes an element of a
// name out of any text.
//
// Some names are fine on one system and not on another: names of Windows devices
// (con, nul), names with * ? < > | " or a dot at the end, and two names that differ
// in case or in Unicode normalization only. NewZip accepts them.
func NewZip(ctx context.Context, name string, entries []Entry) (*Zip, error) {
	if ctx == nil {
		panic("archive: NewZip: the context is nil")
	}
	z := new(Zip)
	if err := z.a.init(ctx, zipFormat{&z.a}, name, entries); err != nil {
		return nil, err
	}
	return z, nil
}

// Stat describes the archive: its length, -1 if it is not known, and its entity
// tag. It never fails. There is no modification time.
func (z *Zip) Stat() (fs.FileInfo, error) { return z.a.stat(), nil }

// Read implements [io.Reader]. The error is an [EntryError] if an entry failed.
func (z *Zip) Read(p []byte) (int, error) { return z.a.Read(p) }

// WriteTo writes the rest of the archive to w. If w is an [io.ReaderFrom], it gets
// files on disk as an [io.LimitedReader] over the [os.File], for sendfile(2).
func (z *Zip) WriteTo(w io.Writer) (int64, error) { return z.a.writeTo(w) }

// Seek implements [io.Seeker]. It opens nothing.
func (z *Zip) Seek(offset int64, whence int) (int64, error) { return z.a.seek(offset, whence) }

// ReadAt implements [io.ReaderAt]. Of entries that can be read at random it asks
// for no more than the bytes that are wanted.
func (z *Zip) ReadAt(p []byte, off int64) (int, error) { return z.a.readAt(p, off) }

// CheckUnchanged returns an error if the entry that was read last is no longer what
// it was when it was opened. Responses ask before the last byte of a range.
func (z *Zip) CheckUnchanged() error { return z.a.checkUnchanged() }

// Close closes the entry that is open, if one is. The error is the first that any
// entry had when it was closed. Closing twice is harmless.
func (z *Zip) Close() error { return z.a.close() }

// zipFormat is the layout of a ZIP. After the entries follow their headers in the
// central directory, and the end of that. See zipheader.go.
type zipFormat struct{ a *assembly }

func (zipFormat) version() string { return "downloadview zip 2" }

func (zipFormat) parts(n int) int { return 2*n + 1 }

func (zipFormat) record(e *Entry) record {
	switch {
	case e.isDir():
		return record{method: methodStored, known: true}
	case e.Size < 0:
		return record{method: methodDeflate, known: e.knowsCRC(), crc: e.CRC32, size: -1, packed: -1}
	case e.knowsCRC():
		return record{method: methodStored, known: true, crc: e.CRC32, size: e.Size, packed: min(e.Size, maxLength)}
	}
	return record{method: methodDeflate, size: e.Size, packed: blocksLength(min(e.Size, maxLength))}
}

func (f zipFormat) front(b []byte, part int) ([]byte, error) {
	a, n := f.a, len(f.a.entries)
	switch {
	case part < n:
		return appendLocal(b, &a.entries[part], &a.records[part], a.starts[part]), nil
	case part < 2*n:
		return appendCentral(b, &a.entries[part-n], &a.records[part-n], a.starts[part-n]), nil
	}
	return appendEnd(b, n, a.starts[n], a.starts[2*n]), nil
}

func (f zipFormat) back(b []byte, entry int) []byte {
	if r := &f.a.records[entry]; r.described() {
		return appendDescriptor(b, r)
	}
	return b
}

func (f zipFormat) summed(part int) int {
	if n := len(f.a.entries); part >= n && part < 2*n {
		return part - n
	}
	return -1
}
