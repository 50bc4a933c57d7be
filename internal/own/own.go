// Package own finds the optional methods that a reader or writer has itself.
//
// A struct that embeds an *os.File and declares a Read has the WriteTo, ReadAt
// and ReadFrom of the *os.File by promotion. They know nothing of the declared
// Read: content that it hides or changes would go past it. Go cannot tell a
// promoted method from a declared one. So the rule is: of a type that embeds
// something with the method, the method is never used. Package net/http, too,
// uses nothing but Read and Seek of a given reader. A type that wants the
// method used gives the field a name.
package own

import (
	"io"
	"reflect"
	"sync"
)

// WriterTo returns r as an [io.WriterTo] if WriteTo is its own.
func WriterTo(r io.Reader) (io.WriterTo, bool) { return Method[io.WriterTo](r) }

// ReaderAt returns r as an [io.ReaderAt] if ReadAt is its own.
func ReaderAt(r io.Reader) (io.ReaderAt, bool) { return Method[io.ReaderAt](r) }

// ReaderFrom returns w as an [io.ReaderFrom] if ReadFrom is its own.
func ReaderFrom(w io.Writer) (io.ReaderFrom, bool) { return Method[io.ReaderFrom](w) }

// Copy pushes what r has left into w: by r's own WriteTo, else by w's own
// ReadFrom, else through a buffer.
func Copy(w io.Writer, r io.Reader) (int64, error) {
	if wt, ok := WriterTo(r); ok {
		return wt.WriteTo(w)
	}
	if rf, ok := ReaderFrom(w); ok {
		return rf.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{w}, struct{ io.Reader }{r})
}

// Method returns v as an M, an interface of one method, if the method is its own.
func Method[M any](v any) (m M, ok bool) {
	if m, ok = v.(M); ok && embeds[M](reflect.TypeOf(v)) {
		var none M
		return none, false
	}
	return m, ok
}

// question is whether a type embeds something with the method of an interface.
type question struct{ typ, method reflect.Type }

var answers sync.Map // of question to bool: looking at a type takes as long as a small download

// embeds reports whether t, or the struct that t points to, has an embedded
// field that is an M or whose address is one.
func embeds[M any](t reflect.Type) bool {
	q := question{t, reflect.TypeFor[M]()}
	if answer, ok := answers.Load(q); ok {
		return answer.(bool)
	}
	answer := false
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			f := t.Field(i)
			answer = answer || f.Anonymous && (f.Type.Implements(q.method) || reflect.PointerTo(f.Type).Implements(q.method))
		}
	}
	answers.Store(q, answer)
	return answer
}
