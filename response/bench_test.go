package response_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/response"
)

// The benchmarks send real answers over loopback connections, each beside the
// rival that a Go program would otherwise use. docs/performance.md says how to
// compare them, and what came out.

func BenchmarkInMemory(b *testing.B) {
	for _, size := range []int{1 << 10, 1 << 20, 1 << 30} {
		if size == 1<<30 && testing.Short() {
			continue
		}
		content := bytes.Repeat([]byte("0123456789abcdef"), size/16)
		modTime := time.Now()
		duel.Run(b, "vs=ServeContent", fmt.Sprintf("size=%dKiB", size>>10), "/", int64(size),
			download(func() fs.File { return files.NewContentFile(content, "content.bin") }),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.ServeContent(w, r, "content.bin", modTime, bytes.NewReader(content))
			}))
	}
}

// rows are short rows, as an export has them.
func rows(n int) func(yield func(string) bool) {
	row := strings.Repeat("x", 31) + "\n"
	return func(yield func(string) bool) {
		for range n {
			if !yield(row) {
				return
			}
		}
	}
}

// writeRows is the loop that needs no library.
func writeRows(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		for row := range rows(n) {
			io.WriteString(w, row)
		}
	}
}

// pipeRows makes a reader of the rows by io.Pipe.
func pipeRows(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		pr, pw := io.Pipe()
		go func() {
			for row := range rows(n) {
				if _, err := io.WriteString(pw, row); err != nil {
					return
				}
			}
			pw.Close()
		}()
		io.Copy(w, pr)
	}
}

func BenchmarkGenerated(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000, 10_000_000} {
		if n == 10_000_000 && testing.Short() {
			continue
		}
		work, size := fmt.Sprintf("rows=%d", n), int64(n)*32
		downloadview := download(func() fs.File {
			return files.NewVirtualFile(files.NewStringIteratorIO(rows(n)), "rows.csv")
		})
		duel.Run(b, "vs=WriteString", work, "/", size, downloadview, writeRows(n))
		duel.Run(b, "vs=Pipe", work, "/", size, downloadview, pipeRows(n))
	}
}

func BenchmarkOSFile(b *testing.B) {
	for _, size := range []int64{1 << 10, 1 << 20, 100 << 20} {
		path := duel.File(b, size)
		duel.Run(b, "vs=ServeFile", fmt.Sprintf("size=%dKiB", size>>10), "/", size,
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				file, err := os.Open(path)
				if err != nil {
					b.Error(err)
					return
				}
				response.New(file, response.Options{}).ServeHTTP(w, r)
			}),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
	}
}
