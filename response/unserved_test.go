package response_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// Nothing panics where no server of net/http has called the handler: in
// net/http/fcgi and its like that would end the program.
func TestNoPanicWithoutAServer(t *testing.T) {
	for _, tt := range []struct {
		reason string
		file   func() fs.File
		wrap   func(http.ResponseWriter) http.ResponseWriter
	}{
		{"a generator fails", func() fs.File { return producing(1<<20, fails) }, nil},
		{"a generator panics", func() fs.File { return producing(1<<20, panics) }, nil},
		{"the client has left", func() fs.File { return producing(1<<20, fails) },
			func(w http.ResponseWriter) http.ResponseWriter { return goneWriter{w} }},
		{"the writer panics", func() fs.File { return producing(1<<20, fails) },
			func(w http.ResponseWriter) http.ResponseWriter { return &panicOnce{ResponseWriter: w} }},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			var w http.ResponseWriter = httptest.NewRecorder()
			if tt.wrap != nil {
				w = tt.wrap(w)
			}
			file := servertest.Count(tt.file())
			var outcome response.Outcome
			opts := response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }}
			response.New(file, opts).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if outcome.Ending < response.ClientLeft || outcome.Err == nil || file.Closed() != 1 || len(logs.Lines()) != 1 {
				t.Errorf("outcome %+v, closed %d times, log %q; want a failure, once, and one line", outcome, file.Closed(), logs.Lines())
			}
		})
	}
}

// A request without a server whose context has ended is answered all the same: an
// empty 200 would take the place of what nobody sends.
func TestCanceledWithoutAServer(t *testing.T) {
	servertest.CaptureLog(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := httptest.NewRecorder()
	send(producing(1000, fails), response.Options{}).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if rec.Code != http.StatusInternalServerError {
		t.Errorf("status %d, want 500", rec.Code)
	}
}

// Over a Unix socket there is no reset, and by HTTP/1.0 no other sign of the end
// of a body whose length is unknown. Such content is refused. All else is sent.
func TestUnixSocket(t *testing.T) {
	content := text(1 << 20)
	ends := func() error { return nil }
	sized := func(size int, end func() error) fs.File {
		f := producing(len(content), end)
		f.Size, f.ETag = int64(size), `"v1"`
		return f
	}
	for _, tt := range []struct {
		reason   string
		file     func() fs.File
		status10 int // of GET by HTTP/1.0
		broken   bool
		header   []string
	}{
		{"generated, of unknown size", func() fs.File { return producing(len(content), ends) }, 505, false, nil},
		{"and it fails", func() fs.File { return producing(len(content), fails) }, 505, true, nil},
		{"a few bytes of unknown size", func() fs.File { return producing(100, ends) }, 505, false, nil},
		{"of known size", func() fs.File { return sized(len(content), ends) }, 200, false, nil},
		{"which fails", func() fs.File { return sized(len(content), fails) }, 200, true, nil},
		{"which is shorter", func() fs.File { return sized(len(content)+1, ends) }, 200, true, nil},
		{"a part", func() fs.File { return sized(len(content), ends) }, 206, false, []string{"Range", "bytes=5-9"}},
		{"two parts", func() fs.File { return sized(len(content), ends) }, 206, false, []string{"Range", "bytes=5-9,20-29"}},
		{"in memory", func() fs.File { return files.NewContentFile(content, "a.txt") }, 200, false, nil},
		{"nothing", func() fs.File { return files.NewContentFile("", "a.txt") }, 200, false, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			h := swallow(download(tt.file))
			for _, method := range []string{"GET", "HEAD"} {
				got := servertest.StartUnix(t, servertest.HTTP10, h).Do(t, method, "/", tt.header...)
				want, broken := tt.status10, tt.broken && tt.status10 == http.StatusOK
				if method == "HEAD" {
					broken = false
					if want == http.StatusPartialContent {
						want = http.StatusOK
					}
				}
				if got.Status != want || (got.Err != nil) != broken {
					t.Errorf("%s by HTTP/1.0: status %d, %d bytes, %v; want %d, broken: %v", method, got.Status, len(got.Body), got.Err, want, broken)
				}
			}
			got := servertest.StartUnix(t, servertest.HTTP11, h).Do(t, "GET", "/", tt.header...)
			if got.Status >= 300 || (got.Err != nil) != tt.broken {
				t.Errorf("by HTTP/1.1: status %d, %d bytes, %v; want a download, broken: %v", got.Status, len(got.Body), got.Err, tt.broken)
			}
		})
	}
}
