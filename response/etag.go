package response

import (
	"archive/zip"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"unsafe"

	"github.com/go-downloadview/downloadview/files"
	"github.com/zeebo/xxh3"
)

// entityTag returns the entity tag of file, "" if it has none:
//
//   - what its FileInfo says, if that is a files.ETager that can tell;
//   - else, for content in memory, a strong tag made of its bytes;
//   - else, for an entry of a ZIP, a strong tag made of its checksum and size;
//   - else, for a stored file, a strong tag made of modification time and size,
//     as nginx and Caddy do it.
//
// Generated content has the tag that its author gave it, or none. stat is what
// the system says of a file on disk, nil if it is not there: others may know
// another time, but not which bytes are there.
func entityTag(ctx context.Context, file fs.File, info, stat fs.FileInfo) string {
	stored := true
	if e, ok := info.(files.ETager); ok {
		if tag, err := e.ETag(ctx); err == nil {
			if isEntityTag(tag) {
				return tag
			}
			if tag != "" {
				slog.WarnContext(ctx, "downloadview: not an entity tag as in RFC 9110 §8.8.3, left out",
					"etag", tag, "file", info.Name())
				return ""
			}
			stored = false
		}
	}
	if m, ok := file.(files.InMemorier); ok && m.InMemory() {
		return contentTag(file, info.Size())
	}
	if stat != nil {
		info = stat
	}
	if header, ok := info.Sys().(*zip.FileHeader); ok && stored {
		// The time of an entry is in steps of two seconds, or not known.
		return `"` + strconv.FormatUint(uint64(header.CRC32), 36) + "-" + strconv.FormatUint(header.UncompressedSize64, 36) + `"`
	}
	if stored && isStored(info) {
		return `"` + strconv.FormatInt(info.ModTime().UnixNano(), 36) + "-" + strconv.FormatInt(info.Size(), 36) + `"`
	}
	return ""
}

// digest makes a hash of the size bytes that are written to it. In one piece, as
// they come from memory, they take it two thirds of the time.
type digest struct {
	size   int64
	whole  bool // they came in one piece, sum is its hash
	sum    xxh3.Uint128
	pieces *xxh3.Hasher // nil: there was none
}

func (d *digest) Write(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case d.whole:
		return 0, errTooLong
	case d.pieces == nil && int64(len(p)) == d.size:
		d.whole, d.sum = true, xxh3.Hash128(p)
		return len(p), nil
	case d.pieces == nil:
		d.pieces = xxh3.New()
	}
	return d.pieces.Write(p)
}

// WriteString is Write without a copy of s, for a strings.Reader.
func (d *digest) WriteString(s string) (int, error) {
	return d.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// hash takes what file has left.
func (d *digest) hash(file fs.File) (err error) {
	if wt, ok := files.AsWriterTo(file); ok {
		_, err = wt.WriteTo(d)
	} else {
		_, err = d.ReadFrom(file)
	}
	return err
}

// ReadFrom is for content that has no WriteTo.
func (d *digest) ReadFrom(r io.Reader) (int64, error) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{d}, struct{ io.Reader }{r}, buf[:])
}

func (d *digest) tag() string {
	if d.pieces != nil {
		d.sum = d.pieces.Sum128()
	}
	tag := make([]byte, 0, 34)
	tag = append(tag, '"')
	tag = strconv.AppendUint(tag, d.sum.Hi, 36)
	tag = append(tag, '-')
	tag = strconv.AppendUint(tag, d.sum.Lo, 36)
	tag = append(tag, '"')
	return string(tag)
}

// contentTag returns a tag made of the bytes of file, size of them, "" if they
// cannot be read and read again.
func contentTag(file fs.File, size int64) string {
	seeker, ok := file.(io.Seeker)
	if !ok {
		return ""
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return ""
	}
	d := &digest{size: size, sum: xxh3.Hash128(nil)}
	if err := d.hash(file); err != nil {
		return ""
	}
	if _, err := seeker.Seek(start, io.SeekStart); err != nil {
		return ""
	}
	return d.tag()
}

// isEntityTag reports whether s is one entity tag and nothing else.
func isEntityTag(s string) bool {
	tag, rest := scanEntityTag(s)
	return tag != "" && rest == ""
}

// scanEntityTag returns the entity tag that s begins with, "" if it begins with
// none, and what follows it. RFC 9110 §8.8.3:
//
//	entity-tag = [ weak ] opaque-tag
//	weak       = %s"W/"
//	opaque-tag = DQUOTE *etagc DQUOTE
//	etagc      = %x21 / %x23-7E / obs-text
func scanEntityTag(s string) (tag, rest string) {
	i := len(s) - len(strings.TrimPrefix(s, "W/"))
	if i >= len(s) || s[i] != '"' {
		return "", s
	}
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:]
		case c <= ' ' || c == 0x7f:
			return "", s
		}
	}
	return "", s
}

// isStrong reports whether the entity tag is a strong validator (RFC 9110 §8.8.1).
func isStrong(tag string) bool { return strings.HasPrefix(tag, `"`) }

// strongMatch is the strong comparison of RFC 9110 §8.8.3.2.
func strongMatch(a, b string) bool { return a == b && isStrong(a) }

// weakMatch is the weak comparison of RFC 9110 §8.8.3.2.
func weakMatch(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }
