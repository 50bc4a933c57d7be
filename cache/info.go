package cache

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// info describes a copy: what its generator says, and what the copy knows better.
type info struct {
	fs.FileInfo // the generator's
	size        int64
	modTime     time.Time // zero: none
	etag        string    // "": none
}

var (
	_ fs.FileInfo          = (*info)(nil)
	_ files.ETager         = (*info)(nil)
	_ files.ContentTyper   = (*info)(nil)
	_ files.ContentEncoder = (*info)(nil)
	_ files.URLer          = (*info)(nil)
)

// describe takes from own what a copy is described by.
func describe(ctx context.Context, own fs.FileInfo) *info {
	i := &info{FileInfo: own, size: own.Size()}
	if i.size < 0 || !own.Mode().IsRegular() {
		i.size = -1 // the size of a pipe is not that of its content
	}
	if rfc9110.IsModTime(own.ModTime()) {
		i.modTime = own.ModTime()
	}
	if e, ok := own.(files.ETager); ok {
		if tag, err := e.ETag(ctx); err == nil {
			i.etag = tag
		}
	}
	return i
}

// version appends to b what two versions of the bytes differ in: the entity tag, or
// the modification time where there is no tag. A copy of another size, type or
// coding is not the one that is described, either.
func (i *info) version(ctx context.Context, b []byte) []byte {
	validator := i.etag
	if validator == "" && !i.modTime.IsZero() {
		validator = i.modTime.UTC().Format(time.RFC3339Nano)
	}
	contentType, _ := i.ContentType(ctx)
	encoding, _ := i.ContentEncoding(ctx)
	b = append(strconv.AppendQuote(b, validator), ' ')
	b = append(strconv.AppendInt(b, i.size, 10), ' ')
	b = append(strconv.AppendQuote(b, contentType), ' ')
	return strconv.AppendQuote(b, encoding)
}

// canRange reports whether parts of the copy can be promised before it is there:
// its size is known, and its tag says that the bytes are always the same.
func (i *info) canRange() bool {
	return i.size >= 0 && len(i.etag) >= 2 && strings.HasPrefix(i.etag, `"`) && strings.HasSuffix(i.etag, `"`)
}

// whole returns the description of the finished copy; tag is that of its bytes.
func (i *info) whole(size int64, tag string) *info {
	w := *i
	w.size = size
	if w.etag == "" {
		w.etag = `"` + tag + `"`
	}
	return &w
}

func (i *info) Size() int64        { return i.size }
func (i *info) ModTime() time.Time { return i.modTime }
func (i *info) IsDir() bool        { return false }
func (i *info) Sys() any           { return nil }

func (i *info) Mode() fs.FileMode {
	if i.size < 0 {
		return fs.ModeIrregular | 0o444
	}
	return 0o444
}

// ETag returns the generator's tag, or that of the bytes of a finished copy.
func (i *info) ETag(context.Context) (string, error) { return i.etag, nil }

// ContentType returns the generator's.
func (i *info) ContentType(ctx context.Context) (string, error) {
	if t, ok := i.FileInfo.(files.ContentTyper); ok {
		return t.ContentType(ctx)
	}
	return "", errors.ErrUnsupported
}

// ContentEncoding returns the generator's.
func (i *info) ContentEncoding(ctx context.Context) (string, error) {
	if e, ok := i.FileInfo.(files.ContentEncoder); ok {
		return e.ContentEncoding(ctx)
	}
	return "", errors.ErrUnsupported
}

// URL returns the generator's.
func (i *info) URL(ctx context.Context) (string, error) {
	if u, ok := i.FileInfo.(files.URLer); ok {
		return u.URL(ctx)
	}
	return "", errors.ErrUnsupported
}

// wasModifiedSince answers by the modification time, if there is one. HTTP dates
// have no fractions of a second.
func (i *info) wasModifiedSince(since time.Time) (bool, error) {
	if i.modTime.IsZero() {
		return false, errors.ErrUnsupported
	}
	return i.modTime.Truncate(time.Second).After(since), nil
}
