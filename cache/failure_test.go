package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

var errLost = errors.New("the database is lost")

// failures are ways in which a generator fails, after it has written the first
// half of its content and was let go on.
var failures = []struct {
	reason string
	cause  string // is in the log
	size   int    // declared beyond what there is; 0: none is declared
	end    func(w io.Writer, rest string) error
}{
	{"an error", errLost.Error(), 0, func(io.Writer, string) error { return errLost }},
	{"a panic", "panic: lost", 0, func(io.Writer, string) error { panic("lost") }},
	{"the end of the goroutine", "the generator ended its goroutine", 0, func(io.Writer, string) error {
		runtime.Goexit()
		return nil
	}},
	{"one byte too few", "the content has 500000 bytes, not 500001 as declared", 1, inPieces},
	{"one byte too many", "the content has 500000 bytes or more, not 499999 as declared", -1, inPieces},
}

// A run that fails is broken for everybody who reads it, is logged once, and
// leaves nothing; the next request starts anew.
func TestFailure(t *testing.T) {
	for _, tt := range failures {
		t.Run(tt.reason, func(t *testing.T) {
			overEachProtocol(t, func(t *testing.T, protocol string) {
				logs := servertest.CaptureLog(t)
				c := newCache(t)
				gate := make(chan struct{})
				content := lines(50_000)
				g := &recipe{content: content}
				g.file = func(f *files.VirtualFile) {
					if tt.size != 0 {
						f.Size = int64(len(content) + tt.size)
					}
				}
				g.produce = func(_ context.Context, w io.Writer) error {
					if err := inPieces(w, content[:len(content)/2]); err != nil {
						return err
					}
					<-gate
					return tt.end(w, content[len(content)/2:])
				}
				srv := serve(t, protocol, c, g)
				const clients = 3
				var bodies [clients]*http.Response
				for i := range bodies {
					bodies[i] = get(t, srv, t.Context(), "/")
					if _, err := io.CopyN(io.Discard, bodies[i].Body, 1000); err != nil {
						t.Fatal(err)
					}
				}
				close(gate)
				var all sync.WaitGroup
				for _, resp := range bodies {
					all.Go(func() {
						if n, err := io.Copy(io.Discard, resp.Body); err == nil {
							t.Errorf("a client got %d bytes and takes them for whole", n+1000)
						}
					})
				}
				all.Wait()
				c.Settle()
				if n := count(logs, tt.cause); n != 1 {
					t.Errorf("the cause was logged %d times, want once:\n%v", n, logs)
				}
				if names, _ := copiesIn(t, c); len(names) > 0 {
					t.Errorf("kept: %q", names)
				}
				if s := c.Stats(); s.Failed != 1 || s.Growing != 0 || s.Running != 0 {
					t.Errorf("%+v, want one that failed", s)
				}

				good := &recipe{content: content}
				if got := take(t, c, "/", good); got != content || good.runs.Load() != 1 {
					t.Errorf("after that: %d runs, %d bytes", good.runs.Load(), len(got))
				}
			})
		})
	}
}

// Who comes when a run has failed, but is not cleared away yet, starts anew.
func TestJustFailed(t *testing.T) {
	servertest.CaptureLog(t)
	logging, logged := make(chan struct{}), make(chan struct{})
	slog.SetDefault(slog.New(slowHandler{slog.DiscardHandler, logging, logged}))
	c := newCache(t)
	bad := &recipe{produce: func(context.Context, io.Writer) error { return errLost }}
	if _, err := io.ReadAll(mustFile(t, c, t.Context(), "k", bad)); err == nil {
		t.Fatal("no error")
	}
	<-logging
	good := &recipe{content: "content"}
	got, err := io.ReadAll(mustFile(t, c, t.Context(), "k", good))
	if string(got) != "content" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	close(logged)
	c.Settle()
	if got := take(t, c, "k", good); got != "content" || good.runs.Load() != 1 {
		t.Errorf("got %q, by %d runs", got, good.runs.Load())
	}
}

// slowHandler says when a record comes, and waits.
type slowHandler struct {
	slog.Handler
	logging, logged chan struct{}
}

func (h slowHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h slowHandler) Handle(context.Context, slog.Record) error {
	close(h.logging)
	<-h.logged
	return nil
}

// Two requests that both have missed: the second looks again.
func TestBothMissed(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: "content"}
	take(t, c, "k", g)
	if c.Starts(t.Context(), "k", g.open) {
		t.Error("what is kept by now is generated again")
	}
}

// A file that was shortened by somebody else has an end that is none of the content.
func TestShortened(t *testing.T) {
	for _, tt := range []struct {
		reason string
		before func(t *testing.T, c *cache.Cache, f fs.File) // f is read
	}{
		{"while it grows", func(t *testing.T, c *cache.Cache, f fs.File) {
			if _, err := io.ReadFull(f, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			until(t, "the first half is there", func() bool {
				return c.Status("k").Bytes == 250_000
			})
		}},
		{"finished by another reader", func(t *testing.T, c *cache.Cache, f fs.File) {
			take(t, c, "k", &recipe{content: lines(50_000)})
			if _, err := io.ReadFull(f, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			c := newCache(t)
			g, openGate := gated(lines(50_000))
			f := mustFile(t, c, t.Context(), "k", g)
			tt.before(t, c, f)
			err := fs.WalkDir(c.Root().FS(), ".", func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				return os.Truncate(filepath.Join(c.Root().Name(), path), 1500)
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %d bytes more, and the error %v", len(got), err)
			}
			openGate()
			f.Close()
			c.Settle()
			if tt.reason == "while it grows" {
				if names, _ := copiesIn(t, c); len(names) > 0 {
					t.Errorf("kept: %q", names)
				}
			}
		})
	}
}

// Before the first byte, an answer is still an error answer, of the status that
// the cause comes to.
func TestFailureBeforeTheFirstByte(t *testing.T) {
	for _, tt := range []struct {
		reason string
		err    error
		status int
	}{
		{"any", errLost, http.StatusInternalServerError},
		{"there is no such thing", fmt.Errorf("row 7: %w", fs.ErrNotExist), http.StatusNotFound},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			c := newCache(t)
			g := &recipe{produce: func(context.Context, io.Writer) error { return tt.err }}
			srv := serve(t, "HTTP1", c, g)
			resp := get(t, srv, t.Context(), "/")
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s with %q, want %d with nothing of the file", resp.Status, resp.Header, tt.status)
			}
		})
	}
}

// A generator that ends early because its context has is no end of the content.
func TestGeneratorEndsWithItsContext(t *testing.T) {
	servertest.CaptureLog(t)
	c := newCache(t, cache.Options{Linger: time.Millisecond})
	g := &recipe{produce: func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}}
	ctx, leave := context.WithCancel(t.Context())
	f := mustFile(t, c, ctx, "k", g)
	if _, err := io.ReadFull(f, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	leave()
	f.Close()
	c.Settle()
	if names, _ := copiesIn(t, c); len(names) > 0 {
		t.Errorf("half a copy is kept: %q", names)
	}
}

// A file that cannot be closed in order may not have been what it should.
func TestFailureToClose(t *testing.T) {
	for reason, failure := range map[string]func() error{
		"an error": func() error { return errLost },
		"a panic":  func() error { panic(errLost) },
	} {
		t.Run(reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			c := newCache(t)
			f, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) {
				return badClose{files.NewContentFile("content", "content.txt"), failure}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, err := io.ReadAll(f); string(got) != "content" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			c.Settle()
			if names, _ := copiesIn(t, c); len(names) > 0 || count(logs, errLost.Error()) != 1 {
				t.Errorf("kept: %q, logged:\n%v", names, logs)
			}
		})
	}
}

type badClose struct {
	fs.File
	failure func() error
}

func (f badClose) Close() error { return f.failure() }

func TestOpenFails(t *testing.T) {
	servertest.CaptureLog(t)
	c := newCache(t)
	for _, tt := range []struct {
		reason string
		open   func(context.Context) (fs.File, error)
		want   error
	}{
		{"its error is the caller's", func(context.Context) (fs.File, error) { return nil, errLost }, errLost},
		{"a directory is no content", func(context.Context) (fs.File, error) { return os.Open(t.TempDir()) }, fs.ErrNotExist},
		{"what cannot be described", func(context.Context) (fs.File, error) {
			f, err := os.Open(os.Args[0])
			f.Close()
			return f, err
		}, fs.ErrClosed},
	} {
		if f, err := c.File(t.Context(), "k", tt.open); f != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", tt.reason, f, err, tt.want)
		}
	}
	if f, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) { return nil, nil }); f != nil || err == nil {
		t.Errorf("neither a file nor an error: got %v, %v", f, err)
	}
	var ctx context.Context
	func() {
		defer func() {
			if recover() != "lost" {
				t.Error("a panic of open is not the caller's")
			}
		}()
		c.File(t.Context(), "k", func(c context.Context) (fs.File, error) {
			ctx = c
			panic("lost")
		})
	}()
	if ctx.Err() == nil {
		t.Error("after a panic of open its context goes on")
	}
}
