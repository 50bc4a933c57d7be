//go:build unix

package archive_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/google/go-cmp/cmp"
)

func TestFromDisk(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	secret := filepath.Join(t.TempDir(), "secret.txt")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(secret, []byte("secret"), 0o600))
	must(root.Mkdir("dir", 0o750))
	must(root.WriteFile("dir/file.txt", text(1000), 0o640))
	must(root.Chtimes("dir/file.txt", modTime, modTime))
	must(os.Symlink(secret, filepath.Join(root.Name(), "link.txt")))
	must(os.Symlink("/", filepath.Join(root.Name(), "dir", "root")))
	must(syscall.Mkfifo(filepath.Join(root.Name(), "pipe"), 0o600))
	for _, tt := range []struct {
		reason string
		fsys   fs.FS
	}{{"os.Root", root.FS()}, {"os.DirFS", os.DirFS(root.Name())}} {
		entries, err := archive.FromFS(tt.fsys, ".", nil)
		must(err)
		entries[0].ModTime = modTime // of the directory
		got := readBack(t, whole(t, entries))
		want := []content{
			{"dir/", fs.ModeDir | 0o750, modTime, 0, ""},
			{"dir/file.txt", 0o640, modTime, 8, string(text(1000))},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}

	// A link that comes to stand where a file was leads nowhere.
	entries, err := archive.FromFS(root.FS(), ".", nil)
	must(err)
	must(root.Remove("dir/file.txt"))
	must(os.Symlink(secret, filepath.Join(root.Name(), "dir", "file.txt")))
	if _, err := newZip(t, entries).WriteTo(io.Discard); err == nil {
		t.Error("another file was read than was listed")
	}
}
