package origin_test

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
)

func TestOpenErrors(t *testing.T) {
	t.Run("by status", func(t *testing.T) {
		for status, want := range map[int]int{
			404: 404, 410: 404,
			400: 502, 401: 502, 403: 502, 405: 502, 408: 502, 418: 502, 429: 502,
			412: 502, 416: 502, 206: 502, 304: 502, // to a request without conditions
			500: 502, 501: 502, 502: 502, 503: 502, 504: 502,
			201: 502, 204: 502, 300: 502, 307: 502,
		} {
			_, err := newServer(t, answer(status, "")).open(t, "GET", "/a?secret", nil)
			var e *origin.Error
			if !errors.As(err, &e) || e.StatusCode != status || e.DownloadStatus() != want {
				t.Errorf("origin answers %d: error %v; want it to come to %d", status, err, want)
			}
			if missing := errors.Is(err, fs.ErrNotExist); missing != (want == 404) {
				t.Errorf("origin answers %d: fs.ErrNotExist %v", status, missing)
			}
		}
	})

	closed := httptest.NewServer(nil)
	closed.Close()
	tls := servertest.StartTLS(t, servertest.HTTP11, serve("hello"))
	stuck := newServer(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	hurried := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Millisecond}}
	defer hurried.CloseIdleConnections()

	for _, tt := range []struct {
		reason string
		url    string
		client *http.Client
		want   int // 0: no Error
	}{
		{"refused", closed.URL, nil, 502},
		{"a certificate that nobody vouches for", tls.URL, nil, 502},
		{"TLS to where there is none", strings.Replace(stuck.URL, "http:", "https:", 1), nil, 502},
		{"timeout of the transport", stuck.URL, hurried, 504},
		{"timeout of the client", stuck.URL, &http.Client{Transport: hurried.Transport, Timeout: time.Microsecond}, 504},
		{"a local file", "file:///etc/passwd", nil, 0},
		{"FTP", "ftp://127.0.0.1/a", nil, 0},
		{"gopher", "gopher://127.0.0.1:70/_a", nil, 0},
		{"relative", "/a", nil, 0},
		{"no host", "http:///a", nil, 0},
		{"a port and no host", "http://:80/a", nil, 0},
		{"not a URL", "http://user:secret@host/%zz?secret", nil, 0},
		{"empty", "", nil, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			address := tt.url
			if tt.want != 0 {
				address = strings.Replace(tt.url, "://", "://user:secret@", 1) + "/a?signature=secret#secret"
			}
			f, err := origin.Open(httptest.NewRequest("GET", "/", nil), address, origin.Options{Client: tt.client})
			if err == nil {
				f.Close()
				t.Fatal("no error")
			}
			if f != nil {
				t.Error("a file and an error")
			}
			got := 0
			var e *origin.Error
			if errors.As(err, &e) {
				got = e.DownloadStatus()
			}
			if got != tt.want {
				t.Errorf("%v comes to %d, want %d", err, got, tt.want)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "user") {
				t.Errorf("error %q tells secrets", err)
			}
		})
	}
}
