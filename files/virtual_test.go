package files_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
)

// onlyReader hides every method of a reader but Read.
func onlyReader(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

// partlyRead returns r after n bytes of it were read.
func partlyRead[R io.Reader](t *testing.T, r R, n int64) R {
	t.Helper()
	if _, err := io.CopyN(io.Discard, r, n); err != nil {
		t.Fatal(err)
	}
	return r
}

func tempFile(t *testing.T, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// pipe returns the end to read from of a pipe with content in it. It has a Seek
// method, as every *os.File has.
func pipe(t *testing.T, content string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if _, err := w.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

// seeker is a reader that can be measured only, and says where it stands.
type seeker struct{ pos, size, failAt int64 }

func (s *seeker) Read([]byte) (int, error) { panic("the reader was read") }

func (s *seeker) Seek(offset int64, whence int) (int64, error) {
	if whence == int(s.failAt) {
		return 0, errors.New("cannot seek")
	}
	s.pos = [...]int64{0, s.pos, s.size}[whence] + offset
	return s.pos, nil
}

// lener is a reader that knows how much is left.
type lener struct{ seeker }

func (*lener) Len() int { return 7 }

func TestVirtualFileSize(t *testing.T) {
	for _, tt := range []struct {
		reason string
		reader io.Reader
		want   int64
	}{
		{"Len of text", strings.NewReader("Hello"), 5},
		{"Len of a buffer, which cannot seek", bytes.NewBufferString("Hello"), 5},
		{"no content has a size", strings.NewReader(""), 0},
		{"Len is what is left to read", partlyRead(t, strings.NewReader("Hello"), 2), 3},
		{"Len of a buffer likewise", partlyRead(t, bytes.NewBufferString("Hello"), 2), 3},
		{"Seek of a stored file", tempFile(t, "Hello"), 5},
		{"Seek is measured from where the reader stands", partlyRead(t, tempFile(t, "Hello"), 2), 3},
		{"Len wins over Seek", &lener{seeker{size: 100, failAt: -1}}, 7},
		{"neither", onlyReader(strings.NewReader("Hello")), -1},
		{"a pipe has Seek, and cannot", pipe(t, "Hello"), -1},
		{"cannot tell where it stands", &seeker{size: 5, failAt: io.SeekCurrent}, -1},
		{"cannot seek to the end", &seeker{size: 5, failAt: io.SeekEnd}, -1},
		{"generated content", files.NewStringIteratorIO(func(func(string) bool) { panic("the generator was started") }), -1},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got := files.NewVirtualFile(tt.reader, "a").Size; got != tt.want {
				t.Errorf("Size = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestVirtualFileMeasuringMovesNothing(t *testing.T) {
	reader := &seeker{pos: 3, size: 10, failAt: -1}
	if file := files.NewVirtualFile(reader, "a"); reader.pos != 3 || file.Size != 7 {
		t.Errorf("the reader stands at %d and Size is %d, want 3 and 7", reader.pos, file.Size)
	}
}

func TestVirtualFileStat(t *testing.T) {
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	file := files.NewVirtualFile(onlyReader(strings.NewReader("")), "a.bin")
	want := facts{Name: "a.bin", Size: -1, Mode: fs.ModeIrregular | 0o444}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("as constructed (-want +got):\n%s", diff)
	}

	file.Name, file.Size, file.ModTime, file.ETag, file.ContentType = "b.md", 12, modTime, `W/"v1"`, "text/markdown"
	want = facts{Name: "b.md", Size: 12, Mode: 0o444, ModTime: modTime, ETag: `W/"v1"`, ContentType: "text/markdown"}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("with its fields set (-want +got):\n%s", diff)
	}

	file.Size = -5
	if got := stat(t, file); got.Size != -1 || got.Mode != fs.ModeIrregular|0o444 {
		t.Errorf("any negative Size means unknown, got %+v", got)
	}
}

func TestVirtualFileIsAReader(t *testing.T) {
	for _, tt := range []struct {
		reason string
		reader io.Reader
		want   string
	}{
		{"text", strings.NewReader("Hello world!"), "Hello world!"},
		{"bytes", bytes.NewReader([]byte("Hello world!")), "Hello world!"},
		{"a stored file", tempFile(t, "Hello world!"), "Hello world!"},
		{"text that was partly read begins where it was handed over", partlyRead(t, strings.NewReader("Hello world!"), 6), "world!"},
		{"a stored file likewise", partlyRead(t, tempFile(t, "Hello world!"), 6), "world!"},
		{"a section of something", io.NewSectionReader(strings.NewReader("Hello world!"), 3, 6), "lo wor"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			file := files.NewVirtualFile(tt.reader, "a")
			if err := iotest.TestReader(file, []byte(tt.want)); err != nil {
				t.Error(err)
			}
			// What was read before it was handed over is not in the file.
			if pos, err := file.Seek(-1, io.SeekStart); err == nil {
				t.Errorf("Seek to before the beginning = %d, nil", pos)
			}
			if n, err := file.ReadAt(make([]byte, 1), -1); err == nil {
				t.Errorf("ReadAt before the beginning = %d, nil", n)
			}
		})
	}
}

func TestVirtualFileWithoutTheCapability(t *testing.T) {
	file := files.NewVirtualFile(onlyReader(strings.NewReader("Hello")), "a")
	_, seekErr := file.Seek(0, io.SeekCurrent)
	_, readAtErr := file.ReadAt(nil, 0)
	_, modifiedErr := file.WasModifiedSince(time.Now())
	for method, err := range map[string]error{
		"Seek": seekErr, "ReadAt": readAtErr, "WasModifiedSince": modifiedErr,
	} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, want errors.ErrUnsupported", method, err)
		}
	}
	if got, err := io.ReadAll(file); string(got) != "Hello" || err != nil {
		t.Errorf("asking changed the content to %q, %v", got, err)
	}
}

// counter counts what it is asked to do. It panics if it is read.
type counter struct {
	closed int
	err    error
}

func (c *counter) Read([]byte) (int, error) { panic("the reader was read") }
func (c *counter) Close() error             { c.closed++; return c.err }

func TestVirtualFileClose(t *testing.T) {
	reader := &counter{err: errors.New("disk full")}
	file := files.NewVirtualFile(reader, "a")
	if err := file.Close(); err != reader.err {
		t.Errorf("Close() = %v, want the reader's %v", err, reader.err)
	}
	if err := file.Close(); err != nil || reader.closed != 1 {
		t.Errorf("the second Close() = %v, and the reader was closed %d times", err, reader.closed)
	}
	if _, err := file.Read(make([]byte, 1)); err != fs.ErrClosed {
		t.Errorf("Read() after Close = %v, want fs.ErrClosed", err)
	}
	if _, err := file.WriteTo(io.Discard); err != fs.ErrClosed {
		t.Errorf("WriteTo() after Close = %v, want fs.ErrClosed", err)
	}
	if err := files.NewVirtualFile(strings.NewReader(""), "a").Close(); err != nil {
		t.Errorf("Close() of a reader without Close = %v", err)
	}
}

// pusher is a reader that would rather push.
type pusher struct{ counter }

func (*pusher) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, "pushed")
	return int64(n), err
}

func TestVirtualFileWriteTo(t *testing.T) {
	for _, tt := range []struct {
		reason string
		reader io.Reader
		read   int64
		want   string
	}{
		{"the reader's own WriteTo, and no Read", &pusher{}, 0, "pushed"},
		{"a reader that has only Read", onlyReader(strings.NewReader("Hello world!")), 0, "Hello world!"},
		{"what was read is not sent twice", onlyReader(strings.NewReader("Hello world!")), 6, "world!"},
		{"nor of a reader that can push", strings.NewReader("Hello world!"), 6, "world!"},
		{"nor of generated content", files.NewStringIteratorIO(helloWorld), 3, "lo world!\né\n"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			file := files.NewVirtualFile(tt.reader, "a")
			defer file.Close()
			partlyRead(t, onlyReader(file), tt.read)
			var got strings.Builder
			if n, err := file.WriteTo(&got); got.String() != tt.want || n != int64(len(tt.want)) || err != nil {
				t.Errorf("WriteTo wrote %q (%d, %v), want %q", got.String(), n, err, tt.want)
			}
		})
	}
}

// swears is a reader that says where its content is.
type swears struct {
	io.Reader
	inMemory bool
}

func (s swears) InMemory() bool { return s.inMemory }

func TestVirtualFileInMemory(t *testing.T) {
	for _, tt := range []struct {
		reason string
		reader io.Reader
		want   bool
	}{
		{"text", strings.NewReader("a"), true},
		{"bytes", bytes.NewReader(nil), true},
		{"a file in a file", files.NewVirtualFile(strings.NewReader("a"), "a"), true},
		{"says so", swears{nil, true}, true},
		{"says not so", swears{nil, false}, false},
		{"a buffer is in memory, but cannot be read again", bytes.NewBufferString("a"), false},
		{"anything else", onlyReader(strings.NewReader("a")), false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got := files.NewVirtualFile(tt.reader, "a").InMemory(); got != tt.want {
				t.Errorf("InMemory() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNewVirtualFileOfNil(t *testing.T) {
	mustPanic(t, "the reader is nil", func() { files.NewVirtualFile(nil, "a") })
}
