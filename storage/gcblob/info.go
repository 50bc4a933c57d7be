package gcblob

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"gocloud.dev/blob"
)

// info is what the store knows of an object.
type info struct {
	key   string
	attrs *blob.Attributes
}

var _ fs.FileInfo = (*info)(nil)

func (i *info) Name() string       { return path.Base(i.key) }
func (i *info) Size() int64        { return i.attrs.Size }
func (i *info) Mode() fs.FileMode  { return 0o444 }
func (i *info) ModTime() time.Time { return i.attrs.ModTime }
func (i *info) IsDir() bool        { return false }
func (i *info) Sys() any           { return i.attrs }

// ETag returns the entity tag of the object. The error is
// [errors.ErrUnsupported] if the store has none that is one as in RFC 9110
// §8.8.3; the caller may make one of the modification time and the size then.
func (i *info) ETag(context.Context) (string, error) {
	if !isEntityTag(i.attrs.ETag) {
		return "", errors.ErrUnsupported
	}
	return i.attrs.ETag, nil
}

// ContentType returns the content type that the object was stored with, "" if
// none was given: S3 then says binary/octet-stream, which means nothing.
func (i *info) ContentType(context.Context) (string, error) {
	if i.attrs.ContentType == "binary/octet-stream" {
		return "", nil
	}
	return i.attrs.ContentType, nil
}

// ContentEncoding returns the content coding that the object is stored in,
// "gzip" for example; "" if it is stored as it is.
func (i *info) ContentEncoding(context.Context) (string, error) {
	return i.attrs.ContentEncoding, nil
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
