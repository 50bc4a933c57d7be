package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/go-downloadview/downloadview/files"
)

// assembly is an archive of either format while it is made.
type assembly struct {
	ctx     context.Context // ends the reading of entries
	format  format
	name    string
	entries []Entry
	size    int64    // -1: not known
	etag    string   // "": none
	records []record // of the entries
	starts  []int64  // of the parts, and where the last ends; see layout.go

	mu      sync.Mutex
	part    int   // where reading goes on: in this part,
	off     int64 // at this byte of it
	err     error // why nothing more is read
	source  *source
	packer  packer
	closing error  // the first error of closing an entry
	head    []byte // the front that was made last,
	headOf  int    // of this part
	scratch []byte // what else was made last
}

// A format says what an archive has beside the content of its entries.
type format interface {
	// version is part of every entity tag. It changes with the bytes that an
	// archive of given entries has; the golden archives of the tests show when.
	version() string
	// record returns what the headers say of the content of e.
	record(e *Entry) record
	// parts returns how many parts n entries have.
	parts(n int) int
	// front appends what a part begins with.
	front(b []byte, part int) ([]byte, error)
	// back appends the bytes behind the content of an entry.
	back(b []byte, entry int) []byte
	// summed returns the entry whose CRC-32 is in the front of a part, -1: none.
	summed(part int) int
}

// stat describes the archive. There is no modification time: the latest of the
// entries would not tell that one was removed.
func (a *assembly) stat() fs.FileInfo {
	d := files.Description{Name: a.name, Size: a.size, ETag: a.etag}
	return d.Info()
}

func (a *assembly) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	return a.read(p, false)
}

func (a *assembly) seek(offset int64, whence int) (int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.hasRanges():
		return 0, errors.ErrUnsupported
	case whence == io.SeekCurrent:
		offset += a.starts[a.part] + a.off
	case whence == io.SeekEnd:
		offset += a.size
	case whence != io.SeekStart:
		return 0, fmt.Errorf("archive: Seek: %w: whence %d", fs.ErrInvalid, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("archive: Seek: %w: a negative position", fs.ErrInvalid)
	}
	a.moveTo(offset)
	return offset, nil
}

func (a *assembly) readAt(p []byte, off int64) (n int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.hasRanges():
		return 0, errors.ErrUnsupported
	case off < 0:
		return 0, fmt.Errorf("archive: ReadAt: %w: a negative position", fs.ErrInvalid)
	}
	part, partOff := a.part, a.off
	defer func() { a.part, a.off = part, partOff }()
	a.moveTo(off)
	for n < len(p) && err == nil {
		var read int
		read, err = a.read(p[n:], true)
		n += read
	}
	if n == len(p) {
		err = nil
	}
	return n, err
}

func (a *assembly) checkUnchanged() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.source == nil {
		return nil
	}
	return a.failed(a.source.entry, a.source.bottom.CheckUnchanged())
}

func (a *assembly) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closeSource()
	a.err = fs.ErrClosed
	err := a.closing
	a.closing = nil
	return err
}

func (a *assembly) hasRanges() bool { return a.size >= 0 && a.etag != "" }
