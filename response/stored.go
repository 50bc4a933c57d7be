package response

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/go-downloadview/downloadview/files"
)

// stored is the file that has the bytes, in whatever that is wrapped.
type stored struct {
	inner  fs.File
	stat   fs.FileInfo // what inner says of itself
	onDisk *os.File    // inner, if it is a regular file of the system's; nil: it is not
}

// findStored returns the file that has the bytes of file, which is file itself if
// it wraps no other. info is file's own word: the wrappers of package files unwrap
// that, too, which saves asking again.
func findStored(file fs.File, info fs.FileInfo) (stored, error) {
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
		if info, err = file.Stat(); err != nil { // what there was is somebody else's
			return stored{}, err
		}
	}
	s := stored{inner: file, stat: info}
	if f, ok := file.(*os.File); ok && info.Mode().IsRegular() {
		s.onDisk = f
	}
	return s, nil
}

type infoUnwrapper interface{ Unwrap() fs.FileInfo }

// checkUnchanged reports an error if the file, where it is shown to be stored, is
// no longer what it was when it was described: what was sent of it may be of two
// versions.
func (s *stored) checkUnchanged() error {
	if s.onDisk == nil && !isStored(s.stat) {
		return nil
	}
	now, err := s.inner.Stat()
	if err != nil || isSameVersion(s.stat, now) {
		return err
	}
	// There are made files whose time of modification is that of the call.
	if again, err := s.inner.Stat(); err == nil && now.Sys() == nil && !isSameVersion(now, again) {
		return nil
	}
	return fmt.Errorf("%s has changed since it was opened: %d bytes of %v then, %d bytes of %v now",
		s.stat.Name(), s.stat.Size(), s.stat.ModTime(), now.Size(), now.ModTime())
}

// isInMemory reports whether file says that its content is all in memory. Reading
// it once more, to hash it, then costs no I/O, and its WriteTo writes in one piece.
// The wrappers of package files have both methods. Who only embeds one of these
// has not: its own Read may be good for once.
func isInMemory(file fs.File) bool {
	m, ok := file.(interface{ InMemory() bool })
	_, own := files.AsWriterTo(file)
	return ok && own && m.InMemory()
}

// isStored reports whether info is that of a file which is kept somewhere.
func isStored(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && files.IsModTime(info.ModTime())
}

func isSameVersion(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
