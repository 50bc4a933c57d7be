package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/cache"
)

// gated returns a recipe that stops after the first half of its content until the
// gate is opened, or nobody wants it any more.
func gated(content string) (g *recipe, openGate func()) {
	gate := make(chan struct{})
	g = &recipe{content: content}
	g.produce = func(ctx context.Context, w io.Writer) error {
		if err := inPieces(w, content[:len(content)/2]); err != nil {
			return err
		}
		select {
		case <-gate:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		return inPieces(w, content[len(content)/2:])
	}
	return g, sync.OnceFunc(func() { close(gate) })
}

func TestOneRunForAll(t *testing.T) {
	const clients = 50
	for _, tt := range []struct {
		reason string
		sized  bool
		etag   string
	}{
		{"nothing is declared", false, ""},
		{"size and tag are declared", true, `"v1"`},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			overEachProtocol(t, func(t *testing.T, protocol string) {
				c := newCache(t)
				g, openGate := gated(lines(50_000))
				g.sized, g.etag = tt.sized, tt.etag
				srv := serve(t, protocol, c, g)
				var all sync.WaitGroup
				for range clients {
					all.Go(func() {
						resp := get(t, srv, t.Context(), "/")
						if body, err := io.ReadAll(resp.Body); err != nil || string(body) != g.content {
							t.Errorf("%d bytes that are not the content, %v", len(body), err)
						}
					})
				}
				until(t, "all have joined", func() bool { return c.Stats().Joined == clients-1 })
				openGate()
				all.Wait()
				srv.Close()
				if got := g.runs.Load(); got != 1 {
					t.Errorf("%d runs for %d clients, want 1", got, clients)
				}
				c.Settle()
				if opened, closed := g.opened.Load(), g.closed.Load(); opened != clients || closed != clients {
					t.Errorf("opened %d times, closed %d times, want %d", opened, closed, clients)
				}
			})
		})
	}
}

// Content of any size, in pieces of any size.
func TestSizes(t *testing.T) {
	c := newCache(t)
	for _, size := range []int{0, 1, 1000, 65_535, 65_536, 65_537, 300_000, 1_000_000} {
		for _, sized := range []bool{false, true} {
			for _, piece := range []int{1000, 65_536, 1_000_000} {
				g := &recipe{content: lines(size/10 + 1)[:size], sized: sized}
				g.produce = func(_ context.Context, w io.Writer) error {
					for rest := g.content; rest != ""; {
						n := min(piece, len(rest))
						if _, err := io.WriteString(w, rest[:n]); err != nil {
							return err
						}
						rest = rest[n:]
					}
					return nil
				}
				for range 2 {
					if got := take(t, c, fmt.Sprint(size, sized, piece), g); got != g.content {
						t.Errorf("%d bytes in pieces of %d: got %d that are others", size, piece, len(got))
					}
				}
				if got := g.runs.Load(); got != 1 {
					t.Errorf("%d bytes: %d runs", size, got)
				}
			}
		}
	}
}

// The generator does not wait for a reader that does not read.
func TestSlowReader(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: lines(1_000_000)}
	slow := mustFile(t, c, t.Context(), "k", g)
	first := make([]byte, 1)
	if _, err := io.ReadFull(slow, first); err != nil {
		t.Fatal(err)
	}
	c.Settle() // the run is over, all of it
	if got := take(t, c, "k", g); got != g.content {
		t.Errorf("another reader got %d bytes that are not the content", len(got))
	}
	rest, err := io.ReadAll(slow)
	if got := string(first) + string(rest); err != nil || got != g.content {
		t.Errorf("the slow reader got %d bytes that are not the content, %v", len(got), err)
	}
	if got := g.runs.Load(); got != 1 {
		t.Errorf("%d runs, want 1", got)
	}
}

// What is there is to be read at once, though the generator pauses and its pieces
// are small.
func TestPieceByPiece(t *testing.T) {
	c := newCache(t)
	pieces := make(chan string)
	g := &recipe{produce: func(_ context.Context, w io.Writer) error {
		for piece := range pieces {
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
		return nil
	}}
	f := mustFile(t, c, t.Context(), "k", g)
	go func() { pieces <- "" }() // the run begins with the first Read
	for _, piece := range []string{"a", "bc", "def"} {
		go func() { pieces <- piece }()
		got := make([]byte, len(piece))
		if _, err := io.ReadFull(f, got); err != nil || string(got) != piece {
			t.Fatalf("got %q, %v, want %q", got, err, piece)
		}
	}
	close(pieces)
	if rest, err := io.ReadAll(f); len(rest) > 0 || err != nil {
		t.Errorf("at the end: %q, %v", rest, err)
	}
}

func TestFirstLeaves(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, protocol string) {
		c := newCache(t)
		g, openGate := gated(lines(50_000))
		srv := serve(t, protocol, c, g)
		first, leave := context.WithCancel(t.Context())
		resp := get(t, srv, first, "/")
		if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil {
			t.Fatal(err)
		}
		second := get(t, srv, t.Context(), "/")
		if _, err := io.CopyN(io.Discard, second.Body, 1000); err != nil {
			t.Fatal(err)
		}
		leave()
		until(t, "the first has left", func() bool {
			s := c.Status("/")
			return s.State == cache.Running && s.Readers == 1
		})
		openGate()
		rest, err := io.ReadAll(second.Body)
		if err != nil || string(rest) != g.content[1000:] {
			t.Errorf("the second got %d bytes after the first left, which are not the rest: %v", len(rest), err)
		}
		c.Settle()
		if s := c.Stats(); s.Copies != 1 || g.runs.Load() != 1 {
			t.Errorf("%d runs, %+v, want one and a copy", g.runs.Load(), s)
		}
	})
}

func TestAllLeave(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, protocol string) {
		c := newCache(t, cache.Options{Linger: 1})
		g, _ := gated(lines(50_000))
		srv := serve(t, protocol, c, g)
		for range 3 {
			ctx, leave := context.WithCancel(t.Context())
			resp := get(t, srv, ctx, "/")
			if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil {
				t.Fatal(err)
			}
			leave()
			c.Settle() // the generator ends, by its context
		}
		if got := c.Stats().Abandoned; got != 3 || g.runs.Load() != 3 || g.closed.Load() != 3 {
			t.Errorf("%d runs, %d abandoned, %d closed, want 3", g.runs.Load(), got, g.closed.Load())
		}
		if names, _ := copiesIn(t, c); len(names) > 0 {
			t.Errorf("kept: %q", names)
		}
	})
}

// A reader that waits for what is not there leaves when its client does.
func TestWaitingReaderLeaves(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := cacheIn(t, dir)
		g, openGate := gated(lines(10_000))
		stays := mustFile(t, c, t.Context(), "k", g)
		if _, err := io.CopyN(io.Discard, stays, 1000); err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		waits := mustFile(t, c, ctx, "k", g)
		failed := make(chan error)
		go func() {
			_, err := io.Copy(io.Discard, waits)
			failed <- err
		}()
		synctest.Wait() // it has read what is there
		leave()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("the waiting reader got %v, want %v", err, context.Canceled)
		}
		waits.Close()
		openGate()
		if rest, err := io.ReadAll(stays); err != nil || string(rest) != g.content[1000:] {
			t.Errorf("the other got %d bytes that are not the rest, %v", len(rest), err)
		}
	})
}

// The context that open gets has no value of the request's but those that RunContext
// says, and outlives it; until open returns it ends with the request.
func TestContextOfTheGenerator(t *testing.T) {
	type keyType struct{}
	c := newCache(t, cache.Options{RunContext: func(request context.Context) context.Context {
		return context.WithValue(context.Background(), keyType{}, request.Value(keyType{}))
	}})
	type routeType struct{}
	request := context.WithValue(context.WithValue(t.Context(), keyType{}, "trace"), routeType{}, "of the request")
	ctx, leave := context.WithCancel(request)
	var own context.Context
	g, openGate := gated(lines(10))
	f, err := c.File(ctx, "k", func(ctx context.Context) (fs.File, error) {
		own = ctx
		return g.open(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := own.Value(keyType{}); got != "trace" {
		t.Errorf("the run has the trace %v", got)
	}
	if got := own.Value(routeType{}); got != nil {
		t.Errorf("the run has a value of the request: %v", got)
	}
	other := mustFile(t, c, t.Context(), "k", g)
	for _, f := range []fs.File{f, other} {
		if _, err := io.CopyN(io.Discard, f, 10); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	f.Close()
	if own.Err() != nil {
		t.Error("the generator's context ended with the request, though somebody reads")
	}
	openGate()
	if _, err := io.ReadAll(other); err != nil {
		t.Error(err)
	}
	c.Settle()
	if own.Err() == nil {
		t.Error("the generator's context goes on for ever")
	}

	gone, leave := context.WithCancel(t.Context())
	f, err = c.File(gone, "k", func(ctx context.Context) (fs.File, error) {
		leave()
		<-ctx.Done()
		return g.open(ctx)
	})
	if f != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("the client left while open was at work: got %v, %v", f, err)
	}
	if opened, closed := g.opened.Load(), g.closed.Load(); opened != closed {
		t.Errorf("opened %d times, closed %d times", opened, closed)
	}
}

func TestClose(t *testing.T) {
	c := newCache(t, cache.Options{Linger: -1})
	kept := &recipe{content: lines(10)}
	take(t, c, "kept", kept)
	g, _ := gated(lines(10_000))
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(f); err == nil {
		t.Error("a reader of a run that Close has ended has got the whole")
	}
	free := &recipe{content: lines(10)}
	for range 2 {
		if got := take(t, c, "k", free); got != free.content {
			t.Errorf("after Close: got %q", got)
		}
	}
	if got := take(t, c, "kept", kept); got != kept.content || kept.runs.Load() != 1 {
		t.Errorf("after Close: %d runs for what is kept", kept.runs.Load())
	}
	s := c.Stats()
	if diff := cmp.Diff([]int64{2, 2, 1}, []int64{s.Misses, s.Bypassed, s.Abandoned}); diff != "" {
		t.Errorf("misses, bypassed, abandoned (-want +got):\n%s", diff)
	}
}
