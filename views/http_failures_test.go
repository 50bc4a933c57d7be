package views_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

func TestHTTPDownloadViewErrors(t *testing.T) {
	logged := servertest.CaptureLog(t)
	release := make(chan struct{})
	defer close(release)
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := servertest.Start(t, "HTTP/2.0", serveOrigin("", time.Time{}))
	remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		switch _, err := fmt.Sscanf(r.URL.Path, "/status/%d", &status); {
		case err == nil:
			w.Header().Set("Etag", originTag)
			w.Header().Set("Set-Cookie", "a=b")
			w.Header().Set("Location", "http://example.com/?secret")
			w.WriteHeader(status)
			if status >= 400 {
				io.WriteString(w, "secret")
			}
		case r.URL.Path == "/slow":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	}))
	transport := remote.Client().Transport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 20 * time.Millisecond
	defer transport.CloseIdleConnections()
	for _, tt := range []struct {
		reason string
		url    string
		err    error
		want   int
	}{
		{"not found", remote.URL + "/status/404", nil, 404},
		{"gone", remote.URL + "/status/410", nil, 404},
		{"forbidden: the server's credentials are wrong, not the client's", remote.URL + "/status/403", nil, 502},
		{"unauthorized", remote.URL + "/status/401", nil, 502},
		{"too many requests", remote.URL + "/status/429", nil, 502},
		{"failed", remote.URL + "/status/500", nil, 502},
		{"overloaded", remote.URL + "/status/503", nil, 502},
		{"no content", remote.URL + "/status/204", nil, 502},
		{"redirect to another host", remote.URL + "/status/302", nil, 502},
		{"refused", closed.URL, nil, 502},
		{"bad certificate", untrusted.URL, nil, 502},
		{"no such host", "http://name.invalid", nil, 502},
		{"timeout", remote.URL + "/slow", nil, 504},
		{"not a URL of the web", "file:///etc/passwd", nil, 500},
		{"gopher", "gopher://127.0.0.1/", nil, 500},
		{"no URL for this request", "", fs.ErrNotExist, 404},
		{"not for this request", "", fs.ErrPermission, 403},
		{"no idea", "", errors.New("no idea"), 500},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logged.Reset()
			srv := servertest.Start(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
				URL: func(*http.Request) (string, error) {
					return strings.Replace(tt.url, "://", "://user:secret@", 1) + "?secret", tt.err
				},
				Origin: origin.Options{Client: &http.Client{Transport: transport}},
			}))
			got := ask(t, srv, "GET", nil)
			if got.Err != nil || got.Status != tt.want {
				t.Errorf("status %d, %v; want %d", got.Status, got.Err, tt.want)
			}
			got.Header.Del("Date")
			want := http.Header{
				"Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
				"Content-Length": {fmt.Sprint(len(got.Body))},
			}
			if diff := cmp.Diff(want, got.Header); diff != "" {
				t.Error("(-want +got):\n" + diff)
			}
			if got.Body != http.StatusText(tt.want)+"\n" {
				t.Errorf("got.Body %q", got.Body)
			}
			srv.Close() // so that the log is complete
			if text := logged.String(); strings.Contains(text, "secret") || strings.Count(text, "\n") != 1 {
				t.Errorf("logged %q, want one line without secrets", text)
			}
		})
	}
}

// What the origin does not send to its end does not look complete.
func TestHTTPDownloadViewNeverLooksComplete(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	for _, tt := range []struct {
		reason string
		answer string
		status int  // 0: an error on the connection is as good
		broken bool // the body ends in an error
		body   string
	}{
		{"dies in mid-body", head + "Content-Length: 2097152\r\n\r\n" + big, 200, true, ""},
		{"dies in mid-body, chunked", head + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + big + "\r\n", 200, true, ""},
		{"dies in mid-body, before anything has left here", head + "Content-Length: 100\r\n\r\nshort", 502, false, "Bad Gateway\n"},
		{"dies before the body", head + "Content-Length: 100\r\n\r\n", 502, false, "Bad Gateway\n"},
		{"dies in its head", head, 502, false, "Bad Gateway\n"},
		{"says nothing", "", 502, false, "Bad Gateway\n"},
		{"speaks something else", "220 ftp.example.com ready\r\n", 502, false, "Bad Gateway\n"},
		{"two lengths", head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nfoxy", 502, false, "Bad Gateway\n"},
		{"more than announced: what was announced is all there is (RFC 9112 §6.3)", head + "Content-Length: 3\r\n\r\nfoxes", 200, false, "fox"},
		{"malformed chunks", head + "Transfer-Encoding: chunked\r\n\r\nfox\r\n", 502, false, "Bad Gateway\n"},
		{"without a length, to the end of the connection", "HTTP/1.0 200 OK\r\n\r\nfox", 200, false, "fox"},
	} {
		for _, protocol := range servertest.Protocols {
			t.Run(protocol+"/"+tt.reason, func(t *testing.T) {
				servertest.CaptureLog(t)
				address := servertest.StartRaw(t, tt.answer)
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				srv := servertest.Start(t, protocol, views.AsView(views.HTTPDownloadView{
					URL:    func(*http.Request) (string, error) { return address, nil },
					Origin: origin.Options{Client: client},
				}))
				got := ask(t, srv, "GET", nil)
				if got.Status != tt.status || (got.Err != nil) != tt.broken || !tt.broken && got.Body != tt.body {
					t.Errorf("status %d, %.20q, %v; want status %d, broken %v, %q", got.Status, got.Body, got.Err, tt.status, tt.broken, tt.body)
				}
			})
		}
	}
}

// The same over HTTP/2, where frames have lengths of their own.
func TestHTTPDownloadViewNeverLooksCompleteHTTP2(t *testing.T) {
	servertest.CaptureLog(t)
	remote := servertest.Start(t, "HTTP/2.0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(2<<20))
		w.Write(make([]byte, 1<<20))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	got := ask(t, startProxy(t, "HTTP/2.0", remote, "/a"), "GET", nil)
	if got.Err == nil {
		t.Errorf("status %d, %d bytes, and no error", got.Status, len(got.Body))
	}
}
