package response_test

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"go.uber.org/goleak"
)

// No download leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// text returns size bytes, at most 2 MiB, that differ from place to place.
func text(size int) string { return numbers()[:size] }

var numbers = sync.OnceValue(func() string {
	var b strings.Builder
	for i := 0; b.Len() < 2<<20; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.String()
})

// chunks yields s in pieces of size bytes.
func chunks(s string, size int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(s) > size {
			if !yield(s[:size]) {
				return
			}
			s = s[size:]
		}
		yield(s)
	}
}

// generated returns a file of generated pieces.
func generated(seq iter.Seq[string]) *files.VirtualFile {
	return files.NewVirtualFile(files.NewStringIteratorIO(seq), "a.txt")
}

// bufferSize is what generated content is gathered to before it is sent.
const bufferSize = response.BufferSize

// send returns a handler that answers with file.
func send(file fs.File, opts response.Options) http.Handler { return response.New(file, opts) }

// download returns a handler that answers each request with a file of its own.
func download(file func() fs.File) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response.New(file(), response.Options{}).ServeHTTP(w, r)
	}
}

// after returns h behind a caller that has set fields of the header.
func after(caller http.Header, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), caller.Clone())
		h.ServeHTTP(w, r)
	})
}

// ways are those in which the content of a file can be taken.
var ways = map[string]func(fs.File) fs.File{
	"pushed": func(f fs.File) fs.File { return f },
	"read":   func(f fs.File) fs.File { return struct{ fs.File }{f} }, // which hides WriteTo
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// errBroken is the cause of what fails. Its text is for the log alone.
var errBroken = errors.New("secret: database is down")

// producing returns a file that yields content in small pieces, and then ends as
// end does: with an error, or a panic.
func producing(size int, end func() error) *files.VirtualFile {
	return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string, error) bool) {
		for piece := range chunks(text(size), 100) {
			if size > 0 && !yield(piece, nil) {
				return
			}
		}
		if err := end(); err != nil {
			yield("", err)
		}
	}), "a.txt")
}

func fails() error  { return errBroken }
func panics() error { panic(errBroken) }

// zeros generates n bytes, in pieces of at most 1,000.
func zeros(n int64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		piece := make([]byte, 1000)
		for ; n > 0; n -= int64(len(piece)) {
			if !yield(piece[:min(n, int64(len(piece)))]) {
				return
			}
		}
	}
}

// statless is a file that cannot be described.
type statless struct {
	fs.File
	err error
}

func (f statless) Stat() (fs.FileInfo, error) { return nil, f.err }
func (f statless) Close() error               { return nil }
