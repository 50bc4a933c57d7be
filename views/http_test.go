package views_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// In these tests a client asks one server, the view, which asks another, the
// origin. Both speak HTTP/1.1, or both HTTP/2.
var httpProtocols = []string{"HTTP/1.1", "HTTP/2.0"}

// startHTTP returns a server for h that speaks protocol. Its client trusts it.
func startHTTP(t testing.TB, protocol string, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if protocol == "HTTP/2.0" {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv
}

// startProxy returns a server with a view of what is at path on origin.
func startProxy(t testing.TB, protocol string, origin *httptest.Server, path string) *httptest.Server {
	t.Helper()
	return startHTTP(t, protocol, views.AsView(views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return origin.URL + path, nil },
		Client: origin.Client(),
	}))
}

// exchange sends one request and reads the answer to its end.
func exchange(t *testing.T, srv *httptest.Server, method string, header http.Header) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// captureLog makes what is logged while the test runs a string.
func captureLog(t *testing.T) *bytes.Buffer {
	t.Helper()
	var buf bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&buf, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &buf
}

const (
	originTag  = `"v1"`
	originDate = "Sat, 14 Mar 2026 15:09:26 GMT"
	originText = "The quick brown fox jumps over the lazy dog."
)

var originModTime, _ = http.ParseTime(originDate)

// serveOrigin answers as net/http does, with the validators that are not empty.
func serveOrigin(etag string, modTime time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("Etag", etag)
		}
		w.Header().Set("Content-Type", "text/x-fox")
		http.ServeContent(w, r, "", modTime, strings.NewReader(originText))
	}
}

// plainFile hides that content is in memory, so that it has no entity tag.
type plainFile struct{ io.ReadSeeker }

// A file at a URL is presented like one that is here: for every kind of origin,
// each request has the answer that the same file in memory has.
func TestHTTPDownloadViewAnswersLikeALocalFile(t *testing.T) {
	const before, after = "Fri, 13 Mar 2026 00:00:00 GMT", "Sun, 15 Mar 2026 00:00:00 GMT"
	local := func(etag string, modTime time.Time) func() fs.File {
		return func() fs.File {
			f := files.NewVirtualFile(plainFile{strings.NewReader(originText)}, "fox.txt")
			f.ContentType, f.ETag, f.ModTime = "text/x-fox", etag, modTime
			return f
		}
	}
	origins := []struct {
		name string
		h    http.HandlerFunc
		file func() fs.File
		many bool // several ranges; else what it has are generated
	}{
		{"net/http", serveOrigin(originTag, originModTime), local(originTag, originModTime), true},
		{"net/http, a date alone", serveOrigin("", originModTime), local("", originModTime), true},
		// Parts that nobody can tell the version of do not go together.
		{"net/http, no validator", serveOrigin("", time.Time{}), func() fs.File {
			f := files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(originText)}, "fox.txt")
			f.ContentType, f.Size = "text/x-fox", int64(len(originText))
			return f
		}, true},
		{"this library", views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
			return local(originTag, originModTime)(), nil
		})), local(originTag, originModTime), true},
		{"no ranges, no conditions", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", originTag)
			w.Header().Set("Last-Modified", originDate)
			w.Header().Set("Content-Type", "text/x-fox")
			io.WriteString(w, originText)
		}, local(originTag, originModTime), false},
	}
	requests := []struct {
		reason string
		header http.Header
		many   bool
	}{
		{"the whole", nil, false},
		{"the beginning", http.Header{"Range": {"bytes=0-4"}}, false},
		{"a part", http.Header{"Range": {"bytes=4-8"}}, false},
		{"to the end", http.Header{"Range": {"bytes=4-"}}, false},
		{"a suffix", http.Header{"Range": {"bytes=-4"}}, false},
		{"all of it", http.Header{"Range": {"bytes=0-"}}, false},
		{"beyond the end", http.Header{"Range": {"bytes=4-1000"}}, false},
		{"unsatisfiable", http.Header{"Range": {"bytes=44-"}}, false},
		{"nothing", http.Header{"Range": {"bytes=-0"}}, false},
		{"malformed", http.Header{"Range": {"bytes=4-2"}}, false},
		{"another unit", http.Header{"Range": {"lines=1-2"}}, false},
		{"upper case", http.Header{"Range": {"BYTES=4-8"}}, false},
		{"two ranges", http.Header{"Range": {"bytes=4-8,10-14"}}, true},
		{"two lines", http.Header{"Range": {"bytes=4-8", "10-14"}}, true},
		{"backward", http.Header{"Range": {"bytes=10-14,4-8"}}, true},
		{"overlapping", http.Header{"Range": {"bytes=4-8,6-14"}}, true},
		{"two ranges, one unsatisfiable", http.Header{"Range": {"bytes=99-,4-8"}}, true},
		{"If-Range, tag", http.Header{"Range": {"bytes=4-8"}, "If-Range": {originTag}}, false},
		{"If-Range, another tag", http.Header{"Range": {"bytes=4-8"}, "If-Range": {`"v0"`}}, false},
		{"If-Range, weak", http.Header{"Range": {"bytes=4-8"}, "If-Range": {"W/" + originTag}}, false},
		{"If-Range, date", http.Header{"Range": {"bytes=4-8"}, "If-Range": {originDate}}, false},
		{"If-Range, another date", http.Header{"Range": {"bytes=4-8"}, "If-Range": {after}}, false},
		{"If-Range, unsatisfiable", http.Header{"Range": {"bytes=44-"}, "If-Range": {originTag}}, false},
		{"If-None-Match", http.Header{"If-None-Match": {originTag}}, false},
		{"If-None-Match, weak", http.Header{"If-None-Match": {"W/" + originTag}}, false},
		{"If-None-Match, list", http.Header{"If-None-Match": {`"v0", "v1"`}}, false},
		{"If-None-Match, lines", http.Header{"If-None-Match": {`"v0"`, `"v1"`}}, false},
		{"If-None-Match, other", http.Header{"If-None-Match": {`"v0"`}}, false},
		{"If-None-Match, any", http.Header{"If-None-Match": {"*"}}, false},
		{"If-None-Match overrules", http.Header{"If-None-Match": {`"v0"`}, "If-Modified-Since": {after}}, false},
		{"If-None-Match and Range", http.Header{"If-None-Match": {originTag}, "Range": {"bytes=4-8"}}, false},
		{"If-Modified-Since", http.Header{"If-Modified-Since": {originDate}}, false},
		{"If-Modified-Since, before", http.Header{"If-Modified-Since": {before}}, false},
		{"If-Modified-Since, after", http.Header{"If-Modified-Since": {after}}, false},
		{"If-Modified-Since, nonsense", http.Header{"If-Modified-Since": {"yesterday"}}, false},
		{"If-Match", http.Header{"If-Match": {originTag}}, false},
		{"If-Match, any", http.Header{"If-Match": {"*"}}, false},
		{"If-Match, other", http.Header{"If-Match": {`"v0"`}}, false},
		{"If-Match, weak", http.Header{"If-Match": {"W/" + originTag}}, false},
		{"If-Match and Range", http.Header{"If-Match": {originTag}, "Range": {"bytes=4-8"}}, false},
		{"If-Match and an unsatisfiable Range", http.Header{"If-Match": {originTag}, "Range": {"bytes=44-"}}, false},
		{"If-Unmodified-Since", http.Header{"If-Unmodified-Since": {originDate}}, false},
		{"If-Unmodified-Since, before", http.Header{"If-Unmodified-Since": {before}}, false},
	}
	for _, protocol := range httpProtocols {
		for _, o := range origins {
			origin := startHTTP(t, protocol, o.h)
			proxy := startHTTP(t, protocol, views.AsView(views.HTTPDownloadView{
				URL:             func(*http.Request) (string, error) { return origin.URL + "/fox.txt", nil },
				Client:          origin.Client(),
				GeneratedRanges: !o.many,
			}))
			here := startHTTP(t, protocol, views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) { return o.file(), nil })))
			for _, method := range []string{"GET", "HEAD"} {
				for _, tt := range requests {
					if tt.many && !o.many {
						continue // what cannot be repeated has one range at a time
					}
					t.Run(protocol+"/"+o.name+"/"+method+"/"+tt.reason, func(t *testing.T) {
						want, got := transcript(t, here, method, tt.header), transcript(t, proxy, method, tt.header)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Error("(-here +at a URL):\n" + diff)
						}
					})
				}
			}
		}
	}
}

// The conformance suite, over origins that can do more and less.
func TestHTTPDownloadViewConforms(t *testing.T) {
	content := func(etag string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", etag)
			io.WriteString(w, originText)
		}
	}
	for _, tt := range []struct {
		reason string
		h      http.HandlerFunc
	}{
		{"ranges and both validators", serveOrigin(originTag, originModTime)},
		{"ranges and a weak tag", serveOrigin("W/"+originTag, originModTime)},
		{"ranges and a date", serveOrigin("", originModTime)},
		{"ranges and no validator", serveOrigin("", time.Time{})},
		{"no ranges, a strong tag", content(originTag)},
		{"no ranges, a weak tag", content("W/" + originTag)},
		{"nothing but the content", content("")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			origin := startHTTP(t, "HTTP/1.1", tt.h)
			downloadtest.TestView(t, views.HTTPDownloadView{
				URL:    func(*http.Request) (string, error) { return origin.URL + "/fox.txt", nil },
				Client: origin.Client(),
			})
		})
	}
}

var boundaries = regexp.MustCompile(`[0-9A-Z]{26}`)

// transcript is an answer in a form that can be compared.
func transcript(t *testing.T, srv *httptest.Server, method string, header http.Header) string {
	t.Helper()
	resp, body, err := exchange(t, srv, method, header)
	if err != nil {
		t.Error(err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, resp.Proto, resp.Status, resp.ContentLength)
	resp.Header.Del("Date")
	if resp.StatusCode == http.StatusNotModified && resp.Header.Get("Etag") != "" {
		resp.Header.Del("Last-Modified") // origins may leave it out (RFC 9110 §15.4.5)
	}
	resp.Header.Write(&b)
	fmt.Fprintf(&b, "%q", body)
	return boundaries.ReplaceAllString(b.String(), "boundary")
}

func TestHTTPDownloadViewRelaysAnAllowListOfFields(t *testing.T) {
	origin := startHTTP(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	resp, body, err := exchange(t, startProxy(t, "HTTP/1.1", origin, "/dir/fox.txt"), "GET", nil)
	if err != nil || body != originText {
		t.Errorf("read %q, %v", body, err)
	}
	resp.Header.Del("Date")
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
	if diff := cmp.Diff(want, resp.Header); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	if len(resp.Trailer) != 0 {
		t.Errorf("trailer %v", resp.Trailer)
	}
}

func TestHTTPDownloadViewDoesNotDecode(t *testing.T) {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	io.WriteString(zw, originText)
	zw.Close()
	for _, protocol := range httpProtocols {
		origin := startHTTP(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header["Accept-Encoding"]; len(got) != 1 || got[0] != "identity" {
				t.Errorf("Accept-Encoding %q at the origin", got)
			}
			w.Header().Set("Content-Encoding", "gzip") // whatever was asked for
			w.Header().Set("Content-Type", "text/plain")
			w.Write(b.Bytes())
		}))
		resp, body, err := exchange(t, startProxy(t, protocol, origin, "/fox.txt"), "GET", nil)
		if err != nil || body != b.String() {
			t.Errorf("%s: read %q, %v", protocol, body, err)
		}
		if got := resp.Header.Get("Content-Encoding"); got != "gzip" || resp.ContentLength != int64(b.Len()) {
			t.Errorf("%s: Content-Encoding %q, length %d", protocol, got, resp.ContentLength)
		}
	}
}

func TestHTTPDownloadViewErrors(t *testing.T) {
	logged := captureLog(t)
	release := make(chan struct{})
	defer close(release)
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := startHTTP(t, "HTTP/2.0", serveOrigin("", time.Time{}))
	origin := startHTTP(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	transport := origin.Client().Transport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 20 * time.Millisecond
	defer transport.CloseIdleConnections()
	for _, tt := range []struct {
		reason string
		url    string
		err    error
		want   int
	}{
		{"not found", origin.URL + "/status/404", nil, 404},
		{"gone", origin.URL + "/status/410", nil, 404},
		{"forbidden: the server's credentials are wrong, not the client's", origin.URL + "/status/403", nil, 502},
		{"unauthorized", origin.URL + "/status/401", nil, 502},
		{"too many requests", origin.URL + "/status/429", nil, 502},
		{"failed", origin.URL + "/status/500", nil, 502},
		{"overloaded", origin.URL + "/status/503", nil, 502},
		{"no content", origin.URL + "/status/204", nil, 502},
		{"redirect to another host", origin.URL + "/status/302", nil, 502},
		{"refused", closed.URL, nil, 502},
		{"bad certificate", untrusted.URL, nil, 502},
		{"no such host", "http://name.invalid", nil, 502},
		{"timeout", origin.URL + "/slow", nil, 504},
		{"not a URL of the web", "file:///etc/passwd", nil, 500},
		{"gopher", "gopher://127.0.0.1/", nil, 500},
		{"no URL for this request", "", fs.ErrNotExist, 404},
		{"not for this request", "", fs.ErrPermission, 403},
		{"no idea", "", errors.New("no idea"), 500},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logged.Reset()
			srv := startHTTP(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
				URL: func(*http.Request) (string, error) {
					return strings.Replace(tt.url, "://", "://user:secret@", 1) + "?secret", tt.err
				},
				Client: &http.Client{Transport: transport},
			}))
			resp, body, err := exchange(t, srv, "GET", nil)
			if err != nil || resp.StatusCode != tt.want {
				t.Errorf("status %d, %v; want %d", resp.StatusCode, err, tt.want)
			}
			resp.Header.Del("Date")
			want := http.Header{
				"Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
				"Content-Length": {fmt.Sprint(len(body))},
			}
			if diff := cmp.Diff(want, resp.Header); diff != "" {
				t.Error("(-want +got):\n" + diff)
			}
			if body != http.StatusText(tt.want)+"\n" {
				t.Errorf("body %q", body)
			}
			srv.Close() // so that the log is complete
			if text := logged.String(); strings.Contains(text, "secret") || strings.Count(text, "\n") != 1 {
				t.Errorf("logged %q, want one line without secrets", text)
			}
		})
	}
}

// startRaw returns a listener's URL whose every connection is answered with
// text and then closed.
func startRaw(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, text)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String()
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
		for _, protocol := range httpProtocols {
			t.Run(protocol+"/"+tt.reason, func(t *testing.T) {
				captureLog(t)
				address := startRaw(t, tt.answer)
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				srv := startHTTP(t, protocol, views.AsView(views.HTTPDownloadView{
					URL:    func(*http.Request) (string, error) { return address, nil },
					Client: client,
				}))
				resp, body, err := exchange(t, srv, "GET", nil)
				if resp.StatusCode != tt.status || (err != nil) != tt.broken || !tt.broken && body != tt.body {
					t.Errorf("status %d, %.20q, %v; want status %d, broken %v, %q", resp.StatusCode, body, err, tt.status, tt.broken, tt.body)
				}
			})
		}
	}
}

// The same over HTTP/2, where frames have lengths of their own.
func TestHTTPDownloadViewNeverLooksCompleteHTTP2(t *testing.T) {
	captureLog(t)
	origin := startHTTP(t, "HTTP/2.0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(2<<20))
		w.Write(make([]byte, 1<<20))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	resp, body, err := exchange(t, startProxy(t, "HTTP/2.0", origin, "/a"), "GET", nil)
	if err == nil {
		t.Errorf("status %d, %d bytes, and no error", resp.StatusCode, len(body))
	}
}

// Whatever the client asks for, the origin is not asked for more.
func TestHTTPDownloadViewAsksForNoMoreThanItNeeds(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	origin := startHTTP(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Range")))
		mu.Unlock()
		serveOrigin(originTag, originModTime)(w, r)
	}))
	proxy := startProxy(t, "HTTP/1.1", origin, "/fox.txt")
	for _, tt := range []struct {
		reason string
		method string
		header http.Header
		want   []string
	}{
		{"GET", "GET", nil, []string{"GET"}},
		{"HEAD asks HEAD alone", "HEAD", nil, []string{"HEAD"}},
		{"a range", "GET", http.Header{"Range": {"bytes=4-8"}}, []string{"GET bytes=4-8"}},
		{"a suffix", "GET", http.Header{"Range": {"bytes=-8"}}, []string{"GET bytes=-8"}},
		{"a range, conditionally", "GET", http.Header{"Range": {"bytes=4-8"}, "If-Range": {originTag}}, []string{"GET bytes=4-8"}},
		{"a range of what has changed", "GET", http.Header{"Range": {"bytes=4-8"}, "If-Range": {`"v0"`}}, []string{"GET bytes=4-8"}},
		{"not modified", "GET", http.Header{"If-None-Match": {originTag}}, []string{"GET"}},
		{"two ranges", "GET", http.Header{"Range": {"bytes=4-8,10-14"}}, []string{"GET bytes=4-8", "GET bytes=10-14"}},
		{"two ranges backward", "GET", http.Header{"Range": {"bytes=-2,4-8"}}, []string{"GET bytes=-2", "GET bytes=4-8"}},
		{"two ranges, of which the first is unsatisfiable", "GET", http.Header{"Range": {"bytes=99-,4-8"}},
			[]string{"GET bytes=99-", "HEAD", "GET bytes=4-8"}},
		{"unsatisfiable: no second download", "GET", http.Header{"Range": {"bytes=44-"}}, []string{"GET bytes=44-", "HEAD"}},
		{"unsatisfiable, conditionally", "GET", http.Header{"Range": {"bytes=44-"}, "If-Range": {originTag}}, []string{"GET bytes=44-", "HEAD"}},
		{"another version: no second download", "GET", http.Header{"If-Match": {`"v0"`}}, []string{"GET"}},
		{"another version, by its date", "GET", http.Header{"If-Unmodified-Since": {"Fri, 13 Mar 2026 00:00:00 GMT"}}, []string{"GET", "HEAD"}},
		{"a malformed range", "GET", http.Header{"Range": {"bytes=8-4"}}, []string{"GET"}},
		{"POST does not reach it", "POST", nil, nil},
	} {
		asked = nil
		if _, _, err := exchange(t, proxy, tt.method, tt.header); err != nil {
			t.Errorf("%s: %v", tt.reason, err)
		}
		if diff := cmp.Diff(tt.want, asked); diff != "" {
			t.Errorf("%s: requests to the origin (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestHTTPDownloadViewClientGone(t *testing.T) {
	for _, protocol := range httpProtocols {
		for _, when := range []string{"before the answer", "in mid-body"} {
			t.Run(protocol+"/"+when, func(t *testing.T) {
				captureLog(t)
				arrived, gone := make(chan struct{}), make(chan struct{})
				origin := startHTTP(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if when == "in mid-body" {
						w.Write(make([]byte, 1<<20))
						http.NewResponseController(w).Flush()
					}
					close(arrived)
					<-r.Context().Done()
					close(gone)
				}))
				proxy := startProxy(t, protocol, origin, "/a")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				req, _ := http.NewRequestWithContext(ctx, "GET", proxy.URL, nil)
				go func() { <-arrived; cancel() }()
				if resp, err := proxy.Client().Do(req); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				<-gone // or the test never ends
			})
		}
	}
}

// heapWatch is a reader of n zero bytes that notes the largest heap while it is
// read.
type heapWatch struct {
	n, sinceLast int64
	peak         uint64
}

func (h *heapWatch) Read(p []byte) (int, error) {
	if h.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), h.n)
	h.n -= n
	if h.sinceLast += n; h.sinceLast >= 8<<20 {
		h.sinceLast = 0
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.peak = max(h.peak, m.HeapAlloc)
	}
	return int(n), nil
}

func TestHTTPDownloadViewTakesConstantMemory(t *testing.T) {
	const size = 64 << 20
	content := &heapWatch{n: size}
	origin := startHTTP(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		io.Copy(w, content)
	}))
	proxy := startProxy(t, "HTTP/1.1", origin, "/a")
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	resp, err := proxy.Client().Get(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); n != size || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if grown := int64(content.peak) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func TestHTTPDownloadViewNames(t *testing.T) {
	origin := startHTTP(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		resp, body, err := exchange(t, startProxy(t, "HTTP/1.1", origin, tt.path), "GET", nil)
		if got := resp.Header.Get("Content-Disposition"); got != tt.want || body != tt.body || err != nil {
			t.Errorf("%s: %s, %q, %v; want %s, %q", tt.path, got, body, err, tt.want, tt.body)
		}
	}
}

// Options of the view say how the file is presented, wherever it is.
func TestHTTPDownloadViewOptions(t *testing.T) {
	origin := startHTTP(t, "HTTP/1.1", serveOrigin(originTag, originModTime))
	v := views.HTTPDownloadView{URL: func(*http.Request) (string, error) { return origin.URL, nil }, Client: origin.Client()}
	v.Inline, v.Basename, v.ContentType, v.Encoding = true, "other.csv", "text/csv", "gzip"
	resp, _, _ := exchange(t, startHTTP(t, "HTTP/1.1", views.AsView(v)), "GET", nil)
	got := []string{resp.Header.Get("Content-Disposition"), resp.Header.Get("Content-Type"), resp.Header.Get("Content-Encoding")}
	if diff := cmp.Diff([]string{`inline; filename="other.csv"`, "text/csv", "gzip"}, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// EagerDownloadView decides for itself what was modified.
type EagerDownloadView struct{ views.HTTPDownloadView }

func (EagerDownloadView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

// The view's hook has the last word, over the origin's 304 too.
func TestHTTPDownloadViewHookOverrulesTheOrigin(t *testing.T) {
	origin := startHTTP(t, "HTTP/1.1", serveOrigin("", originModTime))
	v := EagerDownloadView{views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return origin.URL, nil },
		Client: origin.Client(),
	}}
	resp, body, err := exchange(t, startHTTP(t, "HTTP/1.1", views.AsView(v)), "GET", http.Header{"If-Modified-Since": {originDate}})
	if resp.StatusCode != 200 || body != originText || err != nil {
		t.Errorf("status %d, %q, %v", resp.StatusCode, body, err)
	}
}

func TestHTTPDownloadViewFollowsRedirectsWhereAllowed(t *testing.T) {
	target := startHTTP(t, "HTTP/1.1", serveOrigin(originTag, originModTime))
	origin := startHTTP(t, "HTTP/1.1", http.RedirectHandler(target.URL+"/elsewhere.txt", http.StatusFound))
	for _, allowed := range []bool{false, true} {
		captureLog(t)
		srv := startHTTP(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
			URL:           func(*http.Request) (string, error) { return origin.URL + "/fox.txt", nil },
			Client:        origin.Client(),
			AllowRedirect: func(to *url.URL) bool { return allowed && to.Host == target.Listener.Addr().String() },
		}))
		resp, body, _ := exchange(t, srv, "GET", http.Header{"Range": {"bytes=4-8"}})
		want, wantBody := 502, "Bad Gateway\n"
		if allowed {
			want, wantBody = 206, "quick"
		}
		if resp.StatusCode != want || body != wantBody {
			t.Errorf("allowed %v: status %d, %q; want %d", allowed, resp.StatusCode, body, want)
		}
	}
}

// Without a client of its own, the view asks with that of package files, and
// nothing stays behind.
func TestHTTPDownloadViewLeavesNothing(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	origin := httptest.NewServer(serveOrigin(originTag, originModTime))
	proxy := httptest.NewServer(views.AsView(views.HTTPDownloadView{
		URL: func(*http.Request) (string, error) { return origin.URL + "/fox.txt", nil },
	}))
	for _, header := range []http.Header{nil, {"Range": {"bytes=4-8"}}, {"Range": {"bytes=4-8,10-14"}}, {"If-None-Match": {originTag}}, {"If-Match": {`"v0"`}}} {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, _, err := exchange(t, proxy, "GET", header); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	proxy.Close()
	origin.Close()
	goleak.VerifyNone(t, ignore)
}

// A client may speak HTTP/1.1 where the origin speaks HTTP/2, and the origin's
// certificate is checked against what the client of the view trusts.
func TestHTTPDownloadViewTranslatesProtocols(t *testing.T) {
	origin := startHTTP(t, "HTTP/2.0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	}))
	roots := x509.NewCertPool()
	roots.AddCert(origin.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	srv := startHTTP(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return origin.URL, nil },
		Client: &http.Client{Transport: transport},
	}))
	resp, body, err := exchange(t, srv, "GET", nil)
	if resp.Proto != "HTTP/1.1" || body != "HTTP/2.0" || err != nil {
		t.Errorf("%s here, %s there, %v", resp.Proto, body, err)
	}
}

func TestHTTPDownloadViewWithoutURL(t *testing.T) {
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "HTTPDownloadView") || !strings.Contains(v, "URL") {
			t.Errorf("panic %q, want one that names the mistake", v)
		}
	}()
	views.AsView(views.HTTPDownloadView{})
}
