package downloadtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// maxContent is the longest content that is tested, in bytes.
const maxContent = 64 << 20

// patience is how long anything may take that should happen at once. Tests of
// views that hang make it shorter.
var patience = 5 * time.Second

// server serves one view or handler, and knows what goes on in it. It is asked one
// request at a time.
type server struct {
	config  *config
	url     string
	client  *http.Client
	handler http.Handler
	label   string       // what the goroutines of its requests are marked with
	hung    bool         // a handler does not end
	hold    atomic.Int64 // how many bytes are sent before the client leaves; negative: it stays

	mu      sync.Mutex    // guards the fields below
	running int           // handlers
	idle    chan struct{} // closed when none runs; nil: no test waits
}

var servers atomic.Int64

// serve returns a running server. It ends with the test.
func serve(t *testing.T, p protocol, h http.Handler, c *config) *server {
	if c.through != nil {
		h = c.through(h)
	}
	mux := http.NewServeMux()
	mux.Handle(c.pattern, h)
	s := &server{config: c, handler: mux, label: strconv.FormatInt(servers.Add(1), 10)}
	s.hold.Store(-1)
	if p.start != nil {
		url, client := p.start(t, s)
		s.url, s.client = url, &http.Client{Transport: client.Transport}
	} else {
		s.start(t, p.name)
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// start starts a server of net/http.
func (s *server) start(t *testing.T, protocol string) {
	server := httptest.NewUnstartedServer(s)
	if protocol == "HTTP2" {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	s.url, s.client = server.URL, server.Client()
	s.client.Transport.(*http.Transport).DisableCompression = true
	t.Cleanup(func() {
		if s.isIdle() {
			server.Close()
			return
		}
		server.Config.Close() // httptest's own Close would wait for the handler
	})
}

// labelKey is inherited by the goroutines that a handler starts.
const labelKey = "downloadtest"

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.count(1)
	defer s.count(-1)
	if n := s.hold.Load(); n >= 0 {
		w = &heldWriter{ResponseWriter: w, ctx: r.Context(), left: n}
	}
	pprof.Do(r.Context(), pprof.Labels(labelKey, s.label), func(ctx context.Context) {
		s.handler.ServeHTTP(w, r.WithContext(ctx))
	})
}

// count counts a handler that begins (1) or ends (-1). It is not a [sync.WaitGroup],
// since tests wait while others may begin.
func (s *server) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += n
	if s.running == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

// isIdle waits until no handler runs; false: one does not end.
func (s *server) isIdle() bool {
	if s.hung {
		return false
	}
	s.mu.Lock()
	if s.running == 0 {
		s.mu.Unlock()
		return true
	}
	idle := make(chan struct{})
	s.idle = idle // one test waits at a time
	s.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-time.After(patience):
		s.hung = true
		return false
	}
}

// wait is isIdle for tests: it ends t if a handler does not end.
func (s *server) wait(t *testing.T) {
	t.Helper()
	if !s.isIdle() {
		t.Fatalf("the handler is still at work %v after the client has all, or has left", patience)
	}
}

// answer is a response that has been read.
type answer struct {
	status int // 0: there was no response
	header http.Header
	body   []byte
	err    error // why the body is not complete
}

func (a answer) etag() string         { return a.header.Get("Etag") }
func (a answer) contentType() string  { return a.header.Get("Content-Type") }
func (a answer) lastModified() string { return a.header.Get("Last-Modified") }

// takesRanges reports whether the answer says that the content has ranges.
func (a answer) takesRanges() bool { return a.header.Get("Accept-Ranges") == "bytes" }

// request returns a request with header fields: name, value, name, value.
func (s *server) request(ctx context.Context, t *testing.T, method string, fields ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.url+s.config.target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.config.prepare != nil {
		s.config.prepare(r)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

// try sends a request, and reads the answer.
func (s *server) try(t *testing.T, method string, fields ...string) (a answer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	resp, err := s.client.Do(s.request(ctx, t, method, fields...))
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, maxContent+1))
	if len(a.body) > maxContent {
		t.Fatalf("the content is longer than %d bytes: choose a request with a shorter one", maxContent)
	}
	return a
}

// ask is try for answers that must be complete.
func (s *server) ask(t *testing.T, method string, fields ...string) answer {
	t.Helper()
	a := s.try(t, method, fields...)
	if a.err != nil {
		t.Fatalf("%s %s %q: broken off after %d bytes: %v", method, s.config.target, fields, len(a.body), a.err)
	}
	return a
}

// leave sends a GET, takes n bytes of the content, and leaves while the view
// wants to send more.
func (s *server) leave(t *testing.T, n int64) {
	t.Helper()
	s.hold.Store(n)
	defer s.hold.Store(-1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	resp, err := s.client.Do(s.request(ctx, t, http.MethodGet))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.CopyN(io.Discard, resp.Body, n); err != nil && err != io.EOF { // content that changes may be shorter than it was
		t.Fatalf("reading %d bytes ahead of leaving: %v", n, err)
	}
	cancel()
	s.wait(t)
}

// heldWriter sends so many bytes, and then none until the client has left. So
// it always leaves at the same point, however short the content is.
type heldWriter struct {
	http.ResponseWriter
	ctx  context.Context
	left int64
}

func (w *heldWriter) Write(p []byte) (int, error) {
	if int64(len(p)) <= w.left && w.left > 0 {
		w.left -= int64(len(p))
		return w.ResponseWriter.Write(p)
	}
	n, err := w.ResponseWriter.Write(p[:w.left])
	w.left -= int64(n)
	if err != nil {
		return n, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	<-w.ctx.Done()
	return n, fmt.Errorf("%w: the client has left: %w", errOnPurpose, w.ctx.Err())
}

// Unwrap is for [http.ResponseController].
func (w *heldWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
