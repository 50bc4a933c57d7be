package views_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/views"
)

// BenchmarkHTTP is a download through the view and through net/http's proxy,
// from the same origin and by the same transport.
func BenchmarkHTTP(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int64
	}{{"1KiB", 1 << 10}, {"1MiB", 1 << 20}, {"100MiB", 100 << 20}} {
		content := make([]byte, size.bytes)
		origin := startHTTP(b, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Etag", originTag)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}))
		target, err := url.Parse(origin.URL)
		if err != nil {
			b.Fatal(err)
		}
		rival := httputil.NewSingleHostReverseProxy(target)
		rival.Transport = origin.Client().Transport
		view := views.AsView(views.HTTPDownloadView{
			URL:    func(*http.Request) (string, error) { return origin.URL, nil },
			Client: origin.Client(),
		})
		for _, proxy := range []struct {
			name string
			h    http.Handler
		}{{"downloadview", view}, {"rival", rival}} {
			b.Run(fmt.Sprintf("vs=ReverseProxy/size=%s/by=%s", size.name, proxy.name), func(b *testing.B) {
				benchmarkDownload(b, startHTTP(b, "HTTP/1.1", proxy.h), size.bytes)
			})
		}
	}
}

// benchmarkDownload downloads the root of srv, which is size bytes long.
func benchmarkDownload(b *testing.B, srv *httptest.Server, size int64) {
	b.SetBytes(size)
	b.ReportAllocs()
	buf := make([]byte, 256<<10)
	for b.Loop() {
		resp, err := srv.Client().Get(srv.URL)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf)
		resp.Body.Close()
		if n != size || err != nil {
			b.Fatalf("%d bytes, %v; want %d", n, err, size)
		}
	}
}
