package archive

import (
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
	// Name is slash-separated and relative. With a final slash it is that of a
	// directory, of which only ModTime and Mode count.
	Name string
	// Size is the length of the content in bytes; negative: not known, and then
	// the archive's length is not known, either.
	Size int64
	// ModTime is when the content was last modified; zero: not known.
	ModTime time.Time
	// Mode has the permissions; none: 0644, and 0755 for directories. Of its
	// type bits, only those of a regular file or a directory are accepted, and
	// [fs.ModeIrregular], which files of unknown size have.
	Mode fs.FileMode
	// ETag is the entity tag of the content, quoted as in RFC 9110 §8.8.3; empty:
	// none. A strong one (without W/) is a promise that the content is the same
	// wherever the tag is.
	ETag string
	// CRC32 is the CRC-32 (IEEE, that of hash/crc32 and of S3's CRC32) of the
	// content; 0: not known.
	CRC32 uint32
	// Open is called when the content is needed, once or more, and not before.
	// The archive closes what it returns, ahead of opening another. Of the file,
	// Read and Stat are used, and Seek and ReadAt where they are of its own type.
	Open func() (fs.File, error)
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

// DownloadStatus returns 500: whatever is wrong with an entry, it is not the
// archive that does not exist (404) or is forbidden (403).
func (e *EntryError) DownloadStatus() int { return http.StatusInternalServerError }

func (e *Entry) isDir() bool { return strings.HasSuffix(e.Name, "/") }

// knowsCRC reports whether CRC32 is that of the content, which it is for none.
func (e *Entry) knowsCRC() bool { return e.isDir() || e.Size == 0 || e.CRC32 != 0 }

// check returns why e cannot be in an archive, but for its name.
func (e *Entry) check() error {
	kind := e.Mode.Type() &^ fs.ModeIrregular
	switch {
	case e.isDir() && kind&^fs.ModeDir != 0, !e.isDir() && kind != 0 && kind != fs.ModeDir:
		return fmt.Errorf("the mode %v is that of neither a regular file nor a directory", e.Mode)
	case !e.isDir() && kind == fs.ModeDir:
		return errors.New("the mode is that of a directory, whose name needs a final slash")
	case e.isDir():
		return nil
	case e.Open == nil:
		return errors.New("there is no Open")
	case e.ETag != "" && !isEntityTag(e.ETag):
		return fmt.Errorf("%q is no entity tag as in RFC 9110 §8.8.3", e.ETag)
	}
	return nil
}

// isVersioned reports whether a change of the content shows in the fields of e.
func (e *Entry) isVersioned() bool {
	return e.knowsCRC() || strings.HasPrefix(e.ETag, `"`) || e.Size >= 0 && rfc9110.IsModTime(e.ModTime)
}

// isEntityTag reports whether s is one (RFC 9110 §8.8.3):
//
//	entity-tag = [ weak ] opaque-tag
//	weak       = %s"W/"
//	opaque-tag = DQUOTE *etagc DQUOTE
//	etagc      = %x21 / %x23-7E / obs-text
func isEntityTag(s string) bool {
	s = strings.TrimPrefix(s, "W/")
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	notETagC := func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }
	return !strings.ContainsFunc(s[1:len(s)-1], notETagC)
}
