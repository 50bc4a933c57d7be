package files

import (
	"errors"
	"io/fs"
	"time"
)

// ModifiedSincer is the optional method of a file, or of the reader inside a
// [VirtualFile], that knows whether its content changed after since.
// An error that is [errors.ErrUnsupported] means "cannot tell" (in
// django-downloadview: NotImplementedError). The answer is then ignored, and so
// it is with any other error.
type ModifiedSincer interface {
	WasModifiedSince(since time.Time) (bool, error)
}

// WasModifiedSince returns file's own answer if it is a [ModifiedSincer], and
// [errors.ErrUnsupported] otherwise.
func WasModifiedSince(file fs.File, since time.Time) (bool, error) {
	if m, ok := file.(ModifiedSincer); ok {
		return m.WasModifiedSince(since)
	}
	return false, errors.ErrUnsupported
}

// IsModTime reports whether t can be when some content was modified, so that a
// validator may be made of it. Stores that know no such time have others in its
// place, the same for all versions: the zero time, that of the Unix epoch or the
// second after it (Nix), that of a ZIP whose writer gave none (1979-11-30), the
// first day that a ZIP can tell (reproducible builds, in any time zone). So the
// times up to 1980-01-02, that day included, are none.
func IsModTime(t time.Time) bool { return !t.Before(firstModTime) }

var firstModTime = time.Date(1980, time.January, 3, 0, 0, 0, 0, time.UTC)

// modifiedSince answers by modTime, if there is one. HTTP dates have no
// fractions of a second, so modTime loses its own before they are compared.
func modifiedSince(modTime, since time.Time) (bool, error) {
	if !IsModTime(modTime) {
		return false, errors.ErrUnsupported
	}
	return modTime.Truncate(time.Second).After(since), nil
}
