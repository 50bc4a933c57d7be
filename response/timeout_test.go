package response_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// Most of these tests run in a bubble of testing/synctest, where time passes
// when everybody waits: over net.Pipe, which has no buffers, minutes of a slow
// download take milliseconds, and come out the same at every run.

// pipeListener is a net.Listener whose connections are net.Pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	server, client := net.Pipe()
	l.conns <- server
	return client, nil
}

// overPipes runs test in a bubble, over each version of HTTP, with a client of
// a server whose WriteTimeout is a second.
func overPipes(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, client *http.Client)) {
	for _, version := range bubbleVersions {
		t.Run(version, func(t *testing.T) {
			servertest.CaptureLog(t)
			synctest.Test(t, func(t *testing.T) {
				var protocols http.Protocols
				protocols.SetHTTP1(version == "HTTP/1.1")
				protocols.SetUnencryptedHTTP2(version == "HTTP/2.0")
				listener := &pipeListener{make(chan net.Conn), make(chan struct{})}
				var running sync.WaitGroup
				defer running.Wait()
				counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					running.Add(1)
					defer running.Done()
					handler(w, r)
				})
				srv := &http.Server{Handler: counted, WriteTimeout: time.Second, Protocols: &protocols}
				go func() { _ = srv.Serve(listener) }()
				defer srv.Close()
				transport := &http.Transport{DialContext: listener.dial, Protocols: &protocols, DisableCompression: true}
				defer transport.CloseIdleConnections()
				test(t, &http.Client{Transport: transport})
			})
		})
	}
}

// noFlush keeps the flush timer out of a bubble, where it would wait for a lock
// that a slow write holds: time stands still while anybody waits for a lock.
const noFlush = 24 * time.Hour

// slowSize is more than a client of HTTP/2 takes without being read from.
const slowSize = 8 << 20

// slowContents are files of slowSize, by how they are sent.
func slowContents() map[string]func() fs.File {
	large := make([]byte, slowSize)
	return map[string]func() fs.File{
		"in memory": func() fs.File {
			f := files.NewContentFile(large, "file.bin")
			f.ETag = `"v1"`
			return f
		},
		"generated": func() fs.File {
			return files.NewVirtualFile(files.NewBytesIteratorIO(zeros(slowSize)), "file.bin")
		},
	}
}

// A client that reads slowly but steadily gets all of it, whatever the WriteTimeout
// of the server, which would have cut it off.
func TestWriteTimeoutOfSlowClient(t *testing.T) {
	for name, open := range slowContents() {
		for _, test := range []struct {
			reason   string
			timeout  time.Duration
			complete bool
		}{
			{"moves on", 10 * time.Second, true},
			{"is that of the server", 0, false},
		} {
			t.Run(name+"/"+test.reason, func(t *testing.T) {
				handler := func(w http.ResponseWriter, r *http.Request) {
					send(open(), response.Options{WriteTimeout: test.timeout, FlushInterval: noFlush}).ServeHTTP(w, r)
				}
				overPipes(t, handler, func(t *testing.T, client *http.Client) {
					begun := time.Now()
					res, err := client.Get("http://server/")
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					total := int64(0)
					for err == nil {
						var n int64
						n, err = io.CopyN(io.Discard, res.Body, 64<<10) // four of them are written at once
						total += n
						time.Sleep(time.Second) // by synctest's clock, as all in overPipes: a slow client
					}
					complete := total == slowSize && err == io.EOF
					if complete != test.complete {
						t.Errorf("%d bytes in %v, then %v; want all %d: %t", total, time.Since(begun), err, slowSize, test.complete)
					}
				})
			})
		}
	}
}

// A client that stalls is let go after the time that it has for a piece.
func TestWriteTimeoutOfStalledClient(t *testing.T) {
	const timeout = 10 * time.Second
	for name, open := range slowContents() {
		t.Run(name, func(t *testing.T) {
			var file *servertest.CountedFile
			var done chan response.Outcome
			handler := func(w http.ResponseWriter, r *http.Request) {
				file = servertest.Count(open())
				response.New(file, response.Options{
					WriteTimeout:  timeout,
					FlushInterval: noFlush,
					OnDone:        func(_ *http.Request, o response.Outcome) { done <- o },
				}).ServeHTTP(w, r)
			}
			overPipes(t, handler, func(t *testing.T, client *http.Client) {
				done = make(chan response.Outcome, 1)
				res, err := client.Get("http://server/")
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if _, err := io.CopyN(io.Discard, res.Body, 100_000); err != nil {
					t.Fatal(err)
				}
				stalled := time.Now()
				o := <-done
				if took := time.Since(stalled); took < timeout/2 || took > timeout+time.Second {
					t.Errorf("let go after %v, want about %v", took, timeout)
				}
				if o.Ending == response.Complete || o.Err == nil || file.Closed() != 1 {
					t.Errorf("complete %t, error %v, closed %d times", o.Ending == response.Complete, o.Err, file.Closed())
				}
			})
		})
	}
}

// The time is the client's. A producer may take as long as it likes.
func TestWriteTimeoutOfSlowProducer(t *testing.T) {
	for _, test := range []struct {
		reason string
		wait   [3]time.Duration // ahead of each piece, and at the end
	}{
		{"between pieces", [3]time.Duration{0, time.Minute, 0}},
		{"ahead of the first", [3]time.Duration{time.Minute, 0, 0}},
		{"after the last", [3]time.Duration{0, 0, time.Minute}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				seq := func(yield func(string) bool) {
					for _, wait := range test.wait[:2] {
						time.Sleep(wait) // by synctest's clock: a slow producer
						if !yield(alphanumeric) {
							return
						}
					}
					time.Sleep(test.wait[2]) // by synctest's clock
				}
				f := files.NewVirtualFile(files.NewStringIteratorIO(seq), "file.txt")
				response.New(f, response.Options{WriteTimeout: 10 * time.Second}).ServeHTTP(w, r)
			}
			overPipes(t, handler, func(t *testing.T, client *http.Client) {
				res, err := client.Get("http://server/")
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if body, err := io.ReadAll(res.Body); err != nil || string(body) != alphanumeric+alphanumeric {
					t.Errorf("body %q, %v, want both pieces", body, err)
				}
			})
		})
	}
}

// deadlineWriter is a ResponseWriter that checks the deadline at each write.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	t        *testing.T
	deadline time.Time
	writes   int
}

func (w *deadlineWriter) SetWriteDeadline(deadline time.Time) error {
	w.deadline = deadline
	return nil
}

func (w *deadlineWriter) Write(p []byte) (int, error) {
	w.writes++
	if left := time.Until(w.deadline); left != 10*time.Second {
		w.t.Errorf("write %d of %d bytes has %v", w.writes, len(p), left)
	}
	if len(p) > 256<<10 {
		w.t.Errorf("write %d has %d bytes", w.writes, len(p))
	}
	time.Sleep(9 * time.Second) // by synctest's clock: a slow client
	return w.ResponseRecorder.Write(p)
}

// Each write has the whole time, and none is so large that this would not do.
func TestWriteTimeoutOfEachWrite(t *testing.T) {
	for name, open := range slowContents() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder(), t: t}
				response.New(open(), response.Options{WriteTimeout: 10 * time.Second, FlushInterval: noFlush}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				if w.Body.Len() != slowSize || w.writes < slowSize/(256<<10) {
					t.Errorf("%d bytes in %d writes", w.Body.Len(), w.writes)
				}
			})
		})
	}
}

// A ResponseWriter that has no deadlines: said once, and otherwise no harm.
func TestWriteTimeoutWithoutDeadlines(t *testing.T) {
	for name, open := range slowContents() {
		t.Run(name, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			got := servertest.Record(send(open(), response.Options{WriteTimeout: time.Second}), "GET", "/")
			if len(got.Body) != slowSize {
				t.Errorf("%d bytes, want %d", len(got.Body), slowSize)
			}
			if lines := logs.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "WriteTimeout") {
				t.Errorf("logged %d lines, want one about WriteTimeout:\n%s", len(lines), logs)
			}
		})
	}
}

// The same as TestWriteTimeoutOfStalledClient over a real connection, with all
// the buffers that the operating system has, and with sendfile(2).
//
// By HTTP/1.1 the connection ends in good order: what the system has is sent, and
// a client whose link was cut sees the end when it is back. A reset would be lost
// with the link. HTTP/1.0 needs the reset.
func TestWriteTimeoutOverTCP(t *testing.T) {
	servertest.CaptureLog(t)
	const large = 1 << 30 // no buffers take that much
	path := filepath.Join(t.TempDir(), "file.bin")
	stored, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stored.Close()
	if err := stored.Truncate(large); err != nil { // takes no room
		t.Fatal(err)
	}
	for name, open := range map[string]func() fs.File{
		"generated": func() fs.File {
			return files.NewVirtualFile(files.NewBytesIteratorIO(zeros(large)), "file.bin")
		},
		"stored": func() fs.File {
			f, err := os.Open(path)
			if err != nil {
				panic(err)
			}
			return f
		},
	} {
		for protocol, end := range map[string]error{servertest.HTTP11: io.ErrUnexpectedEOF, servertest.HTTP10: syscall.ECONNRESET} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				done := make(chan response.Outcome, 1)
				srv := servertest.Start(t, protocol, send(open(), response.Options{
					WriteTimeout: 200 * time.Millisecond,
					OnDone:       func(_ *http.Request, o response.Outcome) { done <- o },
				}))
				defer srv.CloseClientConnections()
				res, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()

				select {
				case o := <-done:
					if o.Ending != response.TimedOut || !errors.Is(o.Err, os.ErrDeadlineExceeded) {
						t.Errorf("%v, error %v, want a deadline exceeded", o.Ending, o.Err)
					}
				case <-time.After(30 * time.Second):
					t.Fatal("the stalled client was not let go")
				}
				srv.Wait()
				if _, err := io.Copy(io.Discard, res.Body); !errors.Is(err, end) {
					t.Errorf("the client reads on, and sees %v, want %v", err, end)
				}
			})
		}
	}
}
