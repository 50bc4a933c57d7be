package files_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
)

func TestContentFileIsAReader(t *testing.T) {
	type Markup string
	type Blob []byte
	for _, tt := range []struct {
		reason string
		file   *files.ContentFile
		want   string
	}{
		{"text", files.NewContentFile("Hello world!", "a"), "Hello world!"},
		{"bytes", files.NewContentFile([]byte("Hello world!"), "a"), "Hello world!"},
		{"a named string type needs no conversion", files.NewContentFile(Markup("<b>bold</b>"), "a"), "<b>bold</b>"},
		{"nor does a named type of bytes", files.NewContentFile(Blob("\x00\x01\x02\xff"), "a"), "\x00\x01\x02\xff"},
		{"characters of several bytes are cut by small reads", files.NewContentFile("čaj a 日本語", "a"), "čaj a 日本語"},
		{"no text is content, too", files.NewContentFile("", "a"), ""},
		{"and so are no bytes", files.NewContentFile([]byte(nil), "a"), ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if err := iotest.TestReader(tt.file, []byte(tt.want)); err != nil {
				t.Error(err)
			}
			if err := tt.file.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
}

// facts is what a fs.FileInfo of this package says.
type facts struct {
	Name              string
	Size              int64
	Mode              fs.FileMode
	ModTime           time.Time
	IsDir             bool
	ETag, ContentType string
}

func stat(t *testing.T, file fs.File) facts {
	t.Helper()
	info, err := file.Stat()
	if err != nil {
		t.Fatalf("Stat() = %v", err)
	}
	etag, err := info.(files.ETager).ETag(context.Background())
	if err != nil {
		t.Errorf("ETag() = %v", err)
	}
	contentType, err := info.(files.ContentTyper).ContentType(context.Background())
	if err != nil {
		t.Errorf("ContentType() = %v", err)
	}
	return facts{info.Name(), info.Size(), info.Mode(), info.ModTime(), info.IsDir(), etag, contentType}
}

func TestContentFileStat(t *testing.T) {
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC)
	file := files.NewContentFile("Hello", "hello.txt")
	want := facts{Name: "hello.txt", Size: 5, Mode: 0o444}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("as constructed (-want +got):\n%s", diff)
	}

	file.Name, file.ModTime, file.ETag, file.ContentType = "b.md", modTime, `"v1"`, "text/x-web-markdown"
	want = facts{Name: "b.md", Size: 5, Mode: 0o444, ModTime: modTime, ETag: `"v1"`, ContentType: "text/x-web-markdown"}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("with its fields set (-want +got):\n%s", diff)
	}

	if _, err := io.CopyN(io.Discard, file, 3); err != nil {
		t.Fatal(err)
	}
	if got := stat(t, file).Size; got != 5 {
		t.Errorf("Size() is %d after reading three bytes: it must not depend on the position", got)
	}
}

// writerFunc is a writer that looks at what it is given.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestContentFileDoesNotCopy(t *testing.T) {
	text, blob := strings.Repeat("x", 1<<20), make([]byte, 1<<20)
	for _, tt := range []struct {
		reason string
		file   *files.ContentFile
		want   *byte
	}{
		{"text leaves as it is", files.NewContentFile(text, "a"), unsafe.StringData(text)},
		{"bytes leave as they are", files.NewContentFile(blob, "a"), &blob[0]},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			writes := 0
			n, err := tt.file.WriteTo(writerFunc(func(p []byte) (int, error) {
				writes++
				if unsafe.SliceData(p) != tt.want {
					t.Error("the writer was given a copy of the content")
				}
				return len(p), nil
			}))
			if n != 1<<20 || err != nil || writes != 1 {
				t.Errorf("WriteTo() = %d, %v in %d writes, want %d, nil in 1", n, err, writes, 1<<20)
			}
		})
	}
}

func TestContentFileReadThenWriteTo(t *testing.T) {
	file := files.NewContentFile("Hello world!", "a")
	if _, err := io.CopyN(io.Discard, file, 6); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"world!", "", "Hello world!"} {
		if i == 2 {
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
		}
		var got bytes.Buffer
		n, err := file.WriteTo(&got)
		if got.String() != want || n != int64(len(want)) || err != nil {
			t.Errorf("WriteTo no. %d wrote %q (%d, %v), want %q", i, got.String(), n, err, want)
		}
	}
}

// It is the race detector that fails this test.
func TestContentFileReadAtConcurrently(t *testing.T) {
	file := files.NewContentFile("0123456789", "a")
	var readers sync.WaitGroup
	for i := range 10 {
		readers.Go(func() {
			p := make([]byte, 1)
			if _, err := file.ReadAt(p, int64(i)); err != nil || p[0] != byte('0'+i) {
				t.Errorf("ReadAt(%d) = %q, %v", i, p, err)
			}
		})
	}
	readers.Wait()
}

func TestContentFileIsInMemory(t *testing.T) {
	if !files.NewContentFile("", "a").InMemory() {
		t.Error("InMemory() = false")
	}
}
