package files

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// Description is all that a file can know about itself. A file of your own
// returns [Description.Info] from its Stat.
type Description struct {
	// Name is the file's base name.
	Name string
	// Size is the length of the content in bytes; negative: not known.
	Size int64
	// ModTime is when the content was last modified; zero: not known.
	ModTime time.Time
	// ETag is the entity tag, quoted as in RFC 9110 §8.8.3; empty: none.
	ETag string
	// ContentType is the media type; empty: by the name.
	ContentType string
	// Encoding is the content coding that the bytes are in; empty: none.
	Encoding string
	// URL is where else the content can be had; empty: nowhere.
	URL string
}

// Info returns d as an [fs.FileInfo] of a regular file that everybody may read.
// It has all the optional methods: it is an [ETager], [ContentTyper],
// [ContentEncoder] and [URLer].
func (d Description) Info() fs.FileInfo { return &info{d} }

// info is a Description as an fs.FileInfo.
type info struct{ d Description }

var (
	_ ETager         = (*info)(nil)
	_ ContentTyper   = (*info)(nil)
	_ ContentEncoder = (*info)(nil)
	_ URLer          = (*info)(nil)
)

func (i *info) Name() string       { return i.d.Name }
func (i *info) Size() int64        { return max(i.d.Size, -1) }
func (i *info) ModTime() time.Time { return i.d.ModTime }
func (i *info) IsDir() bool        { return false }
func (i *info) Sys() any           { return nil }

func (i *info) Mode() fs.FileMode {
	if i.d.Size < 0 {
		return fs.ModeIrregular | 0o444
	}
	return 0o444
}

func (i *info) ETag(context.Context) (string, error)            { return i.d.ETag, nil }
func (i *info) ContentType(context.Context) (string, error)     { return i.d.ContentType, nil }
func (i *info) ContentEncoding(context.Context) (string, error) { return i.d.Encoding, nil }
func (i *info) URL(context.Context) (string, error)             { return i.d.URL, nil }

// Size returns the length of the content that info describes, in bytes, or -1 if
// it is not known: the size of a pipe or a device says nothing of its content.
func Size(info fs.FileInfo) int64 {
	if size := info.Size(); size >= 0 && info.Mode().IsRegular() {
		return size
	}
	return -1
}

// ETag returns the entity tag that info knows, else [errors.ErrUnsupported].
// See [ETager].
func ETag(ctx context.Context, info fs.FileInfo) (string, error) {
	if e, ok := info.(ETager); ok {
		return e.ETag(ctx)
	}
	return "", errors.ErrUnsupported
}

// ContentType returns the media type that info knows, else
// [errors.ErrUnsupported]. See [ContentTyper].
func ContentType(ctx context.Context, info fs.FileInfo) (string, error) {
	if t, ok := info.(ContentTyper); ok {
		return t.ContentType(ctx)
	}
	return "", errors.ErrUnsupported
}

// ContentEncoding returns the content coding that info knows, else
// [errors.ErrUnsupported]. See [ContentEncoder].
func ContentEncoding(ctx context.Context, info fs.FileInfo) (string, error) {
	if e, ok := info.(ContentEncoder); ok {
		return e.ContentEncoding(ctx)
	}
	return "", errors.ErrUnsupported
}

// URL returns where else the content can be had as far as info knows, else
// [errors.ErrUnsupported]. See [URLer].
func URL(ctx context.Context, info fs.FileInfo) (string, error) {
	if u, ok := info.(URLer); ok {
		return u.URL(ctx)
	}
	return "", errors.ErrUnsupported
}
