package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// crcKnower is the optional method of a file's [fs.FileInfo] that knows the CRC-32
// of the content: a storage may have it. It reports false if it cannot tell.
type crcKnower interface {
	CRC32() (crc uint32, known bool)
}

// FromFS returns entries for all that is below the directory root of fsys, "." for
// its top: regular files and directories, in lexical order, with names relative to
// root. Files of unknown size are left out, and so are symbolic links, devices,
// pipes, and files that are removed meanwhile. No file is opened.
//
// allow is asked about each name, relative to root and without a final slash; a
// directory that it refuses is left out with all that is in it. nil means
// [files.IsVisible]: no .env and no .git.
//
// Size, time and mode are taken from the file's [fs.FileInfo]. So are the ETag, if
// that is a [files.ETager], and the CRC32, if it has a method
//
//	CRC32() (crc uint32, known bool)
//
// Opened later, a file of another size, time or entity tag is an error. The context
// of the archive is for a [files.ContextFS]; list such a storage by its own
// WithContext. For directories that others can write to use an os.Root's FS:
// os.DirFS follows a link that has replaced a file.
//
// A file or directory below root that cannot be looked at is an [EntryError]. [NewZip]
// may refuse some names of fsys.
func FromFS(fsys fs.FS, root string, allow func(name string) bool) ([]Entry, error) {
	if fsys == nil {
		panic("archive: FromFS: the file system is nil")
	}
	if allow == nil {
		allow = files.IsVisible
	}
	l := lister{fsys: fsys, root: root, allow: allow}
	err := error(&fs.PathError{Op: "open", Path: root, Err: fs.ErrInvalid})
	if fs.ValidPath(root) {
		err = l.list("")
	}
	if err != nil {
		return nil, fmt.Errorf("archive: FromFS: %w", err)
	}
	return l.entries, nil
}

// lister collects the entries of a tree.
type lister struct {
	fsys    fs.FS
	root    string
	allow   func(name string) bool
	entries []Entry
}

// list adds all entries of the directory dir, whose name is relative to the root.
func (l *lister) list(dir string) error {
	found, err := fs.ReadDir(l.fsys, path.Join(l.root, dir))
	if err != nil {
		return err
	}
	for _, d := range found {
		name := path.Join(dir, d.Name())
		if !d.IsDir() && !d.Type().IsRegular() || !l.allow(name) {
			continue
		}
		err := l.add(name, d)
		if entry := (*EntryError)(nil); errors.Is(err, fs.ErrNotExist) {
			continue // removed since its name was read
		} else if err != nil && !errors.As(err, &entry) {
			err = &EntryError{name, err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds what d is, and all that is below it.
func (l *lister) add(name string, d fs.DirEntry) error {
	info, err := d.Info()
	switch {
	case err != nil:
		return err
	case info.IsDir():
		l.entries = append(l.entries, Entry{Name: name + "/", ModTime: info.ModTime(), Mode: info.Mode()})
		return l.list(name)
	case files.Size(info) >= 0:
		l.entries = append(l.entries, fileEntry(l.fsys, path.Join(l.root, name), name, info))
	}
	return nil
}

// fileEntry returns the entry of the file in fsys that info describes.
func fileEntry(fsys fs.FS, inFS, name string, info fs.FileInfo) Entry {
	e := Entry{
		Name:    name,
		Size:    info.Size(),
		ModTime: info.ModTime(),
		Mode:    info.Mode().Perm(),
		ETag:    tagOf(info),
	}
	if k, ok := info.(crcKnower); ok {
		if crc, known := k.CRC32(); known {
			e.CRC32 = crc
		}
	}
	e.Open = func(ctx context.Context) (fs.File, error) {
		file, err := files.OpenStorageFile(ctx, fsys, inFS)
		if err != nil {
			return nil, err
		}
		if err := checkListed(file, &e); err != nil {
			file.Close()
			return nil, err
		}
		return file, nil
	}
	return e
}

// checkListed returns an error if file is not the one that e was made of. Its size
// is looked at by the archive.
func checkListed(file fs.File, e *Entry) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	tag := tagOf(now)
	if !sameTime(now.ModTime(), e.ModTime) || tag != "" && e.ETag != "" && tag != e.ETag {
		return errors.New("it changed since it was listed")
	}
	return nil
}

// tagOf returns the entity tag that info has, "" if none.
func tagOf(info fs.FileInfo) string {
	tag, err := files.ETag(context.Background(), info)
	if err != nil || !rfc9110.IsEntityTag(tag) {
		return ""
	}
	return tag
}

// sameTime reports whether a and b can be the same modification time: some stores
// list files with whole seconds, and know fractions once one is opened.
func sameTime(a, b time.Time) bool {
	if a.Nanosecond() == 0 || b.Nanosecond() == 0 {
		a, b = a.Truncate(time.Second), b.Truncate(time.Second)
	}
	return a.Equal(b)
}
