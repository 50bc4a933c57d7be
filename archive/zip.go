package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// Zip is a ZIP archive, as a file. Make it with [NewZip], one for each download;
// whoever has it closes it. ReadAt may be called by several goroutines at once.
//
// Seek and ReadAt return [errors.ErrUnsupported] if the archive has no length, or
// no strong entity tag: then nobody may put together parts of it.
type Zip struct {
	// Context, if not nil, ends the reading of entries when it ends. Set it to
	// that of the request: where CRC-32s are not known, a range can make the
	// archive read for long before there is a byte to send, and only so does it
	// stop when the client leaves.
	Context context.Context

	name    string
	entries []Entry
	size    int64    // -1: not known
	etag    string   // "": none
	records []record // of the entries
	starts  []int64  // of the parts, and where the last ends; see layout.go

	mu       sync.Mutex
	part     int   // where reading goes on: in this part,
	off      int64 // at this byte of it
	err      error // why nothing more is read
	source   *source
	deflater *deflater
	closing  error  // the first error of closing an entry
	scratch  []byte // the headers that were made last
	buf      []byte // for content that is not passed on as it is
}

var (
	_ fs.File       = (*Zip)(nil)
	_ io.ReadSeeker = (*Zip)(nil)
	_ io.ReaderAt   = (*Zip)(nil)
	_ io.WriterTo   = (*Zip)(nil)
)

// NewZip returns an archive of the entries, in their order, that is called name.
// It opens nothing. The entries must not be changed for as long as it is in use.
//
// The error is an [EntryError]. These names are refused, since an archive with
// them cannot be extracted everywhere, or leads out of the directory where it is:
// an empty one, one with an element that is empty, . or .., an absolute one, one
// with a backslash, a control character or invalid UTF-8, one of more than 65,535
// bytes, one that is there already, and that of a file in which another would be.
// So is an entry without an Open, with the mode of neither a file nor a
// directory, or with an ETag that is none.
//
// Some names are fine on one system and not on another: those with a colon or a
// dot at the end, the names of devices on Windows (con, nul), those that differ
// in case only. They stay as they are.
func NewZip(name string, entries []Entry) (*Zip, error) {
	if err := checkEntries(entries); err != nil {
		return nil, err
	}
	z := &Zip{
		name:    name,
		entries: entries,
		records: make([]record, len(entries)),
		starts:  make([]int64, 2*len(entries)+2),
	}
	if err := z.layOut(); err != nil {
		return nil, err
	}
	return z, nil
}

// Stat describes the archive: its length, -1 if that is not known, and its entity
// tag. It never fails. There is no modification time: the latest of the entries
// would not tell that one was removed.
func (z *Zip) Stat() (fs.FileInfo, error) { return info{z}, nil }

// Read implements [io.Reader]. The error is an [EntryError] if an entry failed.
func (z *Zip) Read(p []byte) (int, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	return z.read(p, false)
}

// WriteTo writes what has not been read yet to w.
func (z *Zip) WriteTo(w io.Writer) (int64, error) {
	// A writer that has a buffer reads straight into it.
	return io.Copy(w, struct{ io.Reader }{z})
}

// Seek implements [io.Seeker]. It opens nothing.
func (z *Zip) Seek(offset int64, whence int) (int64, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	switch {
	case !z.hasRanges():
		return 0, errors.ErrUnsupported
	case whence == io.SeekCurrent:
		offset += z.starts[z.part] + z.off
	case whence == io.SeekEnd:
		offset += z.size
	case whence != io.SeekStart:
		return 0, fmt.Errorf("archive: Seek: %w: whence %d", fs.ErrInvalid, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("archive: Seek: %w: a negative position", fs.ErrInvalid)
	}
	z.moveTo(offset)
	return offset, nil
}

// ReadAt implements [io.ReaderAt]. Of entries that can be read at random it asks
// for no more than the bytes that are wanted.
func (z *Zip) ReadAt(p []byte, off int64) (n int, err error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	switch {
	case !z.hasRanges():
		return 0, errors.ErrUnsupported
	case off < 0:
		return 0, fmt.Errorf("archive: ReadAt: %w: a negative position", fs.ErrInvalid)
	}
	part, partOff := z.part, z.off
	defer func() { z.part, z.off = part, partOff }()
	z.moveTo(off)
	for n < len(p) && err == nil {
		var read int
		read, err = z.read(p[n:], true)
		n += read
	}
	if n == len(p) {
		err = nil
	}
	return n, err
}

// Close closes the entry that is open, if one is. The error is the first that any
// entry had when it was closed. Closing twice is harmless.
func (z *Zip) Close() error {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.closeSource()
	z.err = fs.ErrClosed
	err := z.closing
	z.closing = nil
	return err
}

func (z *Zip) hasRanges() bool { return z.size >= 0 && z.etag != "" }

// info is what an archive knows of itself.
type info struct{ z *Zip }

var (
	_ fs.FileInfo  = info{}
	_ files.ETager = info{}
)

func (i info) Name() string       { return i.z.name }
func (i info) Size() int64        { return i.z.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

func (i info) Mode() fs.FileMode {
	if i.z.size < 0 {
		return fs.ModeIrregular | 0o444
	}
	return 0o444
}

// ETag returns the entity tag, "" if there is none.
func (i info) ETag(context.Context) (string, error) { return i.z.etag, nil }
