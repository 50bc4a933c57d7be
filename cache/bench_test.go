package cache_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

const benchSize = 64 << 20

// benchGenerators write benchSize bytes.
var benchGenerators = []struct {
	name  string
	write func(w io.Writer) error
}{
	{"free", func(w io.Writer) error { return writeMebibytes(w, 0) }},
	{"1ms-a-MiB", func(w io.Writer) error { return writeMebibytes(w, time.Millisecond) }},
	{"rows-of-32-bytes", func(w io.Writer) error {
		row := []byte(strings.Repeat("x", 31) + "\n")
		for range benchSize / len(row) {
			if _, err := w.Write(row); err != nil {
				return err
			}
		}
		return nil
	}},
}

// writeMebibytes writes mebibytes that take so much time of the processor each.
func writeMebibytes(w io.Writer, cost time.Duration) error {
	piece := make([]byte, 64<<10)
	for n := range benchSize / len(piece) {
		if n%16 == 0 {
			for begun := time.Now(); time.Since(begun) < cost; {
			}
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkGrowing is a download by so many clients at once of what was not there
// before: of a copy that grows, and generated for each. An op is all of them.
func BenchmarkGrowing(b *testing.B) {
	for _, generator := range benchGenerators {
		open := func(context.Context) (fs.File, error) {
			return files.NewVirtualFile(files.NewWriterIO(generator.write), "content.bin"), nil
		}
		for _, clients := range []int{1, 8} {
			c := newCache(b)
			for _, by := range []struct {
				name string
				file views.FileFunc
			}{
				{"downloadview", func(r *http.Request) (fs.File, error) { return c.File(r.Context(), r.URL.Path, open) }},
				{"rival", func(r *http.Request) (fs.File, error) { return open(r.Context()) }},
			} {
				b.Run(fmt.Sprintf("generator=%s/clients=%d/vs=generating-for-each/by=%s", generator.name, clients, by.name), func(b *testing.B) {
					srv := httptest.NewServer(views.AsView(by.file))
					defer srv.Close()
					b.SetBytes(int64(clients) * benchSize)
					for i := 0; b.Loop(); i++ {
						downloadAtOnce(b, clients, srv.URL+"/"+strconv.Itoa(i))
						b.StopTimer()
						c.Settle()
						if err := c.Clear(); err != nil {
							b.Fatal(err)
						}
						b.StartTimer()
					}
				})
			}
		}
	}
}

func downloadAtOnce(b *testing.B, clients int, url string) {
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			resp, err := http.Get(url)
			if err != nil {
				b.Error(err)
				return
			}
			defer resp.Body.Close()
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, make([]byte, 256<<10))
			if n != benchSize || err != nil {
				b.Errorf("%d bytes, %v", n, err)
			}
		})
	}
	all.Wait()
}

// BenchmarkFinished is a download of a finished copy, beside http.ServeFile.
func BenchmarkFinished(b *testing.B) {
	for _, size := range []int64{1 << 10, 1 << 20, 100 << 20} {
		c := newCache(b)
		open := func(context.Context) (fs.File, error) {
			f := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				_, err := w.Write(make([]byte, size))
				return err
			}), "content.bin")
			f.ETag = `"v1"`
			return f, nil
		}
		f, err := c.File(b.Context(), "k", open)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, f); err != nil {
			b.Fatal(err)
		}
		f.Close()
		c.Settle()
		names, _ := copiesIn(b, c)
		path := filepath.Join(c.Root().Name(), names[0])
		duel.Run(b, "vs=ServeFile", fmt.Sprintf("size=%dKiB", size>>10), "/", size,
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f, err := c.File(r.Context(), "k", open)
				if err != nil {
					b.Error(err)
					return
				}
				response.New(f, response.Options{}).ServeHTTP(w, r)
			}),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
	}
}

// BenchmarkKeys is what File costs in a cache of so many copies, and how long a
// request waits at most while a process starts.
func BenchmarkKeys(b *testing.B) {
	for _, n := range []int{10_000, 200_000} {
		if testing.Short() && n > 10_000 {
			continue
		}
		b.Run("copies="+strconv.Itoa(n), func(b *testing.B) { benchKeys(b, n) })
	}
}

func benchKeys(b *testing.B, n int) {
	c := newCache(b)
	fill(b, c.Root(), n)
	g := &recipe{content: "content", etag: `"v1"`, sized: true}
	ask := func(c *cache.Cache, key string) {
		f, err := c.File(b.Context(), key, g.open)
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	b.Run("kept", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			ask(c, "key "+strconv.Itoa(i%n))
		}
	})
	b.Run("absent", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			ask(c, "no key "+strconv.Itoa(i))
		}
	})
	b.Run("start", func(b *testing.B) {
		worst, before := time.Duration(0), memory()
		for b.Loop() {
			again := mustNew(c.Root(), cache.Options{})
			swept := make(chan struct{})
			go func() {
				again.Settle()
				close(swept)
			}()
			for i := 0; ; i++ {
				begun := time.Now()
				ask(again, "no key "+strconv.Itoa(i))
				worst = max(worst, time.Since(begun))
				select {
				case <-swept:
				default:
					continue
				}
				break
			}
			if got := again.Stats().Copies; got != n {
				b.Fatalf("%d copies, want %d", got, n)
			}
			b.ReportMetric(float64(memory()-before)/float64(n), "B/copy")
			again.Close()
		}
		b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst-wait")
	})
}

// BenchmarkWaitingReaders tells how much memory a reader takes that waits for what
// is not there yet, over HTTP/1.1, beside a download that is generated for itself
// and waits.
func BenchmarkWaitingReaders(b *testing.B) {
	const readers = 500
	for _, by := range []string{"downloadview", "rival"} {
		b.Run("by="+by, func(b *testing.B) {
			for b.Loop() {
				c := newCache(b)
				gate := make(chan struct{})
				var waiting sync.WaitGroup
				waiting.Add(readers)
				g := &recipe{produce: func(_ context.Context, w io.Writer) error {
					if _, err := io.WriteString(w, "half"); err != nil {
						return err
					}
					<-gate
					return nil
				}}
				srv := httptest.NewServer(views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
					if by == "rival" {
						return g.open(r.Context())
					}
					return c.File(r.Context(), "k", g.open)
				})))
				before := memory()
				var all sync.WaitGroup
				for range readers {
					all.Go(func() {
						resp, err := http.Get(srv.URL)
						if err != nil {
							b.Error(err)
							waiting.Done()
							return
						}
						defer resp.Body.Close()
						_, err = io.ReadFull(resp.Body, make([]byte, 4))
						waiting.Done()
						if err == nil {
							_, err = io.Copy(io.Discard, resp.Body)
						}
						if err != nil {
							b.Error(err)
						}
					})
				}
				waiting.Wait()
				b.ReportMetric(float64(memory()-before)/readers/1024, "KiB/reader-and-client")
				close(gate)
				all.Wait()
				srv.Close()
				c.Settle()
			}
		})
	}
}

func memory() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the buffers of a sync.Pool go with the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// fill puts n copies of "content" into an empty directory, without the syncing.
func fill(b *testing.B, root *os.Root, n int) {
	b.Helper()
	g := &recipe{content: "content", etag: `"v1"`, sized: true}
	for i := range n {
		path := cache.CopyPath(b.Context(), "key "+strconv.Itoa(i), g.content, g.open)
		if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := root.WriteFile(path, []byte(g.content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
