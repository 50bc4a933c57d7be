package cache_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-downloadview/downloadview/cache"
)

// childVariable names, in the environment of a process, which of children it is.
const childVariable = "DOWNLOADVIEW_CACHE_CHILD"

var children = map[string]func(){
	"half":  generateHalf,
	"share": shareDirectory,
}

// child is another process of the test binary, with a cache over dir.
func child(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	cmd.Dir = dir
	return cmd
}

// childCache returns a child's cache: over its working directory.
func childCache(opts cache.Options) *cache.Cache {
	root, err := os.OpenRoot(".")
	if err != nil {
		panic(err)
	}
	return mustNew(root, opts)
}

// generateHalf generates half of a content, says so, and waits for its end.
func generateHalf() {
	g, _ := gated(lines(100_000))
	f, err := childCache(cache.Options{}).File(context.Background(), "k", g.open)
	if err != nil {
		panic(err)
	}
	if _, err := io.CopyN(io.Discard, f, 500_000); err != nil {
		panic(err)
	}
	fmt.Println("half")
	time.Sleep(time.Minute) // without cgo, the runtime ends a program that waits for nothing
}

// A process that is killed midway leaves nothing that is taken for whole, and the
// next that starts removes what it leaves. What is alive stays, however old it is;
// and so do files of others.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	half := func() *exec.Cmd {
		cmd := child(t, "half", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fscanln(out, new(string)); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	kill := func(cmd *exec.Cmd) {
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
	}
	temps := func() []string {
		names, _ := filepath.Glob(filepath.Join(dir, "temp-*"))
		return names
	}
	alive := half()
	defer kill(alive)
	living := temps()
	kill(half())
	old := time.Now().Add(-100 * time.Hour)
	for _, temp := range temps() {
		if err := os.Chtimes(temp, old, old); err != nil {
			t.Fatal(err)
		}
	}
	foreign := filepath.Join(dir, "temp-notes.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(living) != 1 || len(temps()) != 3 {
		t.Fatalf("there are %q", temps())
	}

	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	c := mustNew(root, cache.Options{})
	defer c.Close()
	c.Settle()
	if diff := cmp.Diff(append(living, foreign), temps(), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("left are other files than those of the living process, and foreign ones (-want +got):\n%s", diff)
	}
	g := &recipe{content: lines(100_000)}
	if got := take(t, c, "k", g); got != g.content || g.runs.Load() != 1 {
		t.Errorf("after a restart: %d bytes by %d runs", len(got), g.runs.Load())
	}
}

const (
	sharedKeys   = 20
	sharedRounds = 5
)

// shareDirectory reads all keys, in rounds, with a bound that makes copies go
// all the time, and fails loudly.
func shareDirectory() {
	c := childCache(cache.Options{MaxBytes: sharedKeys * 100_000 / 4})
	readAll(c, func(format string, args ...any) { panic(fmt.Sprintf(format, args...)) })
	c.Close()
}

func readAll(c *cache.Cache, fail func(format string, args ...any)) {
	for round := range sharedRounds {
		for i := range sharedKeys {
			key := (i*7 + round) % sharedKeys
			g := &recipe{content: fmt.Sprintf("%09d\n", key) + lines(10_000), sized: key%2 == 0}
			f, err := c.File(context.Background(), fmt.Sprint(key), g.open)
			if err != nil {
				fail("round %d, key %d: %v", round, key, err)
				return
			}
			content, err := io.ReadAll(f)
			if f.Close(); err != nil || string(content) != g.content {
				fail("round %d, key %d: %d bytes that are not the content, %v", round, key, len(content), err)
			}
		}
	}
}

// Processes that use one directory may take copies away from each other, and
// make the same at the same time. It costs work, and never an answer.
func TestSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	c := cacheIn(t, dir, cache.Options{MaxBytes: sharedKeys * 100_000 / 4})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if out, err := child(t, "share", dir).CombinedOutput(); err != nil {
				t.Errorf("another process: %v\n%s", err, out)
			}
		})
	}
	readAll(c, t.Errorf)
	all.Wait()
	c.Settle()
}

// A copy that one process has made is a hit in another.
func TestCopyOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	g := &recipe{content: lines(1000)}
	one, other := cacheIn(t, dir), cacheIn(t, dir)
	if _, err := other.File(t.Context(), "absent", g.open); err != nil { // it has looked at the directory
		t.Fatal(err)
	}
	take(t, one, "k", g)
	if got := take(t, other, "k", g); got != g.content || g.runs.Load() != 1 {
		t.Errorf("%d runs, want one", g.runs.Load())
	}
	if err := one.Remove("k"); err != nil {
		t.Fatal(err)
	}
	if got := take(t, other, "k", g); got != g.content || g.runs.Load() != 2 {
		t.Errorf("%d runs after the copy was removed, want two", g.runs.Load())
	}
}
