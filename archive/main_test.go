package archive_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	"go.uber.org/goleak"
)

var (
	update = flag.Bool("update", false, "write the golden archives anew")
	big    = flag.Bool("big", false, "test archives of many GiB, for minutes")
)

// No archive leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var modTime = time.Date(2024, time.February, 29, 13, 14, 15, 0, time.UTC)

// text returns n bytes that differ from place to place.
func text(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.Bytes()[:n]
}

// watch sees which files of entries are opened and closed.
type watch struct {
	mu     sync.Mutex
	opened []string // names, in order
	open   int
	most   int // open at once
	read   int64
}

func (w *watch) add(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, name)
	w.open++
	w.most = max(w.most, w.open)
}

func (w *watch) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
}

// take returns the names of what was opened since the last call, and fails if
// anything is open now, or two were at once.
func (w *watch) take(t *testing.T) []string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != 0 {
		t.Errorf("%d entries are open, want none", w.open)
	}
	if w.most > 1 {
		t.Errorf("%d entries were open at once, want 1", w.most)
	}
	opened := w.opened
	w.opened = nil
	return opened
}

// watched is a file that can be read, and nothing else, and that w sees.
type watched struct {
	file   fs.File
	w      *watch
	closed bool
}

func (f *watched) Stat() (fs.FileInfo, error) { return f.file.Stat() }

func (f *watched) Read(p []byte) (int, error) {
	if f.closed {
		return 0, fs.ErrClosed
	}
	n, err := f.file.Read(p)
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.read += int64(n)
	return n, err
}

func (f *watched) Close() error {
	if f.closed {
		return errors.New("closed twice")
	}
	f.closed = true
	f.w.done()
	return f.file.Close()
}

// seeking can seek, too.
type seeking struct{ *watched }

func (f seeking) Seek(offset int64, whence int) (int64, error) {
	return f.file.(io.Seeker).Seek(offset, whence)
}

// A kind is what is known of an entry.
type kind struct {
	size, crc, tag, time, seek bool
}

// entry returns one of that content.
func (w *watch) entry(name string, content []byte, k kind) archive.Entry {
	e := archive.Entry{Name: name, Size: -1}
	if k.size {
		e.Size = int64(len(content))
	}
	if k.crc {
		e.CRC32 = crc32.ChecksumIEEE(content)
	}
	if k.tag {
		e.ETag = fmt.Sprintf(`"%x"`, crc32.ChecksumIEEE(content))
	}
	if k.time {
		e.ModTime = modTime
	}
	e.Open = func(context.Context) (fs.File, error) {
		w.add(name)
		file := &watched{file: files.NewContentFile(content, name), w: w}
		if k.seek {
			return seeking{file}, nil
		}
		return file, nil
	}
	return e
}

// mixed returns entries of all kinds whose size is known, and that have a tag.
func mixed(w *watch) []archive.Entry {
	return []archive.Entry{
		w.entry("known.txt", text(1000), kind{size: true, crc: true, time: true}),
		{Name: "a directory/", ModTime: modTime},
		w.entry("a directory/tagged.txt", text(500), kind{size: true, tag: true, seek: true}),
		w.entry("a directory/empty.txt", nil, kind{size: true}),
		w.entry("Ελληνικά.txt", text(70_000), kind{size: true, time: true, seek: true}),
		w.entry("blocks.txt", text(2*65535), kind{size: true, time: true}),
	}
}

func newZip(t testing.TB, entries []archive.Entry) *archive.Zip {
	t.Helper()
	z, err := archive.NewZip(t.Context(), "all.zip", entries)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// An archiveFile is an archive of either format.
type archiveFile interface {
	fs.File
	io.ReadSeeker
	io.ReaderAt
	io.WriterTo
}

var formats = []string{"zip", "tar"}

// makeArchive makes an archive of that format.
func makeArchive(ctx context.Context, format string, entries []archive.Entry) (archiveFile, error) {
	if format == "tar" {
		return archive.NewTar(ctx, "all.tar", entries)
	}
	return archive.NewZip(ctx, "all.zip", entries)
}

func newArchive(t testing.TB, format string, entries []archive.Entry) archiveFile {
	t.Helper()
	a, err := makeArchive(t.Context(), format, entries)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// read reads all bytes of an archive, and closes it.
func read(t testing.TB, a archiveFile) []byte {
	t.Helper()
	defer a.Close()
	content, err := io.ReadAll(struct{ io.Reader }{a})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// viewOf serves archives of that format.
func viewOf(format string, entries []archive.Entry) views.DownloadView {
	return views.FileFunc(func(r *http.Request) (fs.File, error) { return makeArchive(r.Context(), format, entries) })
}

// describe returns the length and the entity tag of an archive.
func describe(t testing.TB, z fs.File) (size int64, tag string) {
	t.Helper()
	info, err := z.Stat()
	if err != nil {
		t.Fatal(err)
	}
	tag, err = info.(files.ETager).ETag(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Size(), tag
}

// whole returns all bytes of an archive of entries.
func whole(t testing.TB, entries []archive.Entry) []byte {
	t.Helper()
	return read(t, newZip(t, entries))
}

// view serves ZIPs of entries.
func view(entries []archive.Entry) views.DownloadView { return viewOf("zip", entries) }

// ask has h answer a request; header are names and values in turn.
func ask(h http.Handler, method string, header ...string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func sumOf(content []byte) uint32 { return crc32.ChecksumIEEE(content) }

// zeroReader gives n zeros.
type zeroReader struct{ n int64 }

func (r *zeroReader) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.n)]
	clear(p)
	r.n -= int64(len(p))
	return len(p), nil
}

// zerosCRC are the CRC-32s of so many zeros, since they take a while.
var zerosCRC sync.Map

// zeros returns an entry of so many zeros, which are nowhere.
func zeros(number int, size int64, knownCRC bool) archive.Entry {
	e := archive.Entry{Name: fmt.Sprintf("%d zeros %d", size, number), Size: size, ModTime: modTime}
	if knownCRC {
		sum, found := zerosCRC.Load(size)
		if !found {
			h := crc32.NewIEEE()
			_, _ = io.Copy(h, &zeroReader{size}) // neither fails
			sum = h.Sum32()
			zerosCRC.Store(size, sum)
		}
		e.CRC32 = sum.(uint32)
	}
	e.Open = func(context.Context) (fs.File, error) { return files.NewVirtualFile(&zeroReader{size}, "zeros"), nil }
	return e
}
