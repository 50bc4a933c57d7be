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
