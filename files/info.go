package files

import (
	"context"
	"io/fs"
	"strings"
	"time"
)

// ETager is the optional method of a file's [fs.FileInfo] that knows the entity
// tag of the content, quoted as in RFC 9110 §8.8.3: "v1" or W/"v1", quotes
// included. An empty tag with a nil error means that the content has none; any
// error means "cannot tell", and others may then make a tag of what they know.
//
// The method is that of golang.org/x/net/webdav.
type ETager interface {
	ETag(ctx context.Context) (string, error)
}

// ContentTyper is the optional method of a file's [fs.FileInfo] that knows the
// content type. An empty type, or any error, means "cannot tell".
//
// The method is that of golang.org/x/net/webdav.
type ContentTyper interface {
	ContentType(ctx context.Context) (string, error)
}

// isUnknownType reports whether contentType is what storages and servers say of
// content of which they know nothing: application/octet-stream, or S3's
// binary/octet-stream.
func isUnknownType(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/octet-stream", "binary/octet-stream":
		return true
	}
	return false
}

// ContentEncoder is the optional method of a file's [fs.FileInfo] that knows the
// content coding (RFC 9110 §8.4) that the bytes are in already, "gzip" for
// example. An empty coding, or any error, means none.
type ContentEncoder interface {
	ContentEncoding(ctx context.Context) (string, error)
}

// URLer is the optional method of a file's [fs.FileInfo] that knows where else
// the content can be had, for a while at least. An empty URL, or any error,
// means nowhere.
type URLer interface {
	URL(ctx context.Context) (string, error)
}

// inMemory is the optional method of a file whose content may be all in memory:
// reading it once more, to hash it for example, costs no I/O, and if it is an
// [io.WriterTo], that writes it in one piece.
type inMemory interface {
	InMemory() bool
}

// info is what the files of this package know about themselves.
type info struct {
	name        string
	size        int64 // -1: not known
	modTime     time.Time
	etag        string
	contentType string
	url         string
}

var (
	_ fs.FileInfo  = (*info)(nil)
	_ ETager       = (*info)(nil)
	_ ContentTyper = (*info)(nil)
	_ URLer        = (*info)(nil)
)

func (i *info) Name() string       { return i.name }
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

func (i *info) ETag(context.Context) (string, error)        { return i.etag, nil }
func (i *info) ContentType(context.Context) (string, error) { return i.contentType, nil }
func (i *info) URL(context.Context) (string, error)         { return i.url, nil }
