package stored

import (
	"errors"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/internal/own"
)

// Access is what reading a file at another place costs.
type Access int

const (
	Sequential Access = iota // all that comes before, read or generated again
	Forward                  // a Seek, but backward perhaps as much as Sequential
	Seekable                 // a Seek
	Random                   // nothing: it is an io.ReaderAt
)

// Composed is a file that is put together from others while it is read, as an
// archive is. Its Seek costs nothing by itself, but one of the others may have to be
// read anew for a step backward.
type Composed interface {
	fs.File
	// CheckUnchanged returns an error if the file that was read last has changed
	// since it was opened.
	CheckUnchanged() error
}

// AccessOf asks file, which is at the bottom, by calls that change nothing:
// a wrapper has methods that the file inside cannot carry out, and so has a pipe. It
// returns where file stands as well, which is its beginning unless somebody has
// read from it. A ReadAt without a Seek is believed, since asking it costs some
// storages a request.
func AccessOf(file fs.File) (Access, int64) {
	r, readsAt := own.ReaderAt(file)
	if s, ok := file.(io.Seeker); ok {
		position, err := s.Seek(0, io.SeekCurrent)
		if _, ok := file.(Composed); ok && err == nil {
			return Forward, position
		}
		if err == nil {
			return Seekable, position
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return Sequential, 0 // a pipe, whose ReadAt(nil, 0) succeeds
		}
		if readsAt {
			_, err := r.ReadAt(nil, 0)
			readsAt = !errors.Is(err, errors.ErrUnsupported)
		}
	}
	if readsAt {
		return Random, 0
	}
	return Sequential, 0
}

// GeneratedRanges reports whether a range of file, which is at the bottom and
// Sequential, may be made by reading all that comes before it. A file where that is
// expensive says no by a method:
//
//	GeneratedRanges() bool
//
// A promoted method counts, too: no is the safe answer.
func GeneratedRanges(file fs.File) bool {
	g, ok := file.(interface{ GeneratedRanges() bool })
	return !ok || g.GeneratedRanges()
}
