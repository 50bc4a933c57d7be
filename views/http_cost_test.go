package views_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

// spender counts what requests cost an origin.
type spender struct {
	mu          sync.Mutex
	requests    []string // "GET bytes=0-0"
	connections map[string]bool
	bytes       int
}

// count counts what h does.
func (s *spender) count(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.Header.Get("Range")))
		if s.connections == nil {
			s.connections = make(map[string]bool)
		}
		s.connections[r.RemoteAddr] = true
		s.mu.Unlock()
		h(spendingWriter{w, s}, r)
	}
}

type spendingWriter struct {
	http.ResponseWriter
	by *spender
}

func (w spendingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.by.mu.Lock()
	defer w.by.mu.Unlock()
	w.by.bytes += n
	return n, err
}

func TestHTTPDownloadViewCostsTheOriginNoMoreThanTheClientGets(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	withRanges := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", originTag)
		http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader(content))
	}
	without := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", originTag)
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		io.WriteString(w, content)
	}
	bytes := "bytes="
	for i := range 200 {
		bytes += fmt.Sprintf("%d-%[1]d,", (199-i)<<12)
	}
	for _, tt := range []struct {
		reason    string
		remote    http.HandlerFunc
		ranges    string
		generated bool
		status    int
		requests  int
		bytes     int
	}{
		{"200 single bytes", withRanges, bytes, false, 206, 200, 200},
		{"the last byte", withRanges, "bytes=-1", false, 206, 1, 1},
		{"the last byte, of an origin without ranges", without, "bytes=-1", false, 200, 1, len(content)},
		{"and if that is wanted", without, "bytes=-1", true, 206, 1, len(content)},
		{"beyond the end", withRanges, "bytes=1048576-", false, 416, 1, 100}, // the text of the refusal
		{"malformed", withRanges, "bytes=5-1", false, 200, 1, len(content)},
	} {
		for _, protocol := range servertest.Protocols {
			t.Run(protocol+"/"+tt.reason, func(t *testing.T) {
				var spent spender
				remote := servertest.Start(t, protocol, spent.count(tt.remote))
				remote.Client().Transport.(*http.Transport).DisableKeepAlives = false
				srv := servertest.Start(t, protocol, views.AsView(views.HTTPDownloadView{
					URL:    func(*http.Request) (string, error) { return remote.URL + "/a.txt", nil },
					Origin: origin.Options{Client: remote.Client(), GeneratedRanges: tt.generated},
				}))
				got := ask(t, srv, "GET", http.Header{"Range": {tt.ranges}})
				if got.Err != nil || got.Status != tt.status {
					t.Errorf("status %d, %v; want %d", got.Status, got.Err, tt.status)
				}
				remote.Close() // so that the count is complete
				if len(spent.requests) != tt.requests || len(spent.connections) > 2 || spent.bytes > tt.bytes {
					t.Errorf("%d requests over %d connections, %d bytes; want %d, over 2 at most, %d at most",
						len(spent.requests), len(spent.connections), spent.bytes, tt.requests, tt.bytes)
				}
			})
		}
	}
}

// An origin that stops sending is a 504 as long as that can be said, and a
// broken download after.
func TestHTTPDownloadViewIdleTimeout(t *testing.T) {
	for _, tt := range []struct {
		reason string
		sends  func(w http.ResponseWriter)
		status int
	}{
		{"before its head", func(http.ResponseWriter) {}, 504},
		{"before the content", func(w http.ResponseWriter) { http.NewResponseController(w).Flush() }, 504},
		{"after a few bytes, which have not left yet", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "fox")
			http.NewResponseController(w).Flush()
		}, 504},
		{"in mid-body", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "2097152")
			w.Write(make([]byte, 1<<20))
			http.NewResponseController(w).Flush()
		}, 200},
	} {
		for _, protocol := range servertest.Protocols {
			t.Run(protocol+"/"+tt.reason, func(t *testing.T) {
				servertest.CaptureLog(t)
				gone := make(chan struct{})
				remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer close(gone)
					tt.sends(w)
					<-r.Context().Done()
				}))
				v := views.HTTPDownloadView{
					URL:    func(*http.Request) (string, error) { return remote.URL, nil },
					Origin: origin.Options{Client: remote.Client(), IdleTimeout: 200 * time.Millisecond},
				}
				v.Options.FlushInterval = time.Hour // what has left is the buffer's doing alone
				got := ask(t, servertest.Start(t, protocol, views.AsView(v)), "GET", nil)
				if got.Status != tt.status || (got.Err != nil) != (tt.status == 200) {
					t.Errorf("status %d, %.40q, %v; want %d", got.Status, got.Body, got.Err, tt.status)
				}
				<-gone // the origin is let go
			})
		}
	}
}

// A file that changes all the time, and that nobody can tell the versions of, is
// one version whatever is asked for.
func TestHTTPDownloadViewJoinsNoVersions(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		for _, ranges := range []string{"", "bytes=0-4", "bytes=5-9", "bytes=-3", "bytes=0-4,10-14", "bytes=30-,0-4", "bytes=0-9,5-20"} {
			var version atomic.Int32
			remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				content := strings.Repeat(fmt.Sprint(version.Add(1)), 44)
				http.ServeContent(w, r, "a.txt", time.Now(), strings.NewReader(content))
			}))
			header := http.Header{}
			if ranges != "" {
				header.Set("Range", ranges)
			}
			got := ask(t, startProxy(t, protocol, remote, "/a.txt"), "GET", header)
			if got.Err != nil || got.Status != 200 || len(got.Body) != 44 || strings.Trim(got.Body, got.Body[:1]) != "" {
				t.Errorf("%s %s: status %d, %q, %v; want one version", protocol, ranges, got.Status, got.Body, got.Err)
			}
		}
	}
}

func TestHTTPDownloadViewRefusesALongPart(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		servertest.CaptureLog(t)
		remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", originTag)
			w.Header().Set("Content-Range", "bytes 4-8/44")
			w.WriteHeader(206)
			io.WriteString(w, "quick brown")
		}))
		got := ask(t, startProxy(t, protocol, remote, "/fox.txt"), "GET", http.Header{"Range": {"bytes=4-8"}})
		if got.Status != 502 {
			t.Errorf("%s: status %d, %q, %v; want 502", protocol, got.Status, got.Body, got.Err)
		}
	}
}

// A 304 that says nothing more is one, and no obstacle to a hook that wants the
// content all the same.
func TestHTTPDownloadViewNotModifiedWithoutValidators(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		for _, header := range []http.Header{{"If-None-Match": {originTag}}, {"If-Modified-Since": {originDate}}} {
			remote := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				serveOrigin(originTag, originModTime)(w, r)
			}))
			got := ask(t, startProxy(t, protocol, remote, "/fox.txt"), "GET", header)
			if got.Status != 304 || got.Err != nil {
				t.Errorf("%s %v: status %d, %q, %v; want 304", protocol, header, got.Status, got.Body, got.Err)
			}
			if header.Get("If-Modified-Since") == "" {
				continue
			}
			v := EagerDownloadView{views.HTTPDownloadView{
				URL:    func(*http.Request) (string, error) { return remote.URL, nil },
				Origin: origin.Options{Client: remote.Client()},
			}}
			got = ask(t, servertest.Start(t, protocol, views.AsView(v)), "GET", header)
			if got.Status != 200 || got.Body != originText || got.Err != nil {
				t.Errorf("%s %v, with a hook: status %d, %q, %v; want the content", protocol, header, got.Status, got.Body, got.Err)
			}
		}
	}
}

func TestHTTPDownloadViewTypesByNameWhatTheOriginDoesNotKnow(t *testing.T) {
	for _, contentType := range []string{"application/octet-stream", "binary/octet-stream"} {
		remote := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			io.WriteString(w, originText)
		}))
		got := ask(t, startProxy(t, "HTTP/1.1", remote, "/fox.pdf"), "GET", nil)
		if contentType := got.Header.Get("Content-Type"); contentType != "application/pdf" || got.Err != nil {
			t.Errorf("%s: Content-Type %s, %v", contentType, got.Header, got.Err)
		}
	}
}
