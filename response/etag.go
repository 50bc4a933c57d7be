package response

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"unsafe"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
	"github.com/zeebo/xxh3"
)

// entityTag returns the entity tag of a file with this info, "" if it has none:
//
//   - what its FileInfo says, if that is a files.ETager that can tell;
//   - else, for content in memory, a strong tag made of its bytes;
//   - else, for an entry of a ZIP, a strong tag made of its checksum and size;
//   - else, for a stored file, a strong tag made of modification time and size,
//     as nginx and Caddy do it, and of the coding that its bytes are in: gzip -k
//     gives its file the time of the other, and two codings may be equally long.
//
// Generated content has the tag that its author gave it, or none.
func entityTag(ctx context.Context, info fs.FileInfo, s *stored.File, coding string) string {
	tag, err := files.ETag(ctx, info)
	switch {
	case rfc9110.IsEntityTag(tag):
		return tag
	case tag != "" && err == nil:
		slog.WarnContext(ctx, "downloadview: not an entity tag as in RFC 9110 §8.8.3, left out",
			"etag", tag, "file", info.Name())
		return ""
	case s.InMemory:
		return contentTag(s.Bottom, info.Size())
	case err == nil: // its author says that it has no tag
		return ""
	}
	if s.OnDisk != nil {
		info = s.Info // others may know another time, but not which bytes are there
	}
	if entry, ok := info.Sys().(*zip.FileHeader); ok {
		// Its time is in steps of two seconds, or not known.
		return tagOf(uint64(entry.CRC32), entry.UncompressedSize64)
	}
	if info.Mode().IsRegular() && rfc9110.IsModTime(info.ModTime()) {
		tag = tagOf(uint64(info.ModTime().UnixNano()), uint64(info.Size()))
		if coding != "" {
			tag = rfc9110.CodedTag(tag, coding)
		}
		return tag
	}
	return ""
}

// tagOf returns a strong entity tag made of two numbers.
func tagOf(a, b uint64) string {
	tag := make([]byte, 0, 34)
	tag = append(tag, '"')
	tag = strconv.AppendUint(tag, a, 36)
	tag = append(tag, '-')
	tag = strconv.AppendUint(tag, b, 36)
	tag = append(tag, '"')
	return string(tag)
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
		return 0, errTwice
	case d.pieces == nil && int64(len(p)) == d.size:
		d.whole, d.sum = true, xxh3.Hash128(p)
		return len(p), nil
	case d.pieces == nil:
		d.pieces = xxh3.New()
	}
	return d.pieces.Write(p)
}

var errTwice = errors.New("response: the content goes on behind its end")

// WriteString is Write without a copy of s, for a strings.Reader.
func (d *digest) WriteString(s string) (int, error) {
	return d.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// ReadFrom is for content that has no WriteTo.
func (d *digest) ReadFrom(r io.Reader) (int64, error) {
	buf := body.Buffers.Get().(*[body.BufferSize]byte)
	defer body.Buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{d}, struct{ io.Reader }{r}, buf[:])
}

func (d *digest) tag() string {
	if d.pieces != nil {
		d.sum = d.pieces.Sum128()
	}
	return tagOf(d.sum.Hi, d.sum.Lo)
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
	if start != 0 { // its author has read from it
		if _, err := seeker.Seek(0, io.SeekStart); err != nil {
			return ""
		}
	}
	d := &digest{size: size, sum: xxh3.Hash128(nil)}
	if _, err := own.Copy(d, file); err != nil {
		return ""
	}
	if _, err := seeker.Seek(start, io.SeekStart); err != nil {
		return ""
	}
	return d.tag()
}
