package cache_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/cache"
)

// BenchmarkReaders is how long a generator takes while so many readers wait for
// what it makes, and take it at once. The generator works all the time, or waits a
// millisecond for each row, as for a database.
func BenchmarkReaders(b *testing.B) {
	row := []byte(lines(10))
	for _, generator := range []struct {
		name string
		rows int
		work func()
	}{
		{"busy", 20_000, func() {
			for begun := time.Now(); time.Since(begun) < 20*time.Microsecond; {
			}
		}},
		{"waiting", 400, func() { time.Sleep(time.Millisecond) }},
	} {
		for _, readers := range []int{1, 100, 5000} {
			b.Run(fmt.Sprintf("generator=%s/readers=%d", generator.name, readers), func(b *testing.B) {
				c := newCache(b)
				took := time.Duration(0)
				for i := 0; b.Loop(); i++ {
					gate := make(chan struct{})
					g := &recipe{produce: func(_ context.Context, w io.Writer) error {
						w.Write(row)
						<-gate
						defer func(begun time.Time) { took += time.Since(begun) }(time.Now())
						for range generator.rows {
							generator.work()
							if _, err := w.Write(row); err != nil {
								return err
							}
						}
						return nil
					}}
					key := fmt.Sprint(i)
					var all sync.WaitGroup
					for range readers {
						f := mustFile(b, c, b.Context(), key, g)
						if _, err := io.ReadFull(f, make([]byte, len(row))); err != nil {
							b.Fatal(err)
						}
						all.Go(func() {
							if n, err := io.Copy(io.Discard, f); err != nil || n != int64(generator.rows*len(row)) {
								b.Errorf("%d bytes, %v", n, err)
							}
							f.Close()
						})
					}
					close(gate)
					all.Wait()
					c.Settle()
					if s := c.Status(key); s.State != cache.Kept {
						b.Fatal(s)
					}
				}
				b.ReportMetric(took.Seconds()*1000/float64(b.N), "ms-generating/op")
			})
		}
	}
}
