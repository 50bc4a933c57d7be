package response_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// leftAlone has h answer when the server knows that the client has shut its
// sending side, or has left.
func leftAlone(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		h.ServeHTTP(w, r)
	})
}

// halfClosing are clients that send a request, shut their sending side, and read.
var halfClosing = map[string]func(t *testing.T, addr, request string) []byte{
	"a connection": func(t *testing.T, addr, request string) []byte {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(conn) // a reset shows in what is missing
		return got
	},
	"nc -N": func(t *testing.T, addr, request string) []byte {
		host, port, _ := strings.Cut(addr, ":")
		return run(t, request, "nc", "-N", host, port)
	},
	"socat": func(t *testing.T, addr, request string) []byte {
		return run(t, request, "socat", "-t", "60", "-", "TCP:"+addr)
	},
}

// run runs a program with that input, and returns its output.
func run(t *testing.T, input, program string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		cannotRun(t, "a program is missing", err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(input)
	got, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return got
}

// A client that has shut its sending side still reads. It gets what costs nothing
// to make, as ServeFile sends it, and error answers. What is generated is broken
// off: most of those who look like that have left.
func TestClientThatShutsItsSendingSide(t *testing.T) {
	servertest.CaptureLog(t)
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte(text(2<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason string
		file   func() fs.File
		status int // 0: it is broken off
		body   string
	}{
		{"at a limited speed", func() fs.File { return open(t, path) }, 200, text(2 << 20)},
		{"in memory", func() fs.File { return files.NewContentFile(text(2<<20), "a.txt") }, 200, text(2 << 20)},
		{"in memory, small", func() fs.File { return files.NewContentFile("Hello", "a.txt") }, 200, "Hello"},
		{"on disk", func() fs.File { return open(t, path) }, 200, text(2 << 20)},
		{"missing", func() fs.File { return statless{err: fs.ErrNotExist} }, 404, "Not Found\n"},
		{"generated", func() fs.File { return generated(chunks(text(2<<20), 1000)) }, 0, ""},
	} {
		for client, ask := range halfClosing {
			t.Run(tt.reason+"/"+client, func(t *testing.T) {
				opts := response.Options{}
				if tt.reason == "at a limited speed" {
					opts.Limiter = &limiter{burst: 100_000} // gives up when the context ends, as *rate.Limiter does
				}
				srv := servertest.Start(t, servertest.HTTP11, leftAlone(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					response.New(tt.file(), opts).ServeHTTP(w, r)
				})))
				got := ask(t, srv.Listener.Addr().String(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				if tt.status == 0 {
					if len(got) > 0 {
						t.Errorf("%d bytes came: %.60q", len(got), got)
					}
					return
				}
				resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(got)), nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				if resp.StatusCode != tt.status || string(body) != tt.body || err != nil {
					t.Errorf("status %d, %d bytes, %v; want %d and %d bytes", resp.StatusCode, len(body), err, tt.status, len(tt.body))
				}
			})
		}
	}
}

// statusRecorder is the access log of a server.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w *statusRecorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// A client that left before the first byte is no 500 in any log: nothing was sent.
func TestClientThatLeftBeforeTheFirstByte(t *testing.T) {
	origin := response.WithStatus(errors.New("the origin does not answer"), http.StatusBadGateway)
	for _, tt := range []struct {
		reason string
		h      func(done func(*http.Request, response.Outcome)) http.Handler
		silent bool // nobody is told of an outcome
	}{
		{reason: "a generator", h: func(done func(*http.Request, response.Outcome)) http.Handler {
			return send(generated(chunks(text(1000), 10)), response.Options{OnDone: done})
		}},
		{reason: "a generator that fails", h: func(done func(*http.Request, response.Outcome)) http.Handler {
			return send(producing(1000, fails), response.Options{OnDone: done})
		}},
		{reason: "a file that cannot be described", h: func(done func(*http.Request, response.Outcome)) http.Handler {
			return send(statless{err: errBroken}, response.Options{OnDone: done})
		}},
		{reason: "a view that gets no file", h: func(done func(*http.Request, response.Outcome)) http.Handler {
			return response.Observe(&response.DownloadResponse{Err: origin}, done)
		}},
		{reason: "an error page", silent: true, h: func(func(*http.Request, response.Outcome)) http.Handler { return refuse(origin) }},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
				entry := make(chan int, 1)
				var outcome response.Outcome
				begun := make(chan struct{})
				srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					log := &statusRecorder{ResponseWriter: w}
					defer func() { entry <- log.status }()
					close(begun)
					leftAlone(tt.h(func(_ *http.Request, o response.Outcome) { outcome = o })).ServeHTTP(log, r)
				})
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					<-begun
					cancel()
				}()
				r, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := srv.Client().Do(r); !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if status := <-entry; status != 0 {
					t.Errorf("status %d was sent", status)
				}
				if outcome.Status != 0 || (outcome.Ending == response.ClientLeft) == tt.silent || (outcome.Err == nil) != tt.silent {
					t.Errorf("outcome %+v", outcome)
				}
				for _, line := range logs.Lines() {
					if !strings.Contains(line, "level=DEBUG") {
						t.Errorf("clients leave all the time, but the log says %s", line)
					}
				}
			})
		})
	}
}

// Content made of the request's body: net/http must not read that away when the
// head leaves.
func TestContentOfTheRequestsBody(t *testing.T) {
	sent := text(2<<20) + text(2<<20)
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response.New(files.NewVirtualFile(r.Body, "a.txt"), response.Options{}).ServeHTTP(w, r)
	})
	servertest.OverEach(t, echo, func(t *testing.T, srv *servertest.Server) {
		for _, length := range []int64{-1, int64(len(sent))} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL, io.NopCloser(strings.NewReader(sent)))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = length
			resp, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(got) != sent {
				t.Errorf("length %d: %d bytes of %d, %v", length, len(got), len(sent), err)
			}
		}
	})
}
