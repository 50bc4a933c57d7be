package response_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
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

// A broken download never looks whole, whoever recovers the panic that ends it.
func TestBrokenOffBehindARecovererThatSwallows(t *testing.T) {
	onDone := func(*http.Request, response.Outcome) { panic("OnDone") }
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
			silence(t)
			overEachProtocol(t, func(t *testing.T, srv *wire) {
				got := srv.request(t, "GET", h)
				if got.status != http.StatusOK || got.body == "" || got.err == nil {
					t.Errorf("status %d, %d bytes, error %v; want a 200 that breaks off", got.status, len(got.body), got.err)
				}
			})
			for _, secure := range []bool{false, true} {
				t.Run(fmt.Sprintf("HTTP/1.0, TLS %v", secure), func(t *testing.T) {
					head, err := oldClient(t, h, secure)
					if !strings.HasPrefix(head, "HTTP/1.0 200") || err == nil {
						t.Errorf("answer %.20q, read to its end with %v; want a 200 that breaks off", head, err)
					}
				})
			}
		})
	}
}

// oldClient sends a request of HTTP/1.0 and reads until the connection ends. It
// returns the beginning, and the error that shows that there is more.
func oldClient(t *testing.T, h http.Handler, secure bool) (head string, err error) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	defer srv.Close()
	var conn net.Conn
	if address := srv.Listener.Addr().String(); secure {
		conn, err = tls.Dial("tcp", address, srv.Client().Transport.(*http.Transport).TLSClientConfig)
	} else {
		conn, err = net.Dial("tcp", address)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	_, err = all.ReadFrom(conn)
	return all.String(), err
}

// Whole downloads are untouched: the connection serves the next request.
func TestWholeDownloadsKeepTheConnection(t *testing.T) {
	for _, secure := range []bool{false, true} {
		connections := 0
		srv := httptest.NewUnstartedServer(swallow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			response.New(producing(1<<20, func() error { return nil }), response.Options{}).ServeHTTP(w, r)
		})))
		srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections++
			}
		}
		if secure {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		for range 3 {
			res, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if n != 1<<20 || err != nil {
				t.Errorf("%d bytes, error %v", n, err)
			}
		}
		srv.Close()
		if connections != 1 {
			t.Errorf("TLS %v: %d connections for three downloads, want 1", secure, connections)
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
	for _, interval := range []int{-1, 0} {
		recorder := httptest.NewRecorder()
		file := files.NewVirtualFile(recovering{}, "a.txt")
		logs := captureLogs(t)
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("the handler ended with %v, want http.ErrAbortHandler", v)
				}
			}()
			opts := response.Options{}
			if interval < 0 {
				opts.FlushInterval = -1
			}
			response.New(file, opts).ServeHTTP(&panicOnce{ResponseWriter: recorder}, httptest.NewRequest("GET", "/", nil))
		}()
		if body := recorder.Body.String(); !strings.HasPrefix(text7(len(body)), body) || body == "" {
			t.Errorf("interval %d: the client has %d bytes that are not the beginning of the file", interval, len(body))
		}
		if len(logs.lines()) != 1 {
			t.Errorf("log: %q", logs.lines())
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
