package archive_test

import (
	"archive/zip"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/views"
)

// The benchmarks send real answers over loopback connections, each beside the
// rival that a Go program would otherwise use. docs/performance.md says how to
// compare them, and what came out.

// tree returns entries for n files on disk, with as many bytes altogether as size.
func tree(b *testing.B, n int, size int64) []archive.Entry {
	b.Helper()
	dir := b.TempDir()
	content := make([]byte, size/int64(n))
	for i := range content {
		content[i] = byte(i)
	}
	for i := range n {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("file %03d.bin", i)))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil { // or the system writes it back while others are measured
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = root.Close() })
	entries, err := archive.FromFS(root.FS(), ".", nil)
	if err != nil {
		b.Fatal(err)
	}
	return entries
}

// withCRC returns entries whose CRC-32 is known.
func withCRC(b *testing.B, entries []archive.Entry) []archive.Entry {
	b.Helper()
	known := make([]archive.Entry, len(entries))
	for i, e := range entries {
		f, err := e.Open(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		h := crc32.NewIEEE()
		if _, err := io.Copy(h, f); err != nil {
			b.Fatal(err)
		}
		f.Close()
		e.CRC32 = h.Sum32()
		known[i] = e
	}
	return known
}

// writeZip is what a program does that has package archive/zip only.
func writeZip(w io.Writer, entries []archive.Entry) error {
	zw := zip.NewWriter(w)
	for _, e := range entries {
		entry, err := zw.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Store, Modified: e.ModTime})
		if err != nil {
			return err
		}
		f, err := e.Open(context.Background())
		if err != nil {
			return err
		}
		_, err = io.Copy(entry, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	return zw.Close()
}

// straight writes into the response, and piped into a pipe. Both are made as long
// as the archive that they are compared with: they differ by a ten-thousandth.
func straight(entries []archive.Entry, length int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		body := &exactly{w, length}
		if err := writeZip(body, entries); err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(make([]byte, body.left))
	})
}

func piped(entries []archive.Entry, length int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		pr, pw := io.Pipe()
		go func() { pw.CloseWithError(writeZip(pw, entries)) }()
		body := &exactly{w, length}
		if _, err := io.Copy(body, pr); err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(make([]byte, body.left))
	})
}

// exactly drops what is written beyond left bytes.
type exactly struct {
	w    io.Writer
	left int64
}

func (e *exactly) Write(p []byte) (int, error) {
	n := min(int64(len(p)), e.left)
	e.left -= n
	if _, err := e.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

func BenchmarkZip(b *testing.B) {
	total := int64(1 << 30)
	if testing.Short() {
		total = 100 << 20
	}
	entries := tree(b, 100, total)
	work := fmt.Sprintf("size=%dMiB", total>>20)
	for _, form := range []struct {
		name    string
		entries []archive.Entry
	}{{"CRC=known", withCRC(b, entries)}, {"CRC=unknown", entries}} {
		length, _ := describe(b, newZip(b, form.entries))
		serveFile := fileServer(b, length)
		for _, rival := range []struct {
			name    string
			handler http.Handler
		}{
			{"ServeFile", serveFile},
			{"zip.Writer", straight(entries, length)},
			{"zip.Writer,io.Pipe", piped(entries, length)},
		} {
			duel.Run(b, form.name+"/vs="+rival.name, work, "/", length, views.AsView(view(form.entries)), rival.handler)
		}
	}
}

// fileServer serves a file of that length.
func fileServer(b *testing.B, length int64) http.Handler {
	path := duel.File(b, length)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
}

func BenchmarkTar(b *testing.B) {
	total := int64(1 << 30)
	if testing.Short() {
		total = 100 << 20
	}
	entries := tree(b, 100, total)
	length, _ := describe(b, newArchive(b, "tar", entries))
	duel.Run(b, "vs=ServeFile", fmt.Sprintf("size=%dMiB", total>>20), "/", length, views.AsView(viewOf("tar", entries)), fileServer(b, length))
}

// BenchmarkNewZip and BenchmarkNewTar tell what an entry costs before any of it is
// sent.
func BenchmarkNewZip(b *testing.B) { benchmarkNew(b, "zip") }
func BenchmarkNewTar(b *testing.B) { benchmarkNew(b, "tar") }

func benchmarkNew(b *testing.B, format string) {
	for _, n := range []int{100, 70_000, 1_000_000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			entries := manyEntries(n)
			for b.Loop() {
				newArchive(b, format, entries)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
		})
	}
}

// BenchmarkNames: NewZip takes as long as all names are, however deep.
func BenchmarkNames(b *testing.B) {
	for _, w := range []struct{ n, depth int }{{20, 32_000}, {1000, 2000}} {
		entries := deep(w.n, w.depth)
		b.Run(fmt.Sprintf("entries=%d/depth=%d", w.n, w.depth), func(b *testing.B) {
			for b.Loop() {
				newZip(b, entries)
			}
		})
	}
}

// BenchmarkMemory10GiB is TestMemoryIsFlat for 10 GiB.
func BenchmarkMemory10GiB(b *testing.B) {
	const size = 10 << 30
	b.SetBytes(size)
	entries := []archive.Entry{zeros(0, size/2, false), zeros(1, size/2, false)}
	for b.Loop() {
		most := flat(b, entries)
		b.ReportMetric(float64(most), "peak-B")
		if most > 1<<20 {
			b.Errorf("10 GiB took %d bytes of memory, want less than 1 MiB", most)
		}
	}
}
