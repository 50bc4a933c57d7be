package response_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// BenchmarkStalled is the memory and the goroutines of a download whose client
// reads nothing, beside a plain loop and http.ServeContent. Clients are in the same
// process and hold a connection each, with no buffer.
func BenchmarkStalled(b *testing.B) {
	const n = 400
	piece := strings.Repeat("x", 1<<10)
	content := make([]byte, 8<<20)
	for name, h := range map[string]http.HandlerFunc{
		"generated/downloadview": download(func() fs.File {
			return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
				for range 8 << 10 {
					if !yield(piece) {
						return
					}
				}
			}), "a.txt")
		}),
		"generated/WriteString": func(w http.ResponseWriter, _ *http.Request) {
			for range 8 << 10 {
				if _, err := io.WriteString(w, piece); err != nil {
					return
				}
			}
		},
		"memory/downloadview": download(func() fs.File {
			f := files.NewContentFile(content, "a.bin")
			f.ETag = `"v1"`
			return f
		}),
		"memory/ServeContent": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.bin", time.Time{}, bytes.NewReader(content))
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				srv := httptest.NewUnstartedServer(h)
				srv.Listener = smallBuffers{srv.Listener}
				srv.Start()
				before, goroutines := memory(), runtime.NumGoroutine()
				conns := make([]net.Conn, n)
				for i := range conns {
					var err error
					if conns[i], err = net.Dial("tcp", srv.Listener.Addr().String()); err != nil {
						b.Fatal(err)
					}
					fmt.Fprint(conns[i], "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
				}
				// The handlers are stalled when nothing changes any more.
				for last := int64(0); ; time.Sleep(500 * time.Millisecond) {
					now := memory()
					if d := now - last; -(64<<10) < d && d < 64<<10 {
						break
					}
					last = now
				}
				b.ReportMetric(float64(memory()-before)/n/1024, "KiB/download")
				b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/n, "goroutines/download")
				for _, c := range conns {
					c.Close()
				}
				srv.Close()
			}
		})
	}
}
