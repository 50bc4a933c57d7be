package response_test

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// crowd is a server of generated downloads, and what it knows of them.
type crowd struct {
	srv      *httptest.Server
	size     int64
	started  chan struct{} // one for each generator that runs
	stopped  chan struct{} // one for each whose deferred functions ran
	closed   atomic.Int64  // files
	finished chan response.Outcome
}

// newCrowd returns a server of downloads of the given size. Its sockets buffer
// little, so that a client that does not read holds up its producer.
func newCrowd(tb testing.TB, n int, size int64) *crowd {
	c := &crowd{
		size:     size,
		started:  make(chan struct{}, n),
		stopped:  make(chan struct{}, n),
		finished: make(chan response.Outcome, n),
	}
	piece := strings.Repeat("x", 1<<10)
	c.srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := servertest.Count(generated(func(yield func(string) bool) {
			c.started <- struct{}{}
			defer func() { c.stopped <- struct{}{} }()
			for range size / int64(len(piece)) {
				if !yield(piece) {
					return
				}
			}
		}))
		send(file, response.Options{OnDone: func(_ *http.Request, o response.Outcome) {
			c.closed.Add(int64(file.Closed()))
			c.finished <- o
		}}).ServeHTTP(w, r)
	}))
	c.srv.Listener = smallBuffers{c.srv.Listener}
	c.srv.Start()
	tb.Cleanup(c.srv.Close)
	return c
}

// join starts a download and reads no more than its head.
func (c *crowd) join(tb testing.TB) (net.Conn, *bufio.Reader) {
	conn, err := net.Dial("tcp", c.srv.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	if err := conn.(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
		tb.Fatal(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	return conn, bufio.NewReaderSize(conn, 512)
}

// smallBuffers is a listener whose connections buffer little.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(16 << 10)
	}
	return conn, err
}

// await receives n values of c, or fails after a while.
func await[T any](tb testing.TB, what string, c <-chan T, n int) []T {
	tb.Helper()
	deadline := time.After(30 * time.Second)
	values := make([]T, 0, n)
	for len(values) < n {
		select {
		case v := <-c:
			values = append(values, v)
		case <-deadline:
			tb.Fatalf("%s: %d of %d after 30 s", what, len(values), n)
		}
	}
	return values
}

// memory returns the bytes of memory in use, stacks included.
func memory() int64 {
	runtime.GC()
	runtime.GC() // what the first moved to the pools' victims goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// A thousand clients that hardly read take little memory each; half of them
// leave, the others get all, and nothing remains of any.
func TestThousandSlowDownloads(t *testing.T) {
	defer goleak.VerifyNone(t)
	const n = 1000
	c := newCrowd(t, n, 256<<10)
	before := memory()

	conns := make([]net.Conn, n)
	readers := make([]*bufio.Reader, n)
	for i := range n {
		conns[i], readers[i] = c.join(t)
		defer conns[i].Close()
	}
	await(t, "generators that started", c.started, n)
	perDownload := (memory() - before) / n
	t.Logf("%d KiB of memory for each download, client and connection included", perDownload>>10)
	if perDownload > 1<<20 {
		t.Errorf("%d bytes of memory for each download, want less than 1 MiB", perDownload)
	}

	for _, conn := range conns[:n/2] {
		conn.Close()
	}
	var downloads sync.WaitGroup
	for i := n / 2; i < n; i++ {
		downloads.Go(func() {
			resp, err := http.ReadResponse(readers[i], nil)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := io.Copy(io.Discard, resp.Body); err != nil || got != c.size {
				t.Errorf("download %d: %d bytes of %d, %v", i, got, c.size, err)
			}
		})
	}
	downloads.Wait()
	complete := 0
	await(t, "generators that stopped", c.stopped, n)
	for _, o := range await(t, "outcomes", c.finished, n) {
		if o.Ending == response.Complete {
			complete++
		}
	}
	if complete != n/2 {
		t.Errorf("%d downloads were complete, want %d", complete, n/2)
	}
	if got := c.closed.Load(); got != n {
		t.Errorf("%d files were closed, want %d", got, n)
	}
	c.srv.Close()
}

// zeroFile is content of any size that is generated piece by piece.
func zeroFile(size int64) *files.VirtualFile {
	piece := make([]byte, 64<<10)
	return files.NewVirtualFile(files.NewBytesIteratorIO(func(yield func([]byte) bool) {
		for rest := size; rest > 0; rest -= int64(len(piece)) {
			if !yield(piece[:min(rest, int64(len(piece)))]) {
				return
			}
		}
	}), "zeros.bin")
}

// downloadFlat downloads size generated bytes and returns the most memory that
// was in use on the way, beyond what was before.
func downloadFlat(tb testing.TB, size int64) (most int64) {
	srv := httptest.NewServer(download(func() fs.File { return zeroFile(size) }))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 256<<10)
	before := memory()
	const looks = 8
	for i := range looks {
		part := size / looks
		if i == looks-1 {
			part = size - part*(looks-1)
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(resp.Body, part), buf)
		if err != nil || n != part {
			tb.Fatalf("%d bytes of %d, %v", n, part, err)
		}
		most = max(most, memory()-before)
	}
	return most
}

// However much is generated, the memory that it takes stays the same.
func TestMemoryIsFlat(t *testing.T) {
	if most := downloadFlat(t, 512<<20); most > 1<<20 {
		t.Errorf("a download of 512 MiB took %d bytes of memory, want less than 1 MiB", most)
	}
}

// BenchmarkMemory10GiB is TestMemoryIsFlat for 10 GiB.
func BenchmarkMemory10GiB(b *testing.B) {
	const size = 10 << 30
	b.SetBytes(size)
	for b.Loop() {
		most := downloadFlat(b, size)
		b.ReportMetric(float64(most), "peak-B")
		if most > 1<<20 {
			b.Errorf("a download of 10 GiB took %d bytes of memory, want less than 1 MiB", most)
		}
	}
}

// BenchmarkSlowClients tells what a download takes whose client does not read.
func BenchmarkSlowClients(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("downloads=%d", n), func(b *testing.B) {
			for b.Loop() {
				c := newCrowd(b, n, 256<<10)
				before := memory()
				conns := make([]net.Conn, n)
				for i := range n {
					conns[i], _ = c.join(b)
				}
				await(b, "generators that started", c.started, n)
				b.ReportMetric(float64((memory()-before)/int64(n)), "B/download")
				for _, conn := range conns {
					conn.Close()
				}
				await(b, "outcomes", c.finished, n)
				c.srv.Close()
			}
		})
	}
}
