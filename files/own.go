package files

import (
	"io"
	"io/fs"
	"reflect"
	"runtime"
	"sync"
)

// A struct that embeds an *os.File, say, and has a Read of its own, has the
// WriteTo and ReadAt of the *os.File as well. Those are promoted methods, and
// they know nothing of the struct's Read. So each of the functions below gives
// what a value can do beyond reading only if that is the value's own word: its
// type declares the method, or embeds no reader or writer that has it.
// package net/http, too, uses nothing but Read and Seek of what it is given.

// AsWriterTo returns r as an [io.WriterTo] if WriteTo is a method of its own.
//
// A struct that embeds an *os.File and has a Read of its own has the WriteTo of
// the *os.File by promotion, which goes past that Read. Such a method does not
// count, whether or not the struct has a Read: it embeds a reader that has
// WriteTo, and declares none.
func AsWriterTo(r io.Reader) (io.WriterTo, bool) {
	wt, ok := r.(io.WriterTo)
	return wt, ok && ownMethods(r).writeTo
}

// AsReaderAt returns r as an [io.ReaderAt] if ReadAt is a method of its own.
func AsReaderAt(r io.Reader) (io.ReaderAt, bool) {
	ra, ok := r.(io.ReaderAt)
	return ra, ok && ownMethods(r).readAt
}

// AsReaderFrom returns w as an [io.ReaderFrom] if ReadFrom is a method of its
// own.
func AsReaderFrom(w io.Writer) (io.ReaderFrom, bool) {
	rf, ok := w.(io.ReaderFrom)
	return rf, ok && ownMethods(w).readFrom
}

// Unwrap returns the file that has file's bytes, where file adds nothing but
// knowledge to that and says so by a method of its own,
//
//	Unwrap() fs.File
//
// else nil. The wrappers of this package have the method. It lets a file of the
// operating system be sent as one, with sendfile(2), whatever is around it.
func Unwrap(file fs.File) fs.File {
	if u, ok := file.(unwrapper); ok && ownMethods(file).unwrap {
		return u.Unwrap()
	}
	return nil
}

// writeTo pushes what r has left into w, by r's own WriteTo if it has one.
func writeTo(w io.Writer, r io.Reader) (int64, error) {
	if wt, ok := AsWriterTo(r); ok {
		return wt.WriteTo(w)
	}
	return io.Copy(w, struct{ io.Reader }{r})
}

// isInMemory reports whether r says, by a method of its own, that its content is
// all in memory.
func isInMemory(r io.Reader) bool {
	m, ok := r.(inMemory)
	return ok && ownMethods(r).inMemory && m.InMemory()
}

// unwrapper is a file around another.
type unwrapper interface{ Unwrap() fs.File }

// own tells which methods of a type are its own.
type own struct{ writeTo, readAt, readFrom, unwrap, length, inMemory bool }

var ownByType sync.Map // of reflect.Type to own

// ownMethods looks at a type once, for that takes as long as a small download.
func ownMethods(v any) own {
	t := reflect.TypeOf(v)
	if found, ok := ownByType.Load(t); ok {
		return found.(own)
	}
	found := own{true, true, true, true, true, true}
	if isForeign(t) {
		// MethodByName with constants lets the linker drop other methods.
		found = own{
			writeTo:  isOwn[io.WriterTo, io.Reader](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("WriteTo") }),
			readAt:   isOwn[io.ReaderAt, io.Reader](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("ReadAt") }),
			readFrom: isOwn[io.ReaderFrom, io.Writer](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("ReadFrom") }),
			unwrap:   isOwn[unwrapper, io.Reader](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Unwrap") }),
			length:   isOwn[lengther, io.Reader](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Len") }),
			inMemory: isOwn[inMemory, io.Reader](t, func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("InMemory") }),
		}
	}
	ownByType.Store(t, found)
	return found
}

// isForeign reports whether t is a type of another package. Those of this one
// know what they embed.
func isForeign(t reflect.Type) bool {
	return structOf(t).PkgPath() != reflect.TypeFor[own]().PkgPath()
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isOwn reports whether the one method of the interface I, which method finds,
// is t's own.
func isOwn[I, Base any](t reflect.Type, method func(reflect.Type) (reflect.Method, bool)) bool {
	if !embeds[I, Base](structOf(t)) {
		return true
	}
	// A method with a value receiver has a wrapper for the pointer, which looks
	// like a promoted one. So the struct itself is looked at, too.
	return isDeclared(method(t)) || isDeclared(method(structOf(t)))
}

// embeds reports whether a field that is embedded in t, or the address of one,
// implements both I and Base. Without Base, which is to read or to write, the
// field is there for the sake of I: struct{ io.Reader; io.ReaderAt }.
func embeds[I, Base any](t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && implements[I](f.Type) && implements[Base](f.Type) {
			return true
		}
	}
	return false
}

func implements[I any](t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[I]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}

// isDeclared reports whether a method stands in a source file. One that is
// promoted was written by the compiler, which says so in the place of the file's
// name.
func isDeclared(m reflect.Method, ok bool) bool {
	if !ok {
		return false
	}
	pc := m.Func.Pointer()
	f := runtime.FuncForPC(pc)
	if f == nil {
		return false
	}
	file, _ := f.FileLine(pc)
	return file != "<autogenerated>"
}

// lengther is a reader that knows how many bytes it has left.
type lengther interface{ Len() int }
