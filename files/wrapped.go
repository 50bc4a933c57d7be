package files

import (
	"context"
	"io/fs"

	"github.com/go-downloadview/downloadview/internal/own"
)

// Unwrap returns the file that has file's bytes, where file only adds knowledge
// to it and says so by the method
//
//	Unwrap() fs.File
//
// else nil. A response reads the innermost file, with all that it can do:
// a file of the operating system goes by sendfile(2), whatever is around it. So a
// wrapper needs nothing but Stat, Read, Close and Unwrap.
//
// The Unwrap of a struct that embeds something with that method does not count.
func Unwrap(file fs.File) fs.File {
	if u, ok := own.Method[unwrapper](file); ok {
		return u.Unwrap()
	}
	return nil
}

// unwrapper is a file around another.
type unwrapper interface{ Unwrap() fs.File }

// wrappedInfo forwards to another file's description all that this may tell.
type wrappedInfo struct{ fs.FileInfo }

var (
	_ ETager         = wrappedInfo{}
	_ ContentTyper   = wrappedInfo{}
	_ ContentEncoder = wrappedInfo{}
	_ URLer          = wrappedInfo{}
)

// Unwrap returns the other file's description.
func (i wrappedInfo) Unwrap() fs.FileInfo { return i.FileInfo }

func (i wrappedInfo) ETag(ctx context.Context) (string, error) { return ETag(ctx, i.FileInfo) }

func (i wrappedInfo) ContentType(ctx context.Context) (string, error) {
	return ContentType(ctx, i.FileInfo)
}

func (i wrappedInfo) ContentEncoding(ctx context.Context) (string, error) {
	return ContentEncoding(ctx, i.FileInfo)
}

func (i wrappedInfo) URL(ctx context.Context) (string, error) { return URL(ctx, i.FileInfo) }

// closer closes a file once.
type closer struct {
	file   fs.File
	closed bool
}

func (c *closer) close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	return c.file.Close()
}
