package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Entry is a file or a directory in an archive. Entries may be shared by any
// number of archives, if Open is safe for concurrent use.
type Entry struct {
	// Name is slash-separated and relative. With a final slash it is the name of a
	// directory, of which only ModTime and Mode count.
	Name string
	// Size is the length of the content in bytes; negative: not known, and then
	// the archive's length is not known either.
	Size int64
	// ModTime is when the content was last modified; zero: not known. A ZIP then
	// says 1980, its first year, and a tar 1970.
	ModTime time.Time
	// Mode has the permissions; none: 0644, and 0755 for directories. A directory
	// always gets 0700 too, or some programs could not extract into it. Type bits
	// other than fs.ModeDir and fs.ModeIrregular are refused.
	Mode fs.FileMode
	// ETag is the entity tag of the content, quoted as in RFC 9110 §8.8.3; empty:
	// none. A strong one (without W/) is a promise that the content is the same
	// wherever the tag is.
	ETag string
	// CRC32 is the CRC-32 (IEEE, as in hash/crc32 and in S3's CRC32) of the
	// content; 0: not known.
	CRC32 uint32
	// Open is called when the content is needed, once or more, and not before.
	// ctx is the context of the archive. The archive closes the file, ahead of
	// opening another. It uses Read and Stat of the file, and its Seek and ReadAt, but
	// no ReadAt that comes from an embedded field.
	Open func(ctx context.Context) (fs.File, error)
}

// EntryError says which entry an archive failed at, and why. It unwraps to the
// cause.
type EntryError struct {
	Name string
	Err  error
}

// Error implements error. The text is for the log.
func (e *EntryError) Error() string { return fmt.Sprintf("archive: entry %.200q: %v", e.Name, e.Err) }

// Unwrap returns Err.
func (e *EntryError) Unwrap() error { return e.Err }

// DownloadStatus returns 500: whatever is wrong with an entry, the archive itself
// is neither missing (404) nor forbidden (403).
func (e *EntryError) DownloadStatus() int { return http.StatusInternalServerError }

var (
	errNoOpen = errors.New("it has no Open")
	errNoFile = errors.New("its Open returned nil, nil")
)

func (e *Entry) isDir() bool { return strings.HasSuffix(e.Name, "/") }

// knowsCRC reports whether CRC32 is the sum of the content, as it is if that is
// empty.
func (e *Entry) knowsCRC() bool { return e.isDir() || e.Size == 0 || e.CRC32 != 0 }

// permissions returns the mode that the extracted file or directory gets.
func (e *Entry) permissions() fs.FileMode {
	mode := e.Mode.Perm()
	switch {
	case e.isDir() && mode == 0:
		return 0o755
	case e.isDir():
		return mode | 0o700 // or busybox, Perl and Ruby cannot extract into it
	case mode == 0:
		return 0o644
	}
	return mode
}

// check returns why e cannot be in an archive, but for its name.
func (e *Entry) check() error {
	kind := e.Mode.Type() &^ fs.ModeIrregular
	switch {
	case e.isDir() && kind&^fs.ModeDir != 0, !e.isDir() && kind != 0 && kind != fs.ModeDir:
		return fmt.Errorf("it is neither a regular file nor a directory: its mode is %v", e.Mode)
	case !e.isDir() && kind == fs.ModeDir:
		return errors.New("it is a directory by its mode, but its name has no final slash")
	case e.isDir():
		return nil
	case e.Open == nil:
		return errNoOpen
	case e.ETag != "" && !rfc9110.IsEntityTag(e.ETag):
		return fmt.Errorf("%q is no entity tag as in RFC 9110 §8.8.3", e.ETag)
	}
	return nil
}

// isVersioned reports whether a change of the content shows in the fields of e.
func (e *Entry) isVersioned() bool {
	return e.knowsCRC() || rfc9110.IsStrong(e.ETag) || e.Size >= 0 && rfc9110.IsModTime(e.ModTime)
}
