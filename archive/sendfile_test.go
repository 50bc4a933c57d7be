package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	"github.com/google/go-cmp/cmp"
)

// onDisk returns an entry of a file that is on disk, as open opens it.
func onDisk(t testing.TB, name string, content []byte, knownCRC bool, open func(path string) (fs.File, error)) archive.Entry {
	t.Helper()
	path := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	e := archive.Entry{Name: name, Size: int64(len(content)), ModTime: modTime, Open: func(context.Context) (fs.File, error) { return open(path) }}
	if knownCRC {
		e.CRC32 = sumOf(content)
	}
	return e
}

func osOpen(path string) (fs.File, error) { return os.Open(path) }

func described(path string) (fs.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return files.NewDescribedFile(f), nil
}

// noting notes which files it is left with.
type noting struct {
	w    io.Writer
	sent *[]int64
}

func (w *noting) Write(p []byte) (int, error) { return w.w.Write(p) }

func (w *noting) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); ok {
		if _, ok := l.R.(*os.File); ok {
			*w.sent = append(*w.sent, l.N)
		}
	}
	return io.Copy(struct{ io.Writer }{w.w}, r)
}

// A file on disk that needs no CRC-32 is left to the writer, whatever wraps it; all
// else is read. The bytes are the same.
func TestWhatIsSentByTheSystem(t *testing.T) {
	const size = 300_000
	content := text(size)
	shiftedContent := bytes.Clone(content)
	for i := range shiftedContent {
		shiftedContent[i]++
	}
	for _, tt := range []struct {
		reason  string
		entry   archive.Entry
		zip     bool // whether it is sent so in a ZIP
		tar     bool
		content []byte
	}{
		{"on disk, CRC-32 known", onDisk(t, "a", content, true, osOpen), true, true, content},
		{"on disk, not known", onDisk(t, "a", content, false, osOpen), false, true, content},
		{"in a wrapper", onDisk(t, "a", content, true, described), true, true, content},
		{"smaller than the buffer", onDisk(t, "a", content[:10_000], true, osOpen), false, false, content[:10_000]},
		{"with a Read of its own", onDisk(t, "a", content, false, func(path string) (fs.File, error) {
			f, err := os.Open(path)
			return shifted{f}, err
		}), false, false, shiftedContent},
		{"in memory", new(watch).entry("a", content, kind{size: true, crc: true}), false, false, content},
	} {
		for _, format := range []struct {
			name string
			want bool
		}{{"zip", tt.zip}, {"tar", tt.tar}} {
			t.Run(tt.reason+"/"+format.name, func(t *testing.T) {
				entries := []archive.Entry{tt.entry, new(watch).entry("b", text(10), kind{size: true, crc: true})}
				want := read(t, newArchive(t, format.name, entries))
				if !bytes.Contains(want, tt.content[:60_000*min(1, len(tt.content)/60_000)]) {
					t.Error("the content is another")
				}
				var got bytes.Buffer
				var sent []int64
				n, err := newArchive(t, format.name, entries).WriteTo(&noting{&got, &sent})
				if err != nil || n != int64(got.Len()) || !bytes.Equal(got.Bytes(), want) {
					t.Errorf("WriteTo: %d bytes, %v, or others than the %d that Read gives", n, err, len(want))
				}
				var wantSent []int64
				if format.want {
					wantSent = []int64{size}
				}
				if diff := cmp.Diff(wantSent, sent); diff != "" {
					t.Errorf("left to the writer (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// Every range of an archive of files on disk is that part of the whole, over a
// real connection, where sendfile(2) is.
func TestSentRanges(t *testing.T) {
	entries := []archive.Entry{
		onDisk(t, "a", text(300_000), true, osOpen),
		onDisk(t, "b", text(200_000), false, described),
		onDisk(t, "c", text(70_000), true, described),
	}
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			all := read(t, newArchive(t, format, entries))
			srv := httptest.NewServer(views.AsView(viewOf(format, entries)))
			defer srv.Close()
			for start := 0; start < len(all); start += 61_003 {
				for _, length := range []int{1, 50_000, 64_512, 64_513, 100_000, 250_000, len(all)} {
					end := min(start+length, len(all))
					got := fetch(t, srv, fmt.Sprintf("bytes=%d-%d", start, end-1))
					if !bytes.Equal(got, all[start:end]) {
						t.Errorf("%d-%d: %d bytes, or others", start, end, len(got))
					}
				}
			}
		})
	}
}

func fetch(t *testing.T, srv *httptest.Server, ranges string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", ranges)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return got
}

// What the system sends is looked at before and after.
func TestSentFileChanges(t *testing.T) {
	const size = 1 << 20
	for _, tt := range []struct {
		reason string
		change func(path string) error
		is     error
		says   string
	}{
		{"it is written to", func(path string) error { return os.Chtimes(path, modTime, modTime.Add(time.Hour)) }, nil, "has changed"},
		{"it is cut", func(path string) error { return os.Truncate(path, size/2) }, io.ErrUnexpectedEOF, "ends after 524288 bytes"},
		{"it grows", func(path string) error { return os.Truncate(path, 2*size) }, nil, "has changed"},
	} {
		for _, format := range formats {
			var path string
			e := onDisk(t, "a", text(size), true, func(p string) (fs.File, error) { path = p; return os.Open(p) })
			a := newArchive(t, format, []archive.Entry{e})
			_, err := a.WriteTo(&changingWriter{func() {
				if path != "" {
					if err := tt.change(path); err != nil {
						t.Error(err)
					}
				}
			}})
			var failed *archive.EntryError
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%s, %s: error %v, want %q", format, tt.reason, err, tt.says)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// changingWriter calls change before it takes a file.
type changingWriter struct{ change func() }

func (w *changingWriter) Write(p []byte) (int, error) { return len(p), nil }

func (w *changingWriter) ReadFrom(r io.Reader) (int64, error) {
	if _, ok := r.(*io.LimitedReader); ok {
		w.change()
	}
	return io.Copy(io.Discard, struct{ io.Reader }{r})
}
