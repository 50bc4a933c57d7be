package response_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// The benchmarks send real answers over loopback connections, each beside the
// rival that a Go program would otherwise use. docs/performance.md says how to
// compare them, and what came out.

// protocols are what the benchmarks run over.
var protocols = []string{"HTTP1", "HTTP2"}

// serve benchmarks GET requests for what handler sends, size bytes each time,
// over one connection.
func serve(b *testing.B, protocol string, size int64, handler http.HandlerFunc) {
	b.Helper()
	srv := httptest.NewUnstartedServer(handler)
	if protocol == "HTTP2" {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	defer srv.Close()
	get := srv.Client().Get
	if protocol == "HTTP1" {
		get = plainGet(b, srv.Listener.Addr().String())
	}
	buf := make([]byte, 256<<10)
	b.ReportAllocs()
	b.SetBytes(size)
	for b.Loop() {
		resp, err := get(srv.URL)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, buf)
		resp.Body.Close()
		if err != nil || n != size || resp.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d bytes of %d, %v", resp.Status, n, size, err)
		}
	}
}

// plainGet returns a client that does next to nothing, so that what is measured
// is the server: one connection, and no goroutines.
func plainGet(b *testing.B, addr string) func(url string) (*http.Response, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	r := bufio.NewReaderSize(conn, 64<<10)
	return func(string) (*http.Response, error) {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
			return nil, err
		}
		return http.ReadResponse(r, nil)
	}
}

func download(file func() fs.File) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response.New(file(), response.Options{}).ServeHTTP(w, r)
	}
}

// duel benchmarks downloadview and a rival side by side.
func duel(b *testing.B, rivalName, protocol, work string, size int64, downloadview, rival http.HandlerFunc) {
	for _, by := range []struct {
		name    string
		handler http.HandlerFunc
	}{{"downloadview", downloadview}, {"rival", rival}} {
		b.Run(fmt.Sprintf("vs=%s/%s/%s/by=%s", rivalName, protocol, work, by.name), func(b *testing.B) {
			serve(b, protocol, size, by.handler)
		})
	}
}

func BenchmarkInMemory(b *testing.B) {
	for _, protocol := range protocols {
		for _, size := range []int{1 << 10, 1 << 20, 1 << 30} {
			if size == 1<<30 && testing.Short() {
				continue
			}
			content := bytes.Repeat([]byte("0123456789abcdef"), size/16)
			modTime := time.Now()
			duel(b, "ServeContent", protocol, fmt.Sprintf("size=%dKiB", size>>10), int64(size),
				download(func() fs.File { return files.NewContentFile(content, "content.bin") }),
				func(w http.ResponseWriter, r *http.Request) {
					http.ServeContent(w, r, "content.bin", modTime, bytes.NewReader(content))
				})
		}
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
	for _, protocol := range protocols {
		for _, n := range []int{10, 1_000, 100_000, 10_000_000} {
			if n == 10_000_000 && testing.Short() {
				continue
			}
			work, size := fmt.Sprintf("rows=%d", n), int64(n)*32
			downloadview := download(func() fs.File {
				return files.NewVirtualFile(files.NewStringIteratorIO(rows(n)), "rows.csv")
			})
			duel(b, "WriteString", protocol, work, size, downloadview, writeRows(n))
			duel(b, "Pipe", protocol, work, size, downloadview, pipeRows(n))
		}
	}
}

func BenchmarkOSFile(b *testing.B) {
	for _, protocol := range protocols {
		for _, size := range []int64{1 << 10, 1 << 20, 100 << 20} {
			path := filepath.Join(b.TempDir(), "content.bin")
			if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
				b.Fatal(err)
			}
			duel(b, "ServeFile", protocol, fmt.Sprintf("size=%dKiB", size>>10), size,
				func(w http.ResponseWriter, r *http.Request) {
					file, err := os.Open(path)
					if err != nil {
						b.Error(err)
						return
					}
					response.New(file, response.Options{}).ServeHTTP(w, r)
				},
				func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
		}
	}
}
