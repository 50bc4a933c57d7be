// Package stored knows what lies at the bottom of a file, below all wrappers:
// whether that has changed since it was looked at, and what reading it at another
// place costs.
package stored

import (
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// File is what lies at the bottom of a file.
type File struct {
	// Bottom has the bytes. It is the file itself if that wraps no other.
	Bottom fs.File
	// Info is what Bottom said of itself when it was found.
	Info fs.FileInfo
	// OnDisk is Bottom if that is a regular file of the operating system.
	OnDisk *os.File
	// InMemory is [IsInMemory] of Bottom.
	InMemory bool

	// What the bytes come from in the end. It is Bottom, or what lies at the bottom of
	// the file inside a VirtualFile that did not stand at its beginning.
	source fs.File
	was    fs.FileInfo // what source said of itself
}

// Find returns what lies at the bottom of file. info is file's own word; nil: it is
// asked. The wrappers of package files unwrap that, too, which saves asking again.
func Find(file fs.File, info fs.FileInfo) (File, error) {
	for inner := files.Unwrap(file); inner != nil; inner = files.Unwrap(file) {
		file = inner
		if i, ok := info.(infoUnwrapper); ok {
			info = i.Unwrap()
		} else {
			info = nil
		}
	}
	if _, more := info.(infoUnwrapper); more || info == nil { // another file's
		var err error
		if info, err = file.Stat(); err != nil {
			return File{}, err
		}
	}
	f := File{Bottom: file, Info: info, InMemory: IsInMemory(file), source: file, was: info}
	switch file := file.(type) {
	case *os.File:
		if info.Mode().IsRegular() {
			f.OnDisk = file
		}
	case *files.VirtualFile:
		if inside, ok := file.Reader().(fs.File); ok {
			if below, err := Find(inside, nil); err == nil {
				f.source, f.was = below.source, below.was
			}
		}
	}
	return f, nil
}

type infoUnwrapper interface{ Unwrap() fs.FileInfo }

// IsKept reports whether the bottom is shown to be kept somewhere, by a
// modification time. Generated content is not.
func (f *File) IsKept() bool {
	return f.OnDisk != nil || f.was.Mode().IsRegular() && rfc9110.IsModTime(f.was.ModTime())
}

// CheckUnchanged returns an error if a kept file has changed since it was found.
// Bytes that were read meanwhile may be of two versions. Ask before the
// last byte leaves.
func (f *File) CheckUnchanged() error {
	if c, ok := f.source.(Composed); ok {
		return c.CheckUnchanged()
	}
	if !f.IsKept() {
		return nil
	}
	now, err := f.source.Stat()
	if err != nil || isSameVersion(f.was, now) {
		return err
	}
	// There are made files whose time of modification is the time of the call.
	if again, err := f.source.Stat(); f.OnDisk == nil && err == nil && !isSameVersion(now, again) {
		return nil
	}
	return fmt.Errorf("%s has changed since it was opened: %d bytes of %v then, %d bytes of %v now",
		f.was.Name(), f.was.Size(), f.was.ModTime(), now.Size(), now.ModTime())
}

func isSameVersion(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// IsInMemory reports whether the content of file, which is at the bottom, is all
// in memory: it says so by its own method
//
//	InMemory() bool
//
// or is a file of an embed.FS. Reading it once more, to hash it, costs no I/O.
func IsInMemory(file fs.File) bool {
	if m, ok := own.Method[interface{ InMemory() bool }](file); ok {
		return m.InMemory()
	}
	// Package embed's file has no name that others could use. It has no
	// modification time either, so its only validator is made of its bytes.
	t := reflect.TypeOf(file)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "embed"
}
