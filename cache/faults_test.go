//go:build linux

package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// need skips the test without a program, and fails where nothing may be skipped.
func need(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("%s: %v", what, err)
	case err != nil:
		t.Skipf("%s: %v", what, err)
	}
}

// small returns a file system of its own, with a size or a number of inodes that a
// few copies fill.
func small(t *testing.T, options string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a file system")
	}
	dir := t.TempDir()
	need(t, "mounting a tmpfs", syscall.Mount("tmpfs", dir, "tmpfs", 0, options))
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A disk that is full of old copies, or of something else, loses no download: of
// forty all are whole. What fits is kept, in place of older copies.
func TestFullFileSystem(t *testing.T) {
	for _, tt := range []struct {
		reason, options string
		filled          bool // by somebody else
		size            int  // of each copy
		kept            int  // at least
	}{
		{"of old copies", "size=4m", false, 900_000, 3},
		{"of copies that are larger than all of it", "size=1m", false, 3_000_000, 0},
		{"by somebody else", "size=4m", true, 900_000, 0},
		{"out of inodes", "nr_inodes=16", false, 1000, 1}, // the directory, 10 in it, a draft for each client, one copy
	} {
		t.Run(tt.reason, func(t *testing.T) {
			dir := small(t, tt.options)
			slog.SetDefault(slog.New(slog.DiscardHandler))
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			c := mustNew(root, cache.Options{})
			if tt.filled {
				if err := os.WriteFile(filepath.Join(dir, "mine"), make([]byte, 8<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("the file system is not full: %v", err)
				}
			}
			for round := range 10 {
				var clients sync.WaitGroup
				g := &recipe{content: lines(tt.size / 10)}
				for range 4 {
					clients.Go(func() {
						f, err := c.File(t.Context(), fmt.Sprint(round), g.open)
						if err != nil {
							t.Error(err)
							return
						}
						defer f.Close()
						if got, err := io.ReadAll(f); err != nil || string(got) != g.content {
							t.Errorf("round %d: %d bytes that are not the content, %v", round, len(got), err)
						}
					})
				}
				clients.Wait()
				c.Settle()
			}
			names, _ := copiesIn(t, c)
			if temps, _ := filepath.Glob(filepath.Join(dir, "temp-*")); len(names) < tt.kept || len(temps) > 0 {
				t.Errorf("kept are %q, left %q, %+v", names, temps, c.Stats())
			}
			c.Close()
			if open := openIn(dir); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}

// A process that has no descriptor left for a moment waits for one; it does not
// generate again what is kept. Without any, downloads go without a copy.
func TestOutOfDescriptors(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: lines(10_000)}
	take(t, c, "k", g)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	few := old
	few.Cur = 64
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old)
	var taken []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		taken = append(taken, f)
	}
	free := time.AfterFunc(50*time.Millisecond, func() {
		for _, f := range taken {
			f.Close()
		}
	})
	defer free.Stop()
	for range 20 {
		f, err := c.File(t.Context(), "k", g.open)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != g.content {
			t.Errorf("%d bytes that are not the content, %v", len(got), err)
		}
		f.Close()
	}
	if g.runs.Load() != 1 {
		t.Errorf("%d runs", g.runs.Load())
	}
}

func init() { children["faulty"] = faulty }

// faulty makes, reads and removes copies while system calls of this process fail, and
// tells of every download that is not what it should be.
func faulty() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	bad := 0
	for round := range 3 {
		c := childCache(cache.Options{MaxBytes: 3_000_000})
		var clients sync.WaitGroup
		results := make(chan string, 100)
		for key := range 6 {
			g := &recipe{content: fmt.Sprintf("%09d\n", key) + lines(20_000), sized: key%2 == 0}
			if key%3 == 0 {
				g.etag = `"v1"`
			}
			for range 3 {
				clients.Go(func() {
					f, err := c.File(context.Background(), fmt.Sprint(key), g.open)
					if err != nil {
						results <- "refused: " + err.Error()
						return
					}
					got, err := io.ReadAll(f)
					f.Close()
					switch {
					case err == nil && string(got) != g.content:
						results <- "WRONG"
					case !strings.HasPrefix(g.content, string(got)):
						results <- "WRONG, and broken"
					case err != nil:
						results <- "broken: " + err.Error()
					default:
						results <- "whole"
					}
				})
			}
			if key == 3 {
				clients.Wait()
			}
		}
		clients.Wait()
		c.Settle()
		close(results)
		for result := range results {
			if result != "whole" {
				bad++
				fmt.Println(round, result)
			}
		}
		names, _ := fs.Glob(c.Root().FS(), "*/*")
		fmt.Println("kept:", len(names))
		c.Close()
	}
	fmt.Println("bad:", bad)
}

// System calls that fail, one after another or all of them, lose no download but
// where bytes that a reader has had the beginning of cannot be read back; nothing
// wrong is sent or kept.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of faults")
	}
	const all, some = 1, 0
	strace, err := exec.LookPath("strace")
	need(t, "strace", err)
	t.Parallel()
	for _, tt := range []struct {
		call   string
		errors string
		whole  int // downloads
		keeps  int // copies, though every call fails: 1, or -1: none
	}{
		{"openat", "EMFILE ENOSPC EIO", all, 0}, // first, for each file waits a second
		{"fsync", "EINVAL EPERM EOPNOTSUPP ENOSYS", all, 1},
		{"fsync", "EIO ENOSPC", all, -1},
		{"utimensat", "EINVAL EPERM EIO", all, 1},
		{"pwrite64", "ENOSPC EIO EDQUOT EFBIG", all, -1},
		{"renameat,renameat2", "ENOSPC EIO EACCES", all, -1},
		{"mkdirat", "ENOSPC EMFILE EIO", all, -1},
		{"flock", "ENOSYS ENOLCK", all, 1},
		{"unlinkat", "EACCES EIO", all, 1},
		{"pread64", "EIO", some, 1},
		{"getdents64", "EIO", all, 0},
		{"close", "EIO", all, 1},
	} {
		for _, errno := range strings.Fields(tt.errors) {
			whens := []string{"1+", "2+3", "5+7"}
			if tt.call == "pread64" || tt.call == "close" {
				whens = []string{"30+", "31+3", "35+7"} // the first are for loading the program
			}
			for _, when := range whens {
				t.Run(tt.call+"/"+errno+"/"+when, func(t *testing.T) {
					t.Parallel()
					dir := t.TempDir()
					cmd := child(t, "faulty", dir)
					args := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + tt.call,
						"-e", "inject=" + tt.call + ":error=" + errno + ":when=" + when}
					if tt.call == "openat" || tt.call == "getdents64" {
						args = append(args, "-P", dir) // the process needs others
					}
					args = append(args, os.Args[0])
					traced := exec.CommandContext(t.Context(), strace, args...)
					traced.Env, traced.Dir = cmd.Env, cmd.Dir
					raw, err := traced.CombinedOutput()
					out := string(raw)
					if err != nil || strings.Contains(out, "WRONG") || strings.Contains(out, "refused") {
						t.Fatalf("%v\n%s", err, out)
					}
					if tt.whole == all && !strings.Contains(out, "bad: 0\n") {
						t.Errorf("downloads were lost:\n%s", out)
					}
					none, every := strings.Contains(out, "kept: 0\n"), strings.HasSuffix(when, "+")
					if tt.keeps == 1 && none || tt.keeps == -1 && every && !none {
						t.Errorf("kept are others than expected:\n%s", out)
					}
				})
			}
		}
	}
}

// A reader that does not move holds up others for a while only, when there is no room
// for a copy.
func TestFullFileSystemAndASlowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as others wait")
	}
	dir := small(t, "size=1m")
	t.Parallel()
	servertest.CaptureLog(t)
	c := cacheIn(t, dir)
	g := &recipe{content: lines(300_000)}
	stalls := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, stalls, 1000); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if got, err := io.ReadAll(mustFile(t, c, t.Context(), "k", g)); err != nil || string(got) != g.content {
		t.Errorf("%d bytes that are not the content, %v", len(got), err)
	}
	if took := time.Since(begun); took < cache.StallPatience/2 || g.runs.Load() != 1 {
		t.Logf("it took %v, %d runs: the first has read too little to be waited for", took, g.runs.Load())
	}
	if _, err := io.ReadAll(stalls); err == nil {
		t.Error("the reader that was left behind has got the whole")
	}
}
