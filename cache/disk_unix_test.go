//go:build unix

package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-downloadview/downloadview/cache"
)

func init() { children["filled"] = fillDisk }

// fillDisk has a limit on the size of files, which fails writes as a full disk
// does, and prints what comes of it.
func fillDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stdout, nil)))
	limit := func(change func(*syscall.Rlimit)) { // whose fields are signed on FreeBSD
		var rlimit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &rlimit); err != nil {
			panic(err)
		}
		change(&rlimit)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &rlimit); err != nil {
			panic(err)
		}
	}
	limit(func(r *syscall.Rlimit) { r.Cur = 600_000 })
	c := childCache(cache.Options{})
	g, openGate := gated(lines(100_000))
	first, err1 := c.File(context.Background(), "k", g.open)
	second, err2 := c.File(context.Background(), "k", g.open)
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	for _, f := range []fs.File{first, second} {
		if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
			panic(err)
		}
	}
	openGate()
	var readers sync.WaitGroup
	for i, f := range []fs.File{first, second} {
		readers.Go(func() {
			var head []byte
			if i == 0 {
				head = make([]byte, 800_000) // more than there is room for
				if _, err := io.ReadFull(f, head); err != nil {
					panic(err)
				}
				late, err := c.File(context.Background(), "k", g.open)
				if err != nil {
					panic(err)
				}
				content, err := io.ReadAll(late)
				fmt.Println("late reader:", string(content) == g.content, err)
				late.Close()
			}
			rest, err := io.ReadAll(f)
			fmt.Println("reader:", string(head)+string(rest) == g.content[1000:], err)
			f.Close()
		})
	}
	readers.Wait()
	c.Settle()
	entries, err := fs.ReadDir(c.Root().FS(), ".")
	fmt.Println("left:", len(entries), err)

	small := &recipe{content: lines(100)}
	f, err := c.File(context.Background(), "small", small.open)
	if err != nil {
		panic(err)
	}
	content, err := io.ReadAll(f)
	fmt.Println("what fits:", string(content) == small.content, err)
	f.Close()

	limit(func(r *syscall.Rlimit) { r.Cur = 1 << 40 })
	f, err = c.File(context.Background(), "k", g.open)
	if err != nil {
		panic(err)
	}
	content, err = io.ReadAll(f)
	fmt.Println("with space again:", string(content) == g.content, err)
	f.Close()
	c.Close()
	fmt.Printf("stats: %+v\n", c.Stats())
}

// A full disk is the copy's end, and nobody's download's. It is logged once a
// run, and leaves nothing; when there is space again, all is well.
func TestFullDisk(t *testing.T) {
	cmd := child(t, "filled", t.TempDir())
	raw, err := cmd.Output()
	out := string(raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"late reader: true <nil>\n",
		"left: 0 <nil>\n",
		"what fits: true <nil>\n",
		"with space again: true <nil>\n",
		"Misses:4 Joined:1 Bypassed:0 Fetched:0 Failed:0 ",
		"Growing:0}",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output has no %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "reader: true <nil>\n"); n != 3 {
		t.Errorf("%d readers got all, want three:\n%s", n, out)
	}
	if n := strings.Count(out, syscall.EFBIG.Error()); n != 2 {
		t.Errorf("the cause was logged %d times, want once for each run:\n%s", n, out)
	}
}
