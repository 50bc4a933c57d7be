package files

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// StorageFile is the file of a name in a storage, which is any [fs.FS]: an
// os.Root's, an embed.FS, a zip, a bucket. The bytes are the opened file's: see
// [Unwrap]. Make it with [OpenStorageFile]. A response closes it; otherwise close
// it yourself.
//
// In django-downloadview: StorageFile.
type StorageFile struct {
	// Storage is where the file is.
	Storage fs.FS
	// Name is its whole name there, as [fs.FS] takes it.
	Name string

	opened fs.FileInfo // what the file said when it was opened, until Stat has told it
	of     closer
}

var (
	_ fs.File        = (*StorageFile)(nil)
	_ ModifiedSincer = (*StorageFile)(nil)
	_ unwrapper      = (*StorageFile)(nil)
)

// The optional methods of a storage.
type (
	// ContextFS is a storage whose work can be cancelled: WithContext returns
	// it for the duration of ctx.
	ContextFS interface {
		fs.FS
		WithContext(ctx context.Context) fs.FS
	}

	// URLFS is a storage that can give its files URLs, pre-signed ones for
	// example. The error is [errors.ErrUnsupported] where it cannot.
	URLFS interface {
		fs.FS
		URL(ctx context.Context, name string) (string, error)
	}
)

// OpenStorageFile opens the file of the given name in storage, for as long as
// ctx lasts if the storage is a [ContextFS]. Anything but a regular file is
// [fs.ErrNotExist], and so is a name that is not one, as for [OpenInRoot]; if
// the storage has a Stat method ([fs.StatFS]), it is not even opened, for a pipe
// would block.
//
// Hidden files are opened like others: if name comes from a client, ask
// [IsVisible] before, or ".env" and ".git/config" are downloads.
func OpenStorageFile(ctx context.Context, storage fs.FS, name string) (*StorageFile, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if s, ok := storage.(ContextFS); ok {
		storage = s.WithContext(ctx)
	}
	if s, ok := storage.(fs.StatFS); ok {
		if err := regular(s.Stat(name)); err != nil {
			return nil, noSuchFile(err)
		}
	}
	file, err := storage.Open(name)
	if err != nil {
		return nil, noSuchFile(err)
	}
	info, err := file.Stat()
	if err := regular(info, err); err != nil {
		file.Close()
		return nil, err
	}
	return &StorageFile{Storage: storage, Name: name, opened: info, of: closer{file: file}}, nil
}

// Stat describes the file, the first time as it was when it was opened: that
// saves asking twice.
func (f *StorageFile) Stat() (fs.FileInfo, error) {
	info := f.opened
	if f.opened = nil; info == nil {
		var err error
		if info, err = f.of.file.Stat(); err != nil {
			return nil, err
		}
	}
	return &storageInfo{wrappedInfo{info}, f}, nil
}

// Read reads from the file.
func (f *StorageFile) Read(p []byte) (int, error) { return f.of.file.Read(p) }

// Unwrap returns the file that the storage opened. It stays f's to close.
func (f *StorageFile) Unwrap() fs.File { return f.of.file }

// WasModifiedSince is the file's own answer if it gives one, else it goes by the
// modification time that the storage tells.
func (f *StorageFile) WasModifiedSince(since time.Time) (bool, error) {
	modified, err := WasModifiedSince(f.of.file, since)
	if !errors.Is(err, errors.ErrUnsupported) {
		return modified, err
	}
	info, err := f.of.file.Stat()
	if err != nil {
		return false, err
	}
	return rfc9110.ModifiedSince(info.ModTime(), since)
}

// Close closes the file, once.
func (f *StorageFile) Close() error { return f.of.close() }

// storageInfo is what a file says of itself, and the storage's URL for it.
type storageInfo struct {
	wrappedInfo
	file *StorageFile
}

// ContentType is the file's own, if that means something: a storage that was told
// no type often says this instead.
func (i *storageInfo) ContentType(ctx context.Context) (string, error) {
	contentType, err := i.wrappedInfo.ContentType(ctx)
	if rfc9110.IsUnknownType(contentType) {
		contentType = ""
	}
	return contentType, err
}

func (i *storageInfo) URL(ctx context.Context) (string, error) {
	if s, ok := i.file.Storage.(URLFS); ok {
		return s.URL(ctx, i.file.Name)
	}
	return i.wrappedInfo.URL(ctx)
}
