package response

import (
	"fmt"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/files"
)

// findBytes returns the file that has the bytes of file, which is file itself if
// it wraps no other, and what that says of itself. info is file's own word: the
// wrappers of package files unwrap that, too, which saves asking again.
func findBytes(file fs.File, info fs.FileInfo) (fs.File, fs.FileInfo, error) {
	for inner := files.Unwrap(file); inner != nil; inner = files.Unwrap(file) {
		file = inner
		if i, ok := info.(infoUnwrapper); ok {
			info = i.Unwrap()
		} else {
			info = nil
		}
	}
	if _, more := info.(infoUnwrapper); more || info == nil {
		var err error
		info, err = file.Stat() // what there was is somebody else's
		return file, info, err
	}
	return file, info, nil
}

type infoUnwrapper interface{ Unwrap() fs.FileInfo }

// lastStretch is how much of a file goes through the buffer after sendfile(2)
// has sent the rest, so that the last byte can be held back. It is not as little
// as it could be: a small packet more costs more than a large one less saves.
const lastStretch = 48 << 10

// pushFromDisk sends a window of the file on disk. What is less than the buffer
// goes with the head, in one write; of more, all but the end is left to the
// http.ResponseWriter's ReadFrom, which net/http carries out with sendfile(2).
func (d *DownloadResponse) pushFromDisk(part window, last bool) error {
	b := &d.body
	if rf, ok := files.AsReaderFrom(b.w); ok && part.length >= bufferSize {
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
	b.expect(0, part, last)
	// The size that the system tells is believed, as sendfile(2) believes it, but
	// for none: files of /proc have content all the same.
	_, err := b.ReadFrom(io.NewSectionReader(d.onDisk, part.start, max(part.length, 1)))
	return err
}

// checkUnchanged reports an error if the file, where it is shown to be stored, is
// no longer what it was when it was described: what was sent of it may be of two
// versions.
func (d *DownloadResponse) checkUnchanged() error {
	if d.onDisk == nil && !isStored(d.stat) {
		return nil
	}
	now, err := d.bytes.Stat()
	if err != nil || isSameVersion(d.stat, now) {
		return err
	}
	// There are files whose time of modification is that of the call.
	if again, err := d.bytes.Stat(); err == nil && !isSameVersion(now, again) {
		return nil
	}
	return fmt.Errorf("%s has changed since it was opened: %d bytes of %v then, %d bytes of %v now",
		d.name, d.stat.Size(), d.stat.ModTime(), now.Size(), now.ModTime())
}

// isStored reports whether info is that of a file which is kept somewhere.
func isStored(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && files.IsModTime(info.ModTime())
}

func isSameVersion(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
