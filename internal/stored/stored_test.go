package stored_test

import (
	"bytes"
	"embed"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/stored"
)

//go:embed access.go
var embedded embed.FS

func open(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func find(t *testing.T, file fs.File) stored.File {
	t.Helper()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	found, err := stored.Find(file, info)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

type withRead struct{ *os.File }

func (withRead) Read([]byte) (int, error) { return 0, io.EOF }

func TestFind(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	begun := open(t, name)
	if _, err := begun.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	onDisk := open(t, name)
	again := files.NewVirtualFile(open(t, name), "b")
	if _, err := again.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	memory := files.NewContentFile("Hello", "a")
	dated := files.NewContentFile("Hello", "a")
	dated.ModTime = time.Now()
	generated := files.NewVirtualFile(bytes.NewBufferString("x"), "a")
	for _, tt := range []struct {
		reason       string
		file, bottom fs.File
		disk, kept   bool
		changes      bool // CheckUnchanged notices when the file on disk grows
	}{
		{"on disk", onDisk, onDisk, true, true, true},
		{"described twice", files.NewDescribedFile(files.NewDescribedFile(onDisk)), onDisk, true, true, true},
		{"a virtual file around it", files.NewVirtualFile(onDisk, "b"), onDisk, true, true, true},
		{"a virtual file around one that was read from", files.NewVirtualFile(begun, "b"), nil, false, true, true},
		{"a virtual file around another that was read from", files.NewVirtualFile(again, "c"), nil, false, true, true},
		{"a struct with a Read around it", withRead{onDisk}, nil, false, true, true},
		{"in memory", memory, memory, false, false, false},
		{"in memory, dated", files.NewDescribedFile(dated), dated, false, true, false},
		{"generated", generated, generated, false, false, false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if err := os.Truncate(name, 10); err != nil {
				t.Fatal(err)
			}
			got := find(t, tt.file)
			if want := tt.bottom; want != nil && got.Bottom != want || want == nil && got.Bottom != tt.file {
				t.Errorf("Bottom = %T", got.Bottom)
			}
			if (got.OnDisk != nil) != tt.disk || got.IsKept() != tt.kept {
				t.Errorf("OnDisk %v, IsKept %v, want %v, %v", got.OnDisk != nil, got.IsKept(), tt.disk, tt.kept)
			}
			if err := got.CheckUnchanged(); err != nil {
				t.Errorf("CheckUnchanged: %v", err)
			}
			if err := os.Truncate(name, 11); err != nil {
				t.Fatal(err)
			}
			if err := got.CheckUnchanged(); (err != nil) != tt.changes {
				t.Errorf("CheckUnchanged after a change: %v, want an error: %v", err, tt.changes)
			}
		})
	}
}

func TestIsInMemory(t *testing.T) {
	inFS, err := embedded.Open("access.go")
	if err != nil {
		t.Fatal(err)
	}
	content := files.NewContentFile("Hello", "a")
	for _, tt := range []struct {
		reason string
		file   fs.File
		want   bool
	}{
		{"content", content, true},
		{"a bytes.Reader", files.NewVirtualFile(bytes.NewReader(nil), "a"), true},
		{"a reader that says so", files.NewVirtualFile(content, "a"), true},
		{"a buffer, which can be read once", files.NewVirtualFile(new(bytes.Buffer), "a"), false},
		{"of an embed.FS", inFS, true},
		{"on disk", open(t, "access.go"), false},
		{"around content: its Read may be good for once", struct{ *files.ContentFile }{content}, false},
	} {
		if got := stored.IsInMemory(tt.file); got != tt.want {
			t.Errorf("%s: IsInMemory = %v, want %v", tt.reason, got, tt.want)
		}
	}
}

// dear is a file that is read from its beginning, at some cost.
type dear struct{ fs.File }

func (dear) GeneratedRanges() bool { return false }

func TestGeneratedRanges(t *testing.T) {
	file := files.NewVirtualFile(bytes.NewBufferString("x"), "a")
	for _, tt := range []struct {
		reason string
		file   fs.File
		want   bool
	}{
		{"a file that says nothing", file, true},
		{"one that says no", dear{file}, false},
		{"in a wrapper", files.NewDescribedFile(dear{file}), false},
		{"in a virtual file", files.NewVirtualFile(dear{file}, "b"), false},
		{"embedded in a struct", struct{ dear }{dear{file}}, false},
	} {
		if got := stored.GeneratedRanges(find(t, tt.file).Bottom); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.reason, got, tt.want)
		}
	}
}
