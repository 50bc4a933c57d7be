package own_test

import (
	"io"
	"mime/multipart"
	"os"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/own"
)

type (
	// promoting has all of its methods from an *os.File.
	promoting struct{ *os.File }
	// reading has a Read of its own, and the rest from an *os.File.
	reading struct{ *os.File }
	// pushing declares what it can do besides reading, with a value receiver.
	pushing struct{ *os.File }
	// pointed declares it with a pointer receiver.
	pointed struct{ *os.File }
	// deep has a Read of its own two structs down.
	deep struct{ reading }
	// inherited embeds a struct that declares all, and declares nothing.
	inherited struct{ pushing }
	// composed lists what it can do.
	composed struct {
		io.Reader
		io.ReaderAt
		io.WriterTo
	}
	// both embeds an interface that can read in more than one way.
	both struct{ multipart.File }
	// named has a field that is not embedded, and no more methods than it declares.
	named struct{ file *os.File }
	// function is no struct at all.
	function func(p []byte) (int, error)
	// generic is a struct with type parameters.
	generic[T any] struct{ *os.File }
)

func (reading) Read([]byte) (int, error)           { return 0, io.EOF }
func (pushing) Read([]byte) (int, error)           { return 0, io.EOF }
func (pushing) WriteTo(io.Writer) (int64, error)   { return 0, nil }
func (pushing) ReadAt([]byte, int64) (int, error)  { return 0, io.EOF }
func (*pointed) Read([]byte) (int, error)          { return 0, io.EOF }
func (*pointed) WriteTo(io.Writer) (int64, error)  { return 0, nil }
func (*pointed) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
func (named) Read([]byte) (int, error)             { return 0, io.EOF }
func (named) WriteTo(io.Writer) (int64, error)     { return 0, nil }
func (named) ReadAt([]byte, int64) (int, error)    { return 0, io.EOF }
func (function) Read([]byte) (int, error)          { return 0, io.EOF }
func (function) WriteTo(io.Writer) (int64, error)  { return 0, nil }
func (function) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
func (generic[T]) Read([]byte) (int, error)        { return 0, io.EOF }

// The method of a type counts unless the type embeds something that has it.
func TestOwnMethods(t *testing.T) {
	for _, tt := range []struct {
		reason string
		value  io.Reader
		want   bool
	}{
		{"no struct around it", &os.File{}, true},
		{"of the standard library", strings.NewReader(""), true},
		{"all promoted", promoting{}, false},
		{"all promoted, a pointer", &promoting{}, false},
		{"a Read of its own", reading{}, false},
		{"a Read of its own, a pointer", &reading{}, false},
		{"declared anew: it cannot be told from promoted", pushing{}, false},
		{"declared anew, a pointer", &pushing{}, false},
		{"declared anew with a pointer receiver", &pointed{}, false},
		{"a Read further down", deep{}, false},
		{"declared further down", inherited{}, false},
		{"composed of interfaces", composed{}, false},
		{"a field with a name", named{file: nil}, true},
		{"no struct", function(nil), true},
		{"generic", generic[int]{}, false},
		{"a file in memory", files.NewContentFile("", "a"), true},
		{"around a file in memory", struct{ *files.ContentFile }{}, false},
	} {
		for range 2 { // found out, and remembered
			if _, got := own.WriterTo(tt.value); got != tt.want {
				t.Errorf("%s: WriterTo(%T) = %v, want %v", tt.reason, tt.value, got, tt.want)
			}
			if _, got := own.ReaderAt(tt.value); got != tt.want {
				t.Errorf("%s: ReaderAt(%T) = %v, want %v", tt.reason, tt.value, got, tt.want)
			}
		}
	}
	if _, ok := own.WriterTo(struct{ io.Reader }{}); ok {
		t.Error("a reader that has no WriteTo is an io.WriterTo")
	}
}

// ownWriter has a Write of its own, and the ReadFrom of the file around which it
// is.
type ownWriter struct{ *os.File }

func (ownWriter) Write(p []byte) (int, error) { return len(p), nil }

// An interface that reads came for the sake of that, and its ReadAt with it.
func TestReadAtOfAnEmbeddedInterface(t *testing.T) {
	if _, ok := own.ReaderAt(both{}); ok {
		t.Error("the ReadAt of an embedded multipart.File is taken for the struct's own")
	}
}

func TestReaderFrom(t *testing.T) {
	if _, ok := own.ReaderFrom(ownWriter{}); ok {
		t.Error("the ReadFrom of an embedded file goes past the struct's Write")
	}
	if _, ok := own.ReaderFrom(&os.File{}); !ok {
		t.Error("an *os.File is no io.ReaderFrom")
	}
}
