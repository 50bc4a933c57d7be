package response

import (
	"errors"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/files"
)

// access is how a part of a file can be had.
type access int

const (
	sequential access = iota // from the beginning only
	seekable                 // by io.Seeker
	random                   // by io.ReaderAt
)

// accessOf asks file by calls that change nothing: wrappers have methods that
// what they wrap cannot carry out, and so has a pipe. It returns where file
// stands, which is its beginning unless somebody has read from it.
func accessOf(file fs.File) (access, int64) {
	if s, ok := file.(io.Seeker); ok {
		position, err := s.Seek(0, io.SeekCurrent)
		if err == nil {
			return seekable, position
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return sequential, 0 // a pipe, whose ReadAt(nil, 0) succeeds
		}
	}
	if canReadAt(file) {
		return random, 0
	}
	return sequential, 0
}

func canReadAt(file fs.File) bool {
	r, ok := files.AsReaderAt(file)
	if !ok {
		return false
	}
	_, err := r.ReadAt(nil, 0)
	return !errors.Is(err, errors.ErrUnsupported)
}

// inMemory reports whether file is content that needs no buffer on its way.
func inMemory(file fs.File) bool {
	m, ok := file.(files.InMemorier)
	return ok && m.InMemory()
}

// produce has the file push one window of its content into the body. last says
// that the content must end where the window does; next are sections that a
// sequential file is to produce in the same go.
func (d *DownloadResponse) produce(part window, last bool, next ...section) error {
	err := d.body.settle(d.pushPart(part, last, next))
	if err != nil {
		return err
	}
	// The last byte of the part has not left yet.
	return d.checkUnchanged()
}

// pushPart brings the file to where the window starts, and makes it push.
func (d *DownloadResponse) pushPart(part window, last bool, next []section) error {
	if d.onDisk != nil {
		return d.pushFromDisk(part, last)
	}
	b := &d.body
	position := d.position
	d.position = -1 // nobody knows any more
	d.openBody()
	if d.access == sequential {
		b.expect(part.start, part, last, next...)
		return d.push()
	}
	b.expect(0, part, last)
	// A storage asks for no more than a small part if it is told at once how
	// much that is, instead of for all that follows.
	small := part.length <= bufferSize && part.length < d.size && b.buf != nil && canReadAt(d.File)
	switch {
	case d.access == random && position != part.start, small:
		r, _ := files.AsReaderAt(d.File)
		_, err := b.ReadFrom(io.NewSectionReader(r, part.start, part.length))
		return err
	case position != part.start:
		if _, err := d.File.(io.Seeker).Seek(part.start, io.SeekStart); err != nil {
			return err
		}
	}
	return d.push()
}

// openBody gives the body a buffer, unless the content is in memory already.
func (d *DownloadResponse) openBody() {
	if d.body.buf == nil && !inMemory(d.File) {
		d.body.open()
	}
}

// push makes the file push what comes next in it.
func (d *DownloadResponse) push() error {
	if wt, ok := files.AsWriterTo(d.File); ok {
		_, err := wt.WriteTo(&d.body)
		return err
	}
	_, err := d.body.ReadFrom(d.File)
	return err
}
