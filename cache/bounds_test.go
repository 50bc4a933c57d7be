package cache_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// larder is a cache, and a recipe of 1,000 bytes for each key.
type larder struct {
	*cache.Cache
	recipes map[string]*recipe
}

func (l larder) recipe(key string) *recipe {
	if l.recipes[key] == nil {
		l.recipes[key] = &recipe{content: key + lines(100)[len(key):]}
	}
	return l.recipes[key]
}

// take takes copies by their keys, and returns for which of them a generator ran.
func (l larder) take(t *testing.T, keys string) (generated string) {
	t.Helper()
	for _, key := range strings.Split(keys, "") {
		g := l.recipe(key)
		before := g.runs.Load()
		if got := take(t, l.Cache, key, g); got != g.content {
			t.Errorf("%s: got %q", key, got)
		}
		if g.runs.Load() > before {
			generated += key
		}
	}
	return generated
}

func TestLeastRecentlyUsedGoFirst(t *testing.T) {
	for _, tt := range []struct {
		reason    string
		limit     int64
		first     string // what is taken before
		keys      string
		generated string
		evicted   int64
	}{
		{"all fit", 3000, "abc", "abc", "", 0},
		{"the first that was made goes", 3000, "abcd", "bcda", "a", 2},
		{"what was used stays", 3000, "abcad", "acdb", "b", 2},
		{"one byte too few", 2999, "abc", "bca", "a", 2},
		{"room for one", 1000, "aabbaa", "ab", "b", 3},
		{"no limit", 0, "abcdefgh", "abcdefgh", "", 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			l := larder{newCache(t, cache.Options{MaxBytes: tt.limit}), map[string]*recipe{}}
			l.take(t, tt.first)
			if got := l.take(t, tt.keys); got != tt.generated {
				t.Errorf("of %s, %q were generated, want %q", tt.keys, got, tt.generated)
			}
			s := l.Stats()
			names, size := copiesIn(t, l.Cache)
			if s.Evicted != tt.evicted || s.Copies != len(names) || s.Bytes != size || s.Growing != 0 {
				t.Errorf("%+v, want %d evicted; there are %d copies of %d bytes", s, tt.evicted, len(names), size)
			}
			if tt.limit > 0 && size > tt.limit {
				t.Errorf("%d bytes are kept, of %d", size, tt.limit)
			}
		})
	}
}

// After a restart what is there is known, and the oldest go first.
func TestRestart(t *testing.T) {
	l := larder{newCache(t), map[string]*recipe{}}
	l.take(t, "abcd")
	again := larder{cacheIn(t, l.Root().Name(), cache.Options{MaxBytes: 3000}), l.recipes}
	if got := again.take(t, "bcd"); got != "" {
		t.Errorf("%q were generated again", got)
	}
	if got := again.take(t, "a"); got != "a" {
		t.Errorf("the oldest is still there")
	}
}

// A copy that grows takes the room of others.
func TestGrowingCopyCounts(t *testing.T) {
	l := larder{newCache(t, cache.Options{MaxBytes: 202_000}), map[string]*recipe{}}
	l.take(t, "abc")
	if got := l.take(t, "bca"); got != "" {
		t.Errorf("%q had gone before", got)
	}
	g, openGate := gated(lines(20_000))
	f := mustFile(t, l.Cache, t.Context(), "large", g)
	if _, err := io.CopyN(io.Discard, f, 100_000); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Copies != 3 || s.Growing == 0 {
		t.Errorf("halfway: %+v, want three copies and one that grows", s)
	}
	openGate()
	if _, err := io.Copy(io.Discard, f); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Bytes+s.Growing > 202_000 || s.Copies > 3 {
		t.Errorf("at its end: %+v, want others to have gone", s)
	}
	l.Settle()
	if got := l.take(t, "a"); got != "" {
		t.Error("what was used last has gone")
	}
	if _, size := copiesIn(t, l.Cache); size > 202_000 {
		t.Errorf("%d bytes are kept, of %d", size, 202_000)
	}
}

// What alone is too large is sent all the same, the next time without a copy.
func TestLargerThanTheBound(t *testing.T) {
	for _, tt := range []struct {
		reason string
		sized  bool
	}{
		{"the size is declared", true},
		{"it turns out", false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			c := newCache(t, cache.Options{MaxBytes: 99_999})
			g := &recipe{content: lines(10_000), sized: tt.sized}
			for range 3 {
				if got := take(t, c, "k", g); got != g.content {
					t.Errorf("got %d bytes that are not the content", len(got))
				}
				if names, _ := copiesIn(t, c); len(names) > 0 {
					t.Errorf("kept: %q", names)
				}
			}
			if s := c.Stats(); s.Bypassed != 0 || s.Failed != 0 || s.Growing != 0 || s.Misses != 3 {
				t.Errorf("%+v, want three runs", s)
			}
		})
	}
}

// A copy that is evicted, removed or too old while it is read is not lost to its
// reader.
func TestEvictionWhileRead(t *testing.T) {
	l := larder{newCache(t, cache.Options{MaxBytes: 1000}), map[string]*recipe{}}
	l.take(t, "a")
	f := mustFile(t, l.Cache, t.Context(), "a", l.recipe("a"))
	if _, err := io.CopyN(io.Discard, f, 10); err != nil {
		t.Fatal(err)
	}
	l.take(t, "b")
	if s := l.Stats(); s.Evicted != 1 {
		t.Fatalf("%+v, want one evicted", s)
	}
	if rest, err := io.ReadAll(f); err != nil || string(rest) != l.recipe("a").content[10:] {
		t.Errorf("got %d bytes that are not the rest, %v", len(rest), err)
	}
}

func TestMaxAge(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		l := larder{cacheIn(t, dir, cache.Options{MaxAge: time.Hour}), map[string]*recipe{}}
		l.take(t, "a")
		time.Sleep(time.Hour - 1)
		if got := l.take(t, "a"); got != "" {
			t.Error("it went before its time")
		}
		time.Sleep(1 * time.Nanosecond)
		if got := l.take(t, "a"); got != "a" {
			t.Error("it is older than MaxAge")
		}
		if names, _ := copiesIn(t, l.Cache); len(names) != 1 {
			t.Errorf("kept: %q, want the new one only", names)
		}
		time.Sleep(time.Hour)
		l.take(t, "b") // whoever makes a copy sweeps
		if names, _ := copiesIn(t, l.Cache); len(names) != 1 {
			t.Errorf("kept: %q, want b only", names)
		}
		if s := l.Stats(); s.Copies != 1 || s.Bytes != 1000 || s.Evicted != 0 {
			t.Errorf("%+v, want one copy", s)
		}
	})
}

// A copy that was made when the clock was wrong is not good for longer than others.
func TestMaxAgeWhenTheClockIsSetBack(t *testing.T) {
	l := larder{newCache(t), map[string]*recipe{}}
	l.take(t, "a") // now
	dir := l.Root().Name()
	synctest.Test(t, func(t *testing.T) { // in the year 2000
		again := larder{cacheIn(t, dir, cache.Options{MaxAge: time.Hour}), l.recipes}
		if got := again.take(t, "a"); got != "a" {
			t.Error("a copy of the future is served, and will be for years")
		}
		if names, _ := copiesIn(t, again.Cache); len(names) != 1 {
			t.Errorf("kept: %q, want the new one only", names)
		}
	})
}

// The bound also holds for what other processes put there, though not at once.
func TestCopiesOfOthersCount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		l := larder{cacheIn(t, dir, cache.Options{MaxBytes: 3000}), map[string]*recipe{}}
		l.take(t, "a")
		other := larder{cacheIn(t, dir), l.recipes}
		other.take(t, "bcde")
		time.Sleep(cache.SweepInterval)
		l.take(t, "a") // which has the directory swept
		l.Settle()
		l.take(t, "f")
		if names, size := copiesIn(t, l.Cache); size != 3000 {
			t.Errorf("%d bytes are kept in %q, want 3000", size, names)
		}
		if s := l.Stats(); s.Copies != 3 || s.Bytes != 3000 {
			t.Errorf("%+v, want three copies", s)
		}
	})
}

// Many requests at once for few keys, with a bound that makes copies go all the
// time.
func TestCrowd(t *testing.T) {
	c := newCache(t, cache.Options{MaxBytes: 300_000})
	done := make(chan error)
	const clients, rounds = 16, 20
	for client := range clients {
		go func() {
			done <- func() error {
				for round := range rounds {
					key := fmt.Sprint((client*3 + round) % 7)
					g := &recipe{content: key + lines(10_000), sized: round%2 == 0}
					ctx, leave := context.WithCancel(context.Background())
					defer leave()
					f, err := c.File(ctx, key, g.open)
					if err != nil {
						return err
					}
					if round%5 == 4 { // this one leaves early
						_, err = io.CopyN(io.Discard, f, 10)
						leave()
						f.Close()
						if err != nil {
							return err
						}
						continue
					}
					content, err := io.ReadAll(f)
					f.Close()
					if err != nil || string(content) != g.content {
						return fmt.Errorf("key %s: %d bytes that are not the content, %v", key, len(content), err)
					}
				}
				return nil
			}()
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	c.Settle()
	names, size := copiesIn(t, c)
	if s := c.Stats(); size > 300_000 || s.Copies != len(names) || s.Bytes != size || s.Growing != 0 || s.Running != 0 {
		t.Errorf("%+v, and there are %d copies of %d bytes", s, len(names), size)
	}
}
