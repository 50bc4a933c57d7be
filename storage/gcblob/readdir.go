package gcblob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
)

var _ fs.ReadDirFS = (*FS)(nil)

// ReadDir lists the directory name ("." is the top of the bucket), sorted by name: an
// object for each key below it without a further slash, and a directory for each
// prefix of the others. It asks for page after page, until
// ctx of [FS.WithContext] ends. A directory without an object is
// [fs.ErrNotExist]. Keys that are no valid path are left out, since Open refuses
// them.
//
// Size and time come from the list. Entity tags and CRC-32s are left to
// [FS.Listed]: no request is sent for single objects.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var found []fs.DirEntry
	exists := name == "."
	for objects := f.bucket.List(&blob.ListOptions{Prefix: prefix, Delimiter: "/"}); ; {
		object, err := objects.Next(f.ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, pathError("readdir", name, err)
		}
		exists = true
		key := strings.TrimSuffix(object.Key, "/")
		if base := strings.TrimPrefix(key, prefix); base != "." && fs.ValidPath(base) && (object.IsDir || key == object.Key) {
			found = append(found, f.entry(object))
		}
	}
	if !exists {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	slices.SortStableFunc(found, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return found, nil
}

// entry returns an object of the list as an entry of its directory.
func (f *FS) entry(object *blob.ListObject) *entry {
	e := &entry{name: path.Base(object.Key), size: object.Size, modTime: object.ModTime, mode: 0o444}
	switch {
	case object.IsDir:
		e.mode = fs.ModeDir | 0o755
	case f.Listed != nil:
		e.etag, e.crc = f.Listed(object)
	}
	return e
}

// entry is an object or a directory in a list, and describes itself.
type entry struct {
	name    string
	size    int64
	modTime time.Time
	mode    fs.FileMode
	etag    string
	crc     uint32
}

var (
	_ fs.DirEntry = (*entry)(nil)
	_ fs.FileInfo = (*entry)(nil)
)

func (e *entry) Name() string               { return e.name }
func (e *entry) Size() int64                { return e.size }
func (e *entry) Mode() fs.FileMode          { return e.mode }
func (e *entry) Type() fs.FileMode          { return e.mode.Type() }
func (e *entry) ModTime() time.Time         { return e.modTime }
func (e *entry) IsDir() bool                { return e.mode.IsDir() }
func (e *entry) Sys() any                   { return nil }
func (e *entry) Info() (fs.FileInfo, error) { return e, nil }

// CRC32 returns the CRC-32 that Listed told.
func (e *entry) CRC32() (uint32, bool) { return e.crc, e.crc != 0 }

// ETag returns the entity tag that Listed told, else [errors.ErrUnsupported].
func (e *entry) ETag(context.Context) (string, error) {
	if !isEntityTag(e.etag) {
		return "", errors.ErrUnsupported
	}
	return e.etag, nil
}
