package views_test

import (
	"bytes"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

// BenchmarkHTTP is a download through the view and through net/http's proxy,
// from the same origin and by the same transport.
func BenchmarkHTTP(b *testing.B) {
	for _, size := range benchSizes {
		content := make([]byte, size)
		remote := servertest.Start(b, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Etag", originTag)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}))
		remote.Client().Transport.(*http.Transport).DisableKeepAlives = false
		target, err := url.Parse(remote.URL)
		if err != nil {
			b.Fatal(err)
		}
		rival := httputil.NewSingleHostReverseProxy(target)
		rival.Transport = remote.Client().Transport
		view := views.AsView(views.HTTPDownloadView{
			URL:    func(*http.Request) (string, error) { return remote.URL, nil },
			Origin: origin.Options{Client: remote.Client()},
		})
		duel.Run(b, "vs=ReverseProxy", sizeOf(size), "/", size, view, rival)
	}
}
