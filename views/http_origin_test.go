package views_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// Whatever the client asks for, the origin is not asked for more.
func TestHTTPDownloadViewAsksForNoMoreThanItNeeds(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Range")))
		mu.Unlock()
		serveOrigin(originTag, originModTime)(w, r)
	}))
	proxy := startProxy(t, "HTTP/1.1", remote, "/fox.txt")
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
		{"unsatisfiable", "GET", http.Header{"Range": {"bytes=44-"}}, []string{"GET bytes=44-"}},
		{"the last 0 bytes", "GET", http.Header{"Range": {"bytes=-0"}}, []string{"GET bytes=0-0"}},
		{"unsatisfiable, conditionally", "GET", http.Header{"Range": {"bytes=44-"}, "If-Range": {originTag}}, []string{"GET bytes=44-", "HEAD"}},
		{"another version: no second download", "GET", http.Header{"If-Match": {`"v0"`}}, []string{"GET"}},
		{"another version, by its date", "GET", http.Header{"If-Unmodified-Since": {"Fri, 13 Mar 2026 00:00:00 GMT"}}, []string{"GET", "HEAD"}},
		{"a malformed range", "GET", http.Header{"Range": {"bytes=8-4"}}, []string{"GET"}},
		{"POST does not reach it", "POST", nil, nil},
	} {
		asked = nil
		if err := ask(t, proxy, tt.method, tt.header).Err; err != nil {
			t.Errorf("%s: %v", tt.reason, err)
		}
		if diff := cmp.Diff(tt.want, asked); diff != "" {
			t.Errorf("%s: requests to the origin (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestHTTPDownloadViewClientGone(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		for _, when := range []string{"before the answer", "in mid-body"} {
			t.Run(protocol+"/"+when, func(t *testing.T) {
				servertest.CaptureLog(t)
				arrived, gone := make(chan struct{}), make(chan struct{})
				remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if when == "in mid-body" {
						w.Write(make([]byte, 1<<20))
						http.NewResponseController(w).Flush()
					}
					close(arrived)
					<-r.Context().Done()
					close(gone)
				}))
				proxy := startProxy(t, protocol, remote, "/a")
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

// accessLog notes the status that an access log has.
type accessLog struct {
	http.ResponseWriter
	status int
}

func (w *accessLog) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *accessLog) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A client that leaves before the first byte is no failure of the origin: nothing
// is sent, and that is what the access log and the outcome have.
func TestHTTPDownloadViewSendsNothingToAClientThatLeft(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		for _, sends := range []string{"", "a head", "a few bytes"} {
			t.Run(protocol+"/after "+sends, func(t *testing.T) {
				logs := servertest.CaptureLog(t)
				arrived := make(chan struct{})
				remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if sends != "" {
						w.Header().Set("Content-Length", "100")
						io.WriteString(w, strings.TrimPrefix(sends, "a head"))
						http.NewResponseController(w).Flush()
					}
					close(arrived)
					<-r.Context().Done()
				}))
				type seen struct {
					Ending response.Ending
					Status int // of the outcome
					Logged int // in the access log
				}
				got := make(chan seen, 1)
				v := views.HTTPDownloadView{
					URL:    func(*http.Request) (string, error) { return remote.URL, nil },
					Origin: origin.Options{Client: remote.Client()},
				}
				v.Options.FlushInterval = time.Hour // what has left is the buffer's doing alone
				srv := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					logged := &accessLog{ResponseWriter: w}
					var outcome response.Outcome
					defer func() { got <- seen{outcome.Ending, outcome.Status, logged.status} }()
					response.Observe(views.AsView(v), func(_ *http.Request, o response.Outcome) { outcome = o }).ServeHTTP(logged, r)
				}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() { <-arrived; cancel() }()
				req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
				if resp, err := srv.Client().Do(req); err == nil {
					resp.Body.Close()
					t.Errorf("status %d", resp.StatusCode)
				}
				if diff := cmp.Diff(seen{response.ClientLeft, 0, 0}, <-got); diff != "" {
					t.Error("(-want +got):\n" + diff)
				}
				if log := logs.String(); strings.Contains(log, "ERROR") || strings.Contains(log, "WARN") {
					t.Errorf("logged %q", log)
				}
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
	remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		io.Copy(w, content)
	}))
	proxy := startProxy(t, "HTTP/1.1", remote, "/a")
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

func TestHTTPDownloadViewFollowsRedirectsWhereAllowed(t *testing.T) {
	target := servertest.Start(t, "HTTP/1.1", serveOrigin(originTag, originModTime))
	remote := servertest.Start(t, "HTTP/1.1", http.RedirectHandler(target.URL+"/elsewhere.txt", http.StatusFound))
	for _, allowed := range []bool{false, true} {
		servertest.CaptureLog(t)
		srv := servertest.Start(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
			URL:    func(*http.Request) (string, error) { return remote.URL + "/fox.txt", nil },
			Origin: origin.Options{Client: remote.Client(), AllowRedirect: func(to *url.URL) bool { return allowed && to.Host == target.Listener.Addr().String() }},
		}))
		got := ask(t, srv, "GET", http.Header{"Range": {"bytes=4-8"}})
		want, wantBody := 502, "Bad Gateway\n"
		if allowed {
			want, wantBody = 206, "quick"
		}
		if got.Status != want || got.Body != wantBody {
			t.Errorf("allowed %v: status %d, %q; want %d", allowed, got.Status, got.Body, want)
		}
	}
}

// Without a client of its own, the view asks with that of package files, and
// nothing stays behind.
func TestHTTPDownloadViewLeavesNothing(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Run("downloads", func(t *testing.T) { // the servers end with it
		remote := servertest.Start(t, "HTTP/1.1", serveOrigin(originTag, originModTime))
		proxy := servertest.Start(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
			URL: func(*http.Request) (string, error) { return remote.URL + "/fox.txt", nil },
		}))
		for _, header := range []http.Header{nil, {"Range": {"bytes=4-8"}}, {"Range": {"bytes=4-8,10-14"}}, {"If-None-Match": {originTag}}, {"If-Match": {`"v0"`}}} {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if err := ask(t, proxy, "GET", header).Err; err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
	})
	goleak.VerifyNone(t, ignore)
}

// A client may speak HTTP/1.1 where the origin speaks HTTP/2, and the origin's
// certificate is checked against what the client of the view trusts.
func TestHTTPDownloadViewTranslatesProtocols(t *testing.T) {
	remote := servertest.Start(t, "HTTP/2.0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	}))
	roots := x509.NewCertPool()
	roots.AddCert(remote.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	srv := servertest.Start(t, "HTTP/1.1", views.AsView(views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return remote.URL, nil },
		Origin: origin.Options{Client: &http.Client{Transport: transport}},
	}))
	got := ask(t, srv, "GET", nil)
	if got.Body != "HTTP/2.0" || got.Err != nil {
		t.Errorf("%s there, %v", got.Body, got.Err)
	}
}
