package cache_test

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/cache"
)

func TestRemove(t *testing.T) {
	c := newCache(t)
	one := &recipe{content: lines(100), etag: `"v1"`}
	two := &recipe{content: lines(100), etag: `"v2"`}
	other := &recipe{content: lines(100)}
	take(t, c, "k", one)
	take(t, c, "k", two)
	take(t, c, "other", other)
	if err := c.Remove("k"); err != nil {
		t.Error(err)
	}
	take(t, c, "k", one)
	take(t, c, "k", two)
	take(t, c, "other", other)
	if diff := cmp.Diff([]int32{2, 2, 1}, []int32{one.runs.Load(), two.runs.Load(), other.runs.Load()}); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	if names, _ := copiesIn(t, c); len(names) > 0 || c.Stats().Copies != 0 || c.Stats().Bytes != 0 {
		t.Errorf("after Clear there are %q, %+v", names, c.Stats())
	}
}

// What is removed while it is made reaches its readers, but is not kept; and who
// comes after that gets what is made after it.
func TestRemoveWhileItGrows(t *testing.T) {
	c := newCache(t)
	g, openGate := gated(lines(10_000))
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove("k"); err != nil {
		t.Fatal(err)
	}
	after := &recipe{content: "after that"}
	if got := take2(t, c, "k", after); got != after.content {
		t.Errorf("got %q, which is from before", got)
	}
	openGate()
	if rest, err := io.ReadAll(f); err != nil || string(rest) != g.content[1000:] {
		t.Errorf("got %d bytes that are not the rest, %v", len(rest), err)
	}
	c.Settle()
	if got := take(t, c, "k", after); got != after.content || after.runs.Load() != 1 {
		t.Errorf("got %q, by %d runs", got, after.runs.Load())
	}
	if names, _ := copiesIn(t, c); len(names) != 1 {
		t.Errorf("there are %q, want one", names)
	}
}

// take2 is take without waiting for other runs.
func take2(t *testing.T, c *cache.Cache, key string, g *recipe) string {
	t.Helper()
	content, err := io.ReadAll(mustFile(t, c, t.Context(), key, g))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
