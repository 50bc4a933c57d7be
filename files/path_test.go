//go:build unix

package files_test

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// pathTree makes a directory with all that one may hold, beside a file that is
// not in it. It returns the path of the directory.
func pathTree(t *testing.T) string {
	t.Helper()
	// Not t.TempDir(): the path of a socket must be short.
	dir, err := os.MkdirTemp("", "tree")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(dir, "root")
	must(os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("secret"), 0o600))
	must(os.MkdirAll(filepath.Join(root, "sub", "empty"), 0o700))
	for _, name := range []string{"a.txt", "sub/b.txt", "100%.txt", "%41.txt", "a#b?c.txt", "a b.txt", "日本語.txt", `back\slash.txt`, "-rf", "..txt"} {
		must(os.WriteFile(filepath.Join(root, name), []byte(name), 0o600))
	}
	for link, to := range map[string]string{
		"inside": "sub/b.txt", "sub/up": "../a.txt", "dirlink": "sub",
		"outside": "../secret.txt", "absolute": filepath.Join(dir, "secret.txt"), "parent": "..",
		"dangling": "nowhere", "loop": "loop", "null": "/dev/null", "zero": "/dev/zero",
		"pipelink": "pipe",
	} {
		must(os.Symlink(to, filepath.Join(root, link)))
	}
	must(syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600))
	socket, err := net.Listen("unix", filepath.Join(root, "socket"))
	must(err)
	t.Cleanup(func() { _ = socket.Close() })
	return root
}

var pathTests = []struct {
	name   string
	want   string // the content; "": no such file
	reason string
}{
	{"a.txt", "a.txt", "a file"},
	{"sub/b.txt", "sub/b.txt", "a file in a directory"},
	{"inside", "sub/b.txt", "a link to a file inside"},
	{"sub/up", "a.txt", "a link by .. that stays inside"},
	{"dirlink/b.txt", "sub/b.txt", "a link to a directory inside"},
	{"100%.txt", "100%.txt", "a percent sign"},
	{"%41.txt", "%41.txt", "nothing is decoded here"},
	{"a#b?c.txt", "a#b?c.txt", "what means something in a URL"},
	{"a b.txt", "a b.txt", "a space"},
	{"日本語.txt", "日本語.txt", "not ASCII"},
	{`back\slash.txt`, `back\slash.txt`, "a backslash is a character of the name on Unix"},
	{"-rf", "-rf", "a dash is nothing special"},
	{"..txt", "..txt", "and neither are two dots at the beginning of a name"},

	{"missing.txt", "", "missing"},
	{"missing/a.txt", "", "missing directory"},
	{"", "", "no name"},
	{".", "", "the root itself"},
	{"sub", "", "a directory"},
	{"sub/", "", "a directory, said twice"},
	{"sub/empty", "", "an empty directory"},
	{"a.txt/", "", "a file in the place of a directory"},
	{"a.txt/b", "", "the same, in the middle"},
	{"a.txt\x00", "", "NUL, where C would end the name"},
	{"\x00", "", "nothing but NUL"},
	{"dangling", "", "a link to nothing"},
	{"loop", "", "a link to itself"},
	{"pipe", "", "a pipe, which would block"},
	{"pipelink", "", "a link to it"},
	{"socket", "", "a socket"},
	{strings.Repeat("x", 300), "", "a name longer than any file system has"},
	{strings.Repeat("x/", 3000), "", "a path longer than the system takes"},
}

func TestOpenInRoot(t *testing.T) {
	dir := pathTree(t)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	testPaths(t, func(name string) (*os.File, error) { return files.OpenInRoot(root, name) })

	for _, tt := range []struct{ name, reason string }{
		{"..", "the parent"},
		{"../secret.txt", "a file beside the root"},
		{"sub/../../secret.txt", "the same by a detour"},
		{"../root/a.txt", "out and in again"},
		{filepath.Join(dir, "a.txt"), "an absolute path, although of a file inside"},
		{"/etc/passwd", "an absolute path"},
		{"outside", "a link to a file outside"},
		{"absolute", "an absolute link"},
		{"parent/secret.txt", "a link to the parent"},
		{"null", "a link to a device"},
		{"zero", "a link to an endless device"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			wantNoFile(t, func() (*os.File, error) { return files.OpenInRoot(root, tt.name) })
		})
	}
}

func TestOpenInRootOfAClosedRoot(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := root.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := files.OpenInRoot(root, "a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenInRoot = %v, want an error that blames the program, not the name", err)
	}
}

func TestOpenPath(t *testing.T) {
	dir := pathTree(t)
	t.Chdir(dir)
	testPaths(t, files.OpenPath)
	for _, tt := range []struct{ name, want, reason string }{
		{"sub/../a.txt", "a.txt", "a detour"},
		{"./sub//b.txt", "sub/b.txt", "a dot and a second slash"},
		{filepath.Join(dir, "a.txt"), "a.txt", "an absolute path"},
		{"../secret.txt", "secret", "anywhere means anywhere"},
		{"outside", "secret", "and so do links"},
	} {
		t.Run(tt.reason, func(t *testing.T) { wantFile(t, files.OpenPath, tt.name, tt.want) })
	}
	for _, name := range []string{"/dev/null", "/dev/zero", "zero"} {
		t.Run("a device: "+name, func(t *testing.T) {
			wantNoFile(t, func() (*os.File, error) { return files.OpenPath(name) })
		})
	}
}

func testPaths(t *testing.T, open func(string) (*os.File, error)) {
	t.Helper()
	for _, tt := range pathTests {
		t.Run(tt.reason, func(t *testing.T) {
			if tt.want == "" {
				wantNoFile(t, func() (*os.File, error) { return open(tt.name) })
				return
			}
			wantFile(t, open, tt.name, tt.want)
		})
	}
}

func wantFile(t *testing.T, open func(string) (*os.File, error), name, want string) {
	t.Helper()
	file, err := open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, err := io.ReadAll(file); string(got) != want || err != nil {
		t.Errorf("content %q (%v), want %q", got, err, want)
	}
}

// wantNoFile tests that open says so, and in time: opening a pipe that nobody
// writes to takes forever.
func wantNoFile(t *testing.T, open func() (*os.File, error)) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		file, err := open()
		if file != nil {
			file.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v, want fs.ErrNotExist", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it blocks")
	}
}
