package views_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

func TestHTTPDownloadViewRelaysAnAllowListOfFields(t *testing.T) {
	remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for key, value := range map[string]string{
			"Content-Type": "text/x-fox", "Content-Encoding": "br", "Etag": originTag, "Last-Modified": originDate, "Accept-Ranges": "bytes",
			"Set-Cookie": "a=b", "Set-Cookie2": "a=b", "Server": "secret", "X-Powered-By": "secret", "Via": "1.1 secret", "Www-Authenticate": "Basic",
			"Connection": "X-Hop", "X-Hop": "1", "Keep-Alive": "timeout=5", "Proxy-Authenticate": "Basic", "Upgrade": "h2c", "Trailer": "X-Trailer",
			"Content-Disposition": "inline; filename=other", "Cache-Control": "public", "Expires": originDate, "Age": "1", "Vary": "Cookie",
			"Access-Control-Allow-Origin": "*", "Strict-Transport-Security": "max-age=1", "Content-Security-Policy": "sandbox",
			"Refresh": "0; url=/", "Location": "/other", "Link": "</a>; rel=preload", "Alt-Svc": "h3=:443", "Content-Location": "/b", "Content-Language": "en",
		} {
			w.Header().Set(key, value)
		}
		io.WriteString(w, originText)
		w.Header().Set("X-Trailer", "secret")
	}))
	got := ask(t, startProxy(t, "HTTP/1.1", remote, "/dir/fox.txt"), "GET", nil)
	if got.Err != nil || got.Body != originText {
		t.Errorf("read %q, %v", got.Body, got.Err)
	}
	got.Header.Del("Date")
	want := http.Header{
		"Accept-Ranges":          {"none"}, // what has a trailer has no length ahead of it
		"Content-Length":         {fmt.Sprint(len(originText))},
		"Content-Disposition":    {`attachment; filename="fox.txt"`},
		"Content-Encoding":       {"br"},
		"Content-Type":           {"text/x-fox"},
		"Etag":                   {originTag},
		"Last-Modified":          {originDate},
		"Vary":                   {"Accept-Encoding"}, // its own: of the coding
		"X-Content-Type-Options": {"nosniff"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	if len(got.Trailer) != 0 {
		t.Errorf("trailer %v", got.Trailer)
	}
}

func TestHTTPDownloadViewDoesNotDecode(t *testing.T) {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	io.WriteString(zw, originText)
	zw.Close()
	for _, protocol := range servertest.Protocols {
		remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header["Accept-Encoding"]; len(got) != 1 || got[0] != "identity" {
				t.Errorf("Accept-Encoding %q at the origin", got)
			}
			w.Header().Set("Content-Encoding", "gzip") // whatever was asked for
			w.Header().Set("Content-Type", "text/plain")
			w.Write(b.Bytes())
		}))
		got := ask(t, startProxy(t, protocol, remote, "/fox.txt"), "GET", nil)
		if got.Err != nil || got.Body != b.String() {
			t.Errorf("%s: read %q, %v", protocol, got.Body, got.Err)
		}
		if coding := got.Header.Get("Content-Encoding"); coding != "gzip" || got.Length != int64(b.Len()) {
			t.Errorf("%s: Content-Encoding %q, length %d", protocol, coding, got.Length)
		}
	}
}

func TestHTTPDownloadViewNames(t *testing.T) {
	remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path) // so that the content says what was asked for
	}))
	for _, tt := range []struct {
		path string // as in the URL
		want string // Content-Disposition
		body string
	}{
		{"/dir/fox.txt", `attachment; filename="fox.txt"`, "/dir/fox.txt"},
		{"/dir/100%25.txt", `attachment; filename="100%.txt"; filename*=UTF-8''100%25.txt`, "/dir/100%.txt"},
		{"/a%23b.txt", `attachment; filename="a#b.txt"`, "/a#b.txt"},
		{"/a%3Fb.txt?c", `attachment; filename="a?b.txt"`, "/a?b.txt"},
		{"/a%20b.txt#fragment", `attachment; filename="a b.txt"`, "/a b.txt"},
		{"/%E2%82%AC.txt", `attachment; filename="_.txt"; filename*=UTF-8''%E2%82%AC.txt`, "/€.txt"},
		{"/€.txt", `attachment; filename="_.txt"; filename*=UTF-8''%E2%82%AC.txt`, "/€.txt"},
		{"/a%5Cb.txt", `attachment; filename="b.txt"`, `/a\b.txt`},
		{"/a%2Fb.txt", `attachment; filename="b.txt"`, "/a/b.txt"},
		{"/a%0D%0AX-Injected:%201.txt", `attachment; filename="aX-Injected: 1.txt"`, "/a\r\nX-Injected: 1.txt"},
		{"/%FF.txt", `attachment; filename="_.txt"`, "/\xff.txt"},
		{"/dir/", `attachment; filename="dir"`, "/dir/"},
		{"/", `attachment; filename="download.txt"`, "/"},
		{"", `attachment; filename="download.txt"`, "/"},
	} {
		got := ask(t, startProxy(t, "HTTP/1.1", remote, tt.path), "GET", nil)
		if name := got.Header.Get("Content-Disposition"); name != tt.want || got.Body != tt.body || got.Err != nil {
			t.Errorf("%s: %s, %q, %v; want %s, %q", tt.path, name, got.Body, got.Err, tt.want, tt.body)
		}
	}
}

// Options of the view say how the file is presented, wherever it is.
func TestHTTPDownloadViewOptions(t *testing.T) {
	remote := servertest.Start(t, "HTTP/1.1", serveOrigin(originTag, originModTime))
	v := views.HTTPDownloadView{URL: func(*http.Request) (string, error) { return remote.URL, nil }, Origin: origin.Options{Client: remote.Client()}}
	v.Options.Inline, v.Options.Basename, v.Options.ContentType, v.Options.Encoding = true, "other.csv", "text/csv", "gzip"
	got := ask(t, servertest.Start(t, "HTTP/1.1", views.AsView(v)), "GET", nil)
	fields := []string{got.Header.Get("Content-Disposition"), got.Header.Get("Content-Type"), got.Header.Get("Content-Encoding")}
	if diff := cmp.Diff([]string{`inline; filename="other.csv"`, "text/csv", "gzip"}, fields); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}
