package cache_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/cache"
)

func TestLinger(t *testing.T) {
	const second = time.Second
	for _, tt := range []struct {
		reason string
		linger time.Duration
		wait   time.Duration // until somebody comes back
		runs   int32
	}{
		{"the generator goes on for a while", time.Minute, 59 * second, 1},
		{"and not for longer", time.Minute, 61 * second, 2},
		{"ten seconds by default", 0, 9 * second, 1},
		{"and not for longer than those", 0, 11 * second, 2},
		{"to its end", -1, 1000 * time.Hour, 1},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
				c := cacheIn(t, dir, cache.Options{Linger: tt.linger})
				g, openGate := gated(lines(10_000))
				f := mustFile(t, c, t.Context(), "k", g)
				if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
					t.Fatal(err)
				}
				f.Close()
				time.Sleep(tt.wait)
				synctest.Wait()
				again := mustFile(t, c, t.Context(), "k", g)
				if _, err := io.CopyN(io.Discard, again, 1000); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour) // a timer of the time when nobody read must not fire now
				openGate()
				if rest, err := io.ReadAll(again); err != nil || string(rest) != g.content[1000:] {
					t.Errorf("got %d bytes that are not the rest, %v", len(rest), err)
				}
				if got := g.runs.Load(); got != tt.runs {
					t.Errorf("%d runs, want %d", got, tt.runs)
				}
			})
		})
	}
}

// The time of Linger begins anew when the last reader leaves again.
func TestLingerAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		c := cacheIn(t, dir, cache.Options{Linger: time.Minute})
		g, openGate := gated(lines(10_000))
		for range 5 {
			f := mustFile(t, c, t.Context(), "k", g)
			if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
				t.Fatal(err)
			}
			f.Close()
			time.Sleep(40 * time.Second)
		}
		openGate()
		if got := take(t, c, "k", g); got != g.content || g.runs.Load() != 1 {
			t.Errorf("%d runs, want one", g.runs.Load())
		}
	})
}

// A run that nobody waits for, by the author's leave, is kept.
func TestLingerToTheEnd(t *testing.T) {
	c := newCache(t, cache.Options{Linger: -1})
	g, openGate := gated(lines(10_000))
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
		t.Fatal(err)
	}
	f.Close()
	openGate()
	c.Settle()
	if got := take(t, c, "k", g); got != g.content || g.runs.Load() != 1 {
		t.Errorf("%d runs, got %d bytes", g.runs.Load(), len(got))
	}
}
