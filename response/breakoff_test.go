package response_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// swallow is middleware that recovers all panics, http.ErrAbortHandler too, and
// returns in good order. Those of gin, gorilla and negroni do.
func swallow(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }()
		next.ServeHTTP(w, r)
	})
}

// noHijack is a writer that refuses to be hijacked, as gin's does once a body has
// begun. Who unwraps it gets another answer.
type noHijack struct{ http.ResponseWriter }

func (noHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("the response body is written already")
}
func (w noHijack) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noClose is a file whose Close panics.
type noClose struct{ *files.VirtualFile }

func (noClose) Close() error { panic("Close") }

// starts are how servers of HTTP/1 are started, by whether they have TLS.
var starts = map[bool]func(testing.TB, string, http.Handler) *servertest.Server{
	false: servertest.Start,
	true:  servertest.StartTLS,
}

// A broken download never looks whole, whoever recovers the panic that ends it.
func TestBrokenOffBehindARecovererThatSwallows(t *testing.T) {
	onDone := func(*http.Request, response.Outcome) { panic("OnDone") }
	check := func(t *testing.T, got servertest.Answer) {
		t.Helper()
		if got.Status != http.StatusOK || got.Body == "" || got.Err == nil {
			t.Errorf("status %d, %d bytes, error %v; want a 200 that breaks off", got.Status, len(got.Body), got.Err)
		}
	}
	for _, tt := range []struct {
		reason string
		file   func() fs.File
		opts   response.Options
		wrap   func(http.ResponseWriter) http.ResponseWriter
	}{
		{reason: "an error", file: func() fs.File { return producing(1<<20, fails) }},
		{reason: "a panic", file: func() fs.File { return producing(1<<20, panics) }},
		{
			reason: "an error, declared length",
			file: func() fs.File {
				f := producing(1<<20, fails)
				f.Size = 2 << 20
				return f
			},
		},
		{reason: "OnDone panics as well", file: func() fs.File { return producing(1<<20, fails) }, opts: response.Options{OnDone: onDone}},
		{reason: "Close panics as well", file: func() fs.File { return noClose{producing(1<<20, fails)} }},
		{
			reason: "Close and OnDone panic after a panic", file: func() fs.File { return noClose{producing(1<<20, panics)} },
			opts: response.Options{OnDone: onDone},
		},
		{
			reason: "a writer that refuses to be hijacked", file: func() fs.File { return producing(1<<20, fails) },
			wrap: func(w http.ResponseWriter) http.ResponseWriter { return noHijack{w} },
		},
	} {
		h := swallow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tt.wrap != nil {
				w = tt.wrap(w)
			}
			response.New(tt.file(), tt.opts).ServeHTTP(w, r)
		}))
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			servertest.OverEach(t, h, func(t *testing.T, srv *servertest.Server) { check(t, srv.Do(t, "GET", "/")) })
			for secure, start := range starts {
				t.Run(fmt.Sprintf("HTTP/1.0, TLS %v", secure), func(t *testing.T) {
					got := start(t, servertest.HTTP10, h).Do(t, "GET", "/")
					check(t, got)
					if errors.Is(got.Err, io.ErrUnexpectedEOF) { // the length gives it away, and nothing else
						t.Errorf("the connection ended in good order: %v", got.Err)
					}
				})
			}
		})
	}
}

// Whole downloads are untouched: the connection serves the next request.
func TestWholeDownloadsKeepTheConnection(t *testing.T) {
	for secure, start := range starts {
		connections := make(map[string]bool)
		srv := start(t, servertest.HTTP11, swallow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			connections[r.RemoteAddr] = true
			send(producing(1<<20, func() error { return nil }), response.Options{}).ServeHTTP(w, r)
		})))
		srv.Client().Transport.(*http.Transport).DisableKeepAlives = false
		for range 3 {
			srv.Do(t, "GET", "/").Check(t, http.StatusOK, text(1<<20))
		}
		if len(connections) != 1 {
			t.Errorf("TLS %v: %d connections for three downloads, want 1", secure, len(connections))
		}
	}
}

// panicOnce is a writer whose first Write takes its bytes, and panics.
type panicOnce struct {
	http.ResponseWriter
	done bool
}

func (w *panicOnce) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	if !w.done {
		w.done = true
		panic("after the write")
	}
	return n, err
}

// recovering is a producer that recovers whatever happens in a Write, and goes on.
type recovering struct{ io.Reader }

func (recovering) WriteTo(w io.Writer) (n int64, err error) {
	for i := range 100_000 {
		func() {
			defer func() { _ = recover() }()
			fmt.Fprintf(w, "%06d\n", i)
		}()
	}
	return n, nil
}

// A writer that panics under a generator that recovers gets no byte twice.
func TestNothingIsRepeatedAfterAPanicOfTheWriter(t *testing.T) {
	for _, interval := range []time.Duration{-1, 0} {
		recorder := httptest.NewRecorder()
		file := files.NewVirtualFile(recovering{}, "a.txt")
		logs := servertest.CaptureLog(t)
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("the handler ended with %v, want http.ErrAbortHandler", v)
				}
			}()
			send(file, response.Options{FlushInterval: interval}).ServeHTTP(&panicOnce{ResponseWriter: recorder}, servertest.Request("GET", "/"))
		}()
		if body := recorder.Body.String(); !strings.HasPrefix(text7(len(body)), body) || body == "" {
			t.Errorf("interval %d: the client has %d bytes that are not the beginning of the file", interval, len(body))
		}
		if len(logs.Lines()) != 1 {
			t.Errorf("log: %q", logs.Lines())
		}
	}
}

// text7 returns the first n bytes of all numbers in lines of seven bytes.
func text7(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%06d\n", i)
	}
	return b.String()[:n]
}
