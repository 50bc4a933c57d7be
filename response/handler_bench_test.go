package response_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// nowhere is a ResponseWriter that does nothing.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header                 { return w.header }
func (w *nowhere) WriteHeader(int)                     {}
func (w *nowhere) Write(p []byte) (int, error)         { return len(p), nil }
func (w *nowhere) WriteString(s string) (int, error)   { return len(s), nil }
func (w *nowhere) SetWriteDeadline(time.Time) error    { return nil }
func (w *nowhere) Flush()                              {}
func (w *nowhere) ReadFrom(r io.Reader) (int64, error) { return io.Copy(io.Discard, r) }

// BenchmarkHandler is what a small answer costs without the server and the
// connection, beside what package net/http takes for the same header fields.
func BenchmarkHandler(b *testing.B) {
	content := make([]byte, 1024)
	const tag = `"1r7qv3hx2s8f8-1gpuhqk0zl3i9"`
	fields := func(h http.Header, contentType string) {
		h.Set("Content-Type", contentType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Disposition", `attachment; filename="file.txt"`)
	}
	rows := func(yield func(string) bool) {
		for range 10 {
			if !yield("1234567,Tea,250\n") {
				return
			}
		}
	}
	for _, bench := range []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"1KiB/downloadview", func(w http.ResponseWriter, r *http.Request) {
			response.New(files.NewContentFile(content, "file.txt"), response.Options{}).ServeHTTP(w, r)
		}},
		{"1KiB/ServeContent", func(w http.ResponseWriter, r *http.Request) {
			fields(w.Header(), "text/plain; charset=utf-8")
			w.Header().Set("Etag", tag)
			http.ServeContent(w, r, "file.txt", time.Time{}, bytes.NewReader(content))
		}},
		{"10rows/downloadview", func(w http.ResponseWriter, r *http.Request) {
			response.New(files.NewVirtualFile(files.NewStringIteratorIO(rows), "file.csv"), response.Options{}).ServeHTTP(w, r)
		}},
		{"10rows/WriteString", func(w http.ResponseWriter, r *http.Request) {
			fields(w.Header(), "text/csv; charset=utf-8")
			w.Header().Set("Accept-Ranges", "none")
			for row := range rows {
				if _, err := io.WriteString(w, row); err != nil {
					return
				}
			}
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r, err := http.NewRequest("GET", "/", nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				bench.handler(&nowhere{make(http.Header)}, r)
			}
		})
	}
}
