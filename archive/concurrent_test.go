package archive_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// Downloads at the same time share entries, and nothing else.
func TestAtOnce(t *testing.T) {
	entries := mixed(new(watch))
	want := whole(t, entries)
	srv := httptest.NewServer(views.AsView(view(entries)))
	defer srv.Close()
	defer srv.Client().CloseIdleConnections()
	var downloads sync.WaitGroup
	for i := range 8 {
		downloads.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if i%2 == 1 {
				req.Header.Set("Range", "bytes=0-")
			}
			resp, err := srv.Client().Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("download %d: %d bytes of %d, or others, %v", i, len(got), len(want), err)
			}
		})
	}
	downloads.Wait()
}

// flat downloads an archive of entries and returns the most memory that was in use
// on the way, beyond what was before.
func flat(tb testing.TB, entries []archive.Entry) (most int64) {
	srv := httptest.NewServer(views.AsView(view(entries)))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 256<<10)
	before := memory()
	for {
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(resp.Body, 64<<20), buf)
		if err != nil {
			tb.Fatal(err)
		}
		if n == 0 {
			return most
		}
		most = max(most, memory()-before)
	}
}

// memory returns the bytes of heap and stacks in use.
func memory() int64 {
	runtime.GC()
	runtime.GC() // what a pool still has goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// However long an archive is, the memory that it takes stays the same.
func TestMemoryIsFlat(t *testing.T) {
	size := int64(100 << 20)
	if *big {
		size = 2 << 30
	}
	for _, known := range []bool{true, false} {
		var entries []archive.Entry
		for i := range 5 {
			entries = append(entries, zeros(i, size, known))
		}
		if most := flat(t, entries); most > 1<<20 {
			t.Errorf("CRC-32 known: %v: an archive of %d bytes took %d of memory, want less than 1 MiB", known, 5*size, most)
		}
	}
}

// Clients that are slow in the middle of what is compressed hold no compressor,
// which takes half a megabyte.
func TestSlowClients(t *testing.T) {
	const clients, most = 300, 100 << 10
	noise := make([]byte, 256<<10)
	rand.NewChaCha8([32]byte{}).Read(noise)
	entry := archive.Entry{Name: "a", Size: -1, Open: func(context.Context) (fs.File, error) {
		return files.NewVirtualFile(io.MultiReader(bytes.NewReader(noise)), "a"), nil
	}}
	before := memory()
	stopped, release := make(chan struct{}), make(chan struct{})
	var ended sync.WaitGroup
	for range clients {
		z := newZip(t, []archive.Entry{entry})
		ended.Go(func() {
			defer z.Close()
			if _, err := io.CopyBuffer(&stopping{stopped: stopped, release: release}, struct{ io.Reader }{z}, make([]byte, 1000)); err != nil {
				t.Error(err)
			}
		})
	}
	for range clients {
		<-stopped
	}
	if each := (memory() - before) / clients; each > most {
		t.Errorf("each of %d slow clients holds %d bytes, want %d at most", clients, each, most)
	}
	close(release)
	ended.Wait()
}

// stopping is a writer that stops on its way.
type stopping struct {
	n                int
	stopped, release chan struct{}
}

func (w *stopping) Write(p []byte) (int, error) {
	if w.n++; w.n == 100 {
		w.stopped <- struct{}{}
		<-w.release
	}
	return len(p), nil
}
