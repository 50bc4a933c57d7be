package files

import (
	"cmp"
	"context"
	"io/fs"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// DescribedFile is a file with a description from elsewhere: from its database
// row, for example. Make it with [NewDescribedFile], and set fields before it is
// handed over. Fields that are not set are as the file says. The bytes are the
// file's: see [Unwrap].
type DescribedFile struct {
	// Name is the file's base name; empty: its own.
	Name string
	// Size is the length of the content in bytes; negative: as the file says.
	// Content of any other length is not sent.
	Size int64
	// ModTime is when the content was last modified; zero: as the file says.
	ModTime time.Time
	// ETag is the entity tag, quoted as in RFC 9110 §8.8.3; empty: the file's.
	ETag string
	// ContentType is the media type; empty: the file's.
	ContentType string
	// Encoding is the content coding that the bytes are in; empty: the file's.
	Encoding string

	of closer
}

var (
	_ fs.File        = (*DescribedFile)(nil)
	_ ModifiedSincer = (*DescribedFile)(nil)
	_ unwrapper      = (*DescribedFile)(nil)
)

// NewDescribedFile returns file, which it owns from now on, with fields to
// describe it.
func NewDescribedFile(file fs.File) *DescribedFile {
	return &DescribedFile{Size: -1, of: closer{file: file}}
}

// Stat describes the file, by the fields where they are set.
func (f *DescribedFile) Stat() (fs.FileInfo, error) {
	own, err := f.of.file.Stat()
	if err != nil {
		return nil, err
	}
	return &describedInfo{wrappedInfo{own}, f}, nil
}

// Read reads from the file.
func (f *DescribedFile) Read(p []byte) (int, error) { return f.of.file.Read(p) }

// Unwrap returns the file underneath. It stays the wrapper's to close.
func (f *DescribedFile) Unwrap() fs.File { return f.of.file }

// WasModifiedSince goes by ModTime if that is set, else it is the file's own
// answer, if it gives one.
func (f *DescribedFile) WasModifiedSince(since time.Time) (bool, error) {
	if !f.ModTime.IsZero() {
		return rfc9110.ModifiedSince(f.ModTime, since)
	}
	return WasModifiedSince(f.of.file, since)
}

// Close closes the file, once.
func (f *DescribedFile) Close() error { return f.of.close() }

// describedInfo is what a file says of itself, corrected.
type describedInfo struct {
	wrappedInfo
	by *DescribedFile
}

func (i *describedInfo) Name() string { return cmp.Or(i.by.Name, i.FileInfo.Name()) }

func (i *describedInfo) Size() int64 {
	if i.by.Size >= 0 {
		return i.by.Size
	}
	return i.FileInfo.Size()
}

func (i *describedInfo) Mode() fs.FileMode {
	mode := i.FileInfo.Mode()
	if i.by.Size >= 0 {
		mode &^= fs.ModeIrregular // the size is known now
	}
	return mode
}

func (i *describedInfo) ModTime() time.Time {
	if !i.by.ModTime.IsZero() {
		return i.by.ModTime
	}
	return i.FileInfo.ModTime()
}

func (i *describedInfo) ETag(ctx context.Context) (string, error) {
	if i.by.ETag != "" {
		return i.by.ETag, nil
	}
	return i.wrappedInfo.ETag(ctx)
}

func (i *describedInfo) ContentType(ctx context.Context) (string, error) {
	if i.by.ContentType != "" {
		return i.by.ContentType, nil
	}
	return i.wrappedInfo.ContentType(ctx)
}

func (i *describedInfo) ContentEncoding(ctx context.Context) (string, error) {
	if i.by.Encoding != "" {
		return i.by.Encoding, nil
	}
	return i.wrappedInfo.ContentEncoding(ctx)
}
