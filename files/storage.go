package files

import (
	"context"
	"io"
	"io/fs"
	"reflect"
	"strings"
)

// StorageFile is the file of a name in a storage, which is any [fs.FS]: an
// os.Root's, an embed.FS, a zip, a bucket. Bytes and optional methods are those
// of the file that the storage opens. Make it with [OpenStorageFile]. A response
// closes it; otherwise close it yourself.
//
// In django-downloadview: StorageFile.
type StorageFile struct {
	// Storage is where the file is.
	Storage fs.FS
	// Name is its whole name there, as [fs.FS] takes it.
	Name string

	opened fs.FileInfo // what the file said when it was opened, until Stat has told it
	wrapped
}

var (
	_ fs.File        = (*StorageFile)(nil)
	_ io.ReadSeeker  = (*StorageFile)(nil)
	_ io.ReaderAt    = (*StorageFile)(nil)
	_ io.WriterTo    = (*StorageFile)(nil)
	_ ModifiedSincer = (*StorageFile)(nil)
	_ inMemory       = (*StorageFile)(nil)
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
// ctx lasts if the storage is a [ContextFS]. What is not a regular file is
// [fs.ErrNotExist], and so is a name that is not one (see [fs.ValidPath]); if
// the storage has a Stat method ([fs.StatFS]), it is not even opened, for a pipe
// would block.
func OpenStorageFile(ctx context.Context, storage fs.FS, name string) (*StorageFile, error) {
	if !fs.ValidPath(name) || strings.ContainsRune(name, 0) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
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
	return &StorageFile{Storage: storage, Name: name, opened: info, wrapped: wrapped{file: file}}, nil
}

// Stat describes the file, the first time as it was when it was opened: that
// saves asking twice.
func (f *StorageFile) Stat() (fs.FileInfo, error) {
	info := f.opened
	if f.opened = nil; info == nil {
		var err error
		if info, err = f.file.Stat(); err != nil {
			return nil, err
		}
	}
	return &storageInfo{wrappedInfo{info}, f}, nil
}

// InMemory reports whether the file is one of an embed.FS, or says of itself that
// it is in memory. The former have no modification time, and so no validator
// but one that is made of their bytes.
func (f *StorageFile) InMemory() bool {
	if t := reflect.TypeOf(f.file); t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "embed" {
		return true // also where fs.Sub or another wrapper hides the embed.FS
	}
	return f.wrapped.InMemory()
}

// storageInfo is what a file says of itself, and the storage's URL for it.
type storageInfo struct {
	wrappedInfo
	file *StorageFile
}

// ContentType is the file's own, if that means something: a storage that was told
// no type often says this instead.
func (i *storageInfo) ContentType(ctx context.Context) (string, error) {
	contentType, err := i.wrappedInfo.ContentType(ctx)
	if isUnknownType(contentType) {
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
