package response

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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
		if position, err := s.Seek(0, io.SeekCurrent); err == nil {
			return seekable, position
		}
	}
	if canReadAt(file) {
		return random, 0
	}
	return sequential, 0
}

func canReadAt(file fs.File) bool {
	r, ok := file.(io.ReaderAt)
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

// osFile returns the file of the operating system that file is, or that has its
// bytes.
func osFile(file fs.File) (*os.File, bool) {
	for {
		if f, ok := file.(*os.File); ok {
			return f, true
		}
		u, ok := file.(files.Unwrapper)
		if !ok {
			return nil, false
		}
		file = u.Unwrap()
	}
}

// produce has the file push one window of its content into the body. last says
// that the content must end where the window does.
func (d *DownloadResponse) produce(part window, last bool) error {
	b := &d.body
	position := d.position
	d.position = -1 // nobody knows any more
	if part.length > bufferSize {
		if f, ok := osFile(d.File); ok {
			if rf, ok := b.w.(io.ReaderFrom); ok {
				return d.sendFile(f, rf, part)
			}
		}
	}
	if b.buf == nil && !inMemory(d.File) {
		b.open()
	}
	if d.access == sequential {
		if position < 0 {
			if err := rewind(d.File); err != nil {
				return err
			}
		}
		b.expect(part.start, part.length, last)
		return b.settle(d.push())
	}
	b.expect(0, part.length, last)
	// A storage asks for no more than a small part if it is told at once how
	// much that is, instead of for all that follows.
	small := part.length <= bufferSize && part.length < d.size && b.buf != nil && canReadAt(d.File)
	switch {
	case d.access == random && position != part.start, small:
		_, err := b.ReadFrom(io.NewSectionReader(d.File.(io.ReaderAt), part.start, part.length))
		return b.settle(err)
	case position != part.start:
		if _, err := d.File.(io.Seeker).Seek(part.start, io.SeekStart); err != nil {
			return err
		}
	}
	return b.settle(d.push())
}

// push makes the file push what comes next in it.
func (d *DownloadResponse) push() error {
	if wt, ok := d.File.(io.WriterTo); ok {
		_, err := wt.WriteTo(&d.body)
		return err
	}
	_, err := d.body.ReadFrom(d.File)
	return err
}

// rewind starts file over.
func rewind(file fs.File) error {
	if rw, ok := file.(files.Rewinder); ok {
		return rw.Rewind()
	}
	return errors.ErrUnsupported
}

// lastStretch is how much of a file is kept back until the rest was sent.
const lastStretch = 4 << 10

// sendFile sends a window of a file of the operating system by way of rf, which
// net/http carries out with sendfile(2). The last stretch goes through the
// buffer, after another look at whether the file is still what it was.
func (d *DownloadResponse) sendFile(f *os.File, rf io.ReaderFrom, part window) error {
	b := &d.body
	before, err := f.Stat()
	if err != nil {
		return err
	}
	if before.Size() != d.size {
		return fmt.Errorf("%s has %d bytes, not %d", d.name, before.Size(), d.size)
	}
	if _, err := f.Seek(part.start, io.SeekStart); err != nil {
		return err
	}
	if err := b.sendFrom(rf, f, part.length-lastStretch); err != nil {
		return err
	}
	after, err := f.Stat()
	if err != nil {
		return err
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fmt.Errorf("%s changed while it was sent", d.name)
	}
	if b.buf == nil {
		b.open()
	}
	b.expect(0, lastStretch, false)
	_, err = b.ReadFrom(f)
	return b.settle(err)
}
