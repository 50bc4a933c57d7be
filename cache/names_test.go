package cache_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// A copy that is not what its name says, and files of others.
func TestDirectoryOfOthers(t *testing.T) {
	servertest.CaptureLog(t)
	l := larder{newCache(t), map[string]*recipe{}}
	l.take(t, "a")
	names, _ := copiesIn(t, l.Cache)
	dir := l.Root().Name()
	if err := os.Truncate(filepath.Join(dir, names[0]), 999); err != nil {
		t.Fatal(err)
	}
	if got := l.take(t, "aa"); got != "a" {
		t.Errorf("%q were generated, want a, once: its copy was cut off", got)
	}
	foreign := []string{"README", "ab/README", names[0][:2] + "/README", "cd/" + filepath.Base(names[0])}
	for _, name := range foreign {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	larder{cacheIn(t, dir, cache.Options{MaxBytes: 1}), l.recipes}.take(t, "b")
	restarted := cacheIn(t, dir)
	if err := restarted.Clear(); err != nil {
		t.Fatal(err)
	}
	got, _ := copiesIn(t, l.Cache)
	slices.Sort(foreign)
	slices.Sort(got)
	if diff := cmp.Diff(foreign, got); diff != "" {
		t.Errorf("left after Clear (-want +got):\n%s", diff)
	}
}

// Nothing of a key reaches the file system, and no two keys are the same.
func TestKeys(t *testing.T) {
	keys := []string{"", "/", "..", "../../etc/passwd", "a/b", "a\x00b", "ä", "a\nb", "CON", "K", "k", "temp-", strings.Repeat("k", 1<<20), `"`, "k ", "\xff"}
	c := newCache(t)
	for _, key := range keys {
		g := &recipe{content: "content of " + key}
		if got := take(t, c, key, g); got != g.content {
			t.Errorf("%.20q: got %.40q", key, got)
		}
	}
	names, _ := copiesIn(t, c)
	if len(names) != len(keys) {
		t.Errorf("%d copies of %d keys: %q", len(names), len(keys), names)
	}
	for _, name := range names {
		dir, base, _ := strings.Cut(name, "/")
		if len(dir) != 2 || !strings.HasPrefix(base, dir) || !cache.ParseName(base) || len(base) > 143 {
			t.Errorf("a copy is called %s", name)
		}
	}
	for _, key := range keys {
		g := &recipe{}
		if got := take(t, c, key, g); got != "content of "+key {
			t.Errorf("%.20q again: got %.40q", key, got)
		}
	}
}

func TestParseName(t *testing.T) {
	l := larder{newCache(t), map[string]*recipe{}}
	l.take(t, "a")
	names, _ := copiesIn(t, l.Cache)
	name := filepath.Base(names[0])
	key, rest := name[:52], name[52:]
	fields := strings.Split(rest, "-")
	join := func(fields ...string) string { return strings.Join(fields, "-") }
	for _, tt := range []struct {
		reason string
		name   string
		want   bool
	}{
		{"a copy", name, true},
		{"one with another hash", join(key, fields[1], fields[2], fields[3], fields[1]), true},
		{"nothing", "", false},
		{"a key", key, false},
		{"no tag", join(key, fields[1], fields[2], fields[3]), false},
		{"too much", name + "-0", false},
		{"a tag that is none", join(key, fields[1], fields[2], fields[3], "1"), false},
		{"a size that is none", join(key, fields[1], fields[2], "?", "0"), false},
		{"a negative size", join(key, fields[1], fields[2], "-1", "0"), false},
		{"a time that is none", join(key, fields[1], "", fields[3], "0"), false},
		{"another spelling", join(key, fields[1], "0"+fields[2], fields[3], "0"), false},
		{"a short version", join(key, fields[1][1:], fields[2], fields[3], "0"), false},
	} {
		if got := cache.ParseName(tt.name); got != tt.want {
			t.Errorf("%s: %s: got %v, want %v", tt.reason, tt.name, got, tt.want)
		}
	}
}

// Tenants have copies of their own if they are in the key.
func TestTenants(t *testing.T) {
	c := newCache(t)
	for range 2 {
		for _, tenant := range []string{"acme", "globex"} {
			g := &recipe{content: "orders of " + tenant, etag: `"2024"`}
			if got := take(t, c, tenant+"/orders", g); got != g.content {
				t.Errorf("%s got %q", tenant, got)
			}
		}
	}
	if s := c.Stats(); s.Misses != 2 || s.Hits != 2 {
		t.Errorf("%+v, want two of each", s)
	}
}

// What the generator declares of the bytes is part of the identity.
func TestVersions(t *testing.T) {
	monday := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		reason string
		file   func(*files.VirtualFile)
		runs   int32
	}{
		{"another tag", func(f *files.VirtualFile) { f.ETag = `"v2"` }, 1},
		{"another size", func(f *files.VirtualFile) { f.Size = 1000 }, 1},
		{"another type", func(f *files.VirtualFile) { f.ContentType = "text/csv" }, 1},
		{"a time beside a tag is not asked", func(f *files.VirtualFile) { f.ETag, f.ModTime = `"v1"`, monday }, 0},
		{"another name is the same content", func(f *files.VirtualFile) { f.ETag, f.Name = `"v1"`, "other.txt" }, 0},
		{"a time without a tag", func(f *files.VirtualFile) { f.ETag, f.ModTime = "", monday }, 1},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			c := newCache(t)
			take(t, c, "k", &recipe{content: lines(100), etag: `"v1"`})
			g := &recipe{content: lines(100), etag: `"v1"`, file: tt.file}
			for range 2 {
				take(t, c, "k", g)
			}
			if got := g.runs.Load(); got != tt.runs {
				t.Errorf("%d runs, want %d", got, tt.runs)
			}
		})
	}
}

// Times that stand for "not known" are no versions.
func TestTimesThatAreNone(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: lines(100)}
	for _, modTime := range []time.Time{{}, time.Unix(1, 0), time.Date(1980, time.January, 2, 23, 59, 59, 0, time.UTC)} {
		g.file = func(f *files.VirtualFile) { f.ModTime = modTime }
		take(t, c, "k", g)
	}
	if got := g.runs.Load(); got != 1 {
		t.Errorf("%d runs, want one", got)
	}
}
