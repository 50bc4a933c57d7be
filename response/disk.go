package response

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/go-downloadview/downloadview/files"
)

// findOnDisk returns the regular file of the operating system that file is, or
// that has its bytes, and what the system says of it; nil, nil if there is none.
// info is file's own word: the wrappers of package files unwrap that, too, which
// saves asking the system again.
func findOnDisk(file fs.File, info fs.FileInfo) (*os.File, fs.FileInfo, error) {
	for {
		if f, ok := file.(*os.File); ok {
			if _, more := info.(infoUnwrapper); more {
				info = nil // it is somebody else's
			}
			return regularOnDisk(f, info)
		}
		wrapper, ok := file.(files.Unwrapper)
		if !ok {
			return nil, nil, nil
		}
		file = wrapper.Unwrap()
		if i, ok := info.(infoUnwrapper); ok {
			info = i.Unwrap()
		} else {
			info = nil
		}
	}
}

type infoUnwrapper interface{ Unwrap() fs.FileInfo }

// regularOnDisk returns f and what the system says of it, nil, nil if it is no
// regular file. info is that if it was told already.
func regularOnDisk(f *os.File, info fs.FileInfo) (_ *os.File, _ fs.FileInfo, err error) {
	if info == nil {
		if info, err = f.Stat(); err != nil {
			return nil, nil, err
		}
	}
	if !info.Mode().IsRegular() {
		return nil, nil, nil
	}
	return f, info, nil
}

// lastStretch is how much of a file goes through the buffer after sendfile(2)
// has sent the rest, so that the last byte can be held back. It is not as little
// as it could be: a small packet more costs more than a large one less saves.
const lastStretch = 48 << 10

// pushFromDisk sends a window of the file on disk. What is less than the buffer
// goes with the head, in one write; of more, all but the end is left to the
// http.ResponseWriter's ReadFrom, which net/http carries out with sendfile(2).
func (d *DownloadResponse) pushFromDisk(part window, last bool) error {
	b := &d.body
	if rf, ok := b.w.(io.ReaderFrom); ok && part.length >= bufferSize {
		if err := d.checkUnchanged(); err != nil {
			return err // while it can still be an error answer
		}
		if _, err := d.onDisk.Seek(part.start, io.SeekStart); err != nil {
			return err
		}
		n := part.length - lastStretch
		if err := b.sendFrom(rf, d.onDisk, n); err != nil {
			return err
		}
		part = window{part.start + n, lastStretch}
	}
	if b.buf == nil {
		b.open()
	}
	b.interval = 0 // a file on disk does not pause
	b.expect(0, part.length, last)
	// The size that the system tells is believed, as sendfile(2) believes it, but
	// for none: files of /proc have content all the same.
	_, err := b.ReadFrom(io.NewSectionReader(d.onDisk, part.start, max(part.length, 1)))
	return err
}

// checkUnchanged reports an error if the file on disk, if there is one, is no
// longer what it was when it was described: what was sent of it may be of two
// versions.
func (d *DownloadResponse) checkUnchanged() error {
	if d.onDisk == nil {
		return nil
	}
	now, err := d.onDisk.Stat()
	if err != nil {
		return err
	}
	if now.Size() != d.stat.Size() || !now.ModTime().Equal(d.stat.ModTime()) {
		return fmt.Errorf("%s has changed since it was opened", d.name)
	}
	return nil
}
