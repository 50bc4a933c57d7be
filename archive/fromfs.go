package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// crcKnower is the optional method of a file's [fs.FileInfo] that knows the CRC-32
// of the content: a storage may have it. It reports false if it cannot tell.
type crcKnower interface {
	CRC32() (crc uint32, known bool)
}

// FromFS returns entries for what is below the directory root of fsys, "." for all
// of it: regular files and directories, in lexical order, with names that are
// relative to root. Symbolic links are left out, and not followed; so are devices,
// pipes, files of unknown size, and what is removed meanwhile. No file is opened.
//
// Size, time and mode are those of the file's [fs.FileInfo]. So are the ETag, if
// that is a [files.ETager], and the CRC32, if it has a method
//
//	CRC32() (crc uint32, known bool)
//
// Opened later, a file of another size, time or entity tag is an error. For what
// others can write to use an os.Root's FS: os.DirFS follows a link that has come
// to stand where a file was.
//
// The names are those of fsys, and may be some that [NewZip] refuses.
func FromFS(fsys fs.FS, root string) ([]Entry, error) {
	if !fs.ValidPath(root) {
		return nil, fmt.Errorf("archive: FromFS: %w", &fs.PathError{Op: "open", Path: root, Err: fs.ErrInvalid})
	}
	var entries []Entry
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != root:
			return nil // removed since its name was read
		case err != nil:
			return err
		case name == root && !d.IsDir():
			return &fs.PathError{Op: "open", Path: root, Err: errors.New("not a directory")}
		case name == root || !d.IsDir() && !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		relative := name
		if root != "." {
			relative = strings.TrimPrefix(name, root+"/")
		}
		if info.IsDir() {
			entries = append(entries, Entry{Name: relative + "/", ModTime: info.ModTime(), Mode: info.Mode()})
		} else if info.Mode().IsRegular() && info.Size() >= 0 {
			entries = append(entries, fileEntry(fsys, name, relative, info))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("archive: FromFS: %w", err)
	}
	return entries, nil
}

// fileEntry returns the entry of the file name in fsys.
func fileEntry(fsys fs.FS, name, relative string, info fs.FileInfo) Entry {
	e := Entry{
		Name:    relative,
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
	e.Open = func() (fs.File, error) {
		file, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		if err := checkUnchanged(file, e); err != nil {
			file.Close()
			return nil, err
		}
		return file, nil
	}
	return e
}

// checkUnchanged reports an error if file is not the one that e was made of. Its
// size is looked at by the archive.
func checkUnchanged(file fs.File, e Entry) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	tag := tagOf(now)
	if !now.Mode().IsRegular() || !sameTime(now.ModTime(), e.ModTime) || tag != "" && e.ETag != "" && tag != e.ETag {
		return fmt.Errorf("%s changed since it was listed", path.Base(e.Name))
	}
	return nil
}

// tagOf returns the entity tag that info has, "" if none.
func tagOf(info fs.FileInfo) string {
	if t, ok := info.(files.ETager); ok {
		if tag, err := t.ETag(context.Background()); err == nil && isEntityTag(tag) {
			return tag
		}
	}
	return ""
}

// sameTime reports whether a and b can be the same modification time: some stores
// list files with whole seconds, and know fractions once one is opened.
func sameTime(a, b time.Time) bool {
	if a.Nanosecond() == 0 || b.Nanosecond() == 0 {
		a, b = a.Truncate(time.Second), b.Truncate(time.Second)
	}
	return a.Equal(b)
}
