package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/files"
)

// nameTests are names beside the files of nameFiles. They hold on every system.
var nameTests = []struct {
	name    string
	unix    bool // it is a name on Unix
	windows bool // and on Windows
	reason  string
}{
	{"private/x.txt", true, true, "a file in a directory"},
	{"a.b c~.txt", true, true, "dots, blanks and a tilde within an element"},
	{"~backup/1.txt", true, true, "a tilde and a digit that is not next to it"},
	{"日本語.txt", true, true, "not ASCII"},
	{"SECRET.KEY", true, true, "another case, which may be the same file: a rule says what is allowed"},

	{`private\x.txt`, true, false, "a backslash, behind the back of who looks for private/"},
	{`..\secret.key`, true, false, "out by a backslash"},
	{"secret.key.", true, false, "a dot that is dropped"},
	{"secret.key ", true, false, "a blank that is dropped"},
	{"secret.key. .", true, false, "several"},
	{"private./x.txt", true, false, "of a directory"},
	{"private /x.txt", true, false, "the same with a blank"},
	{"ENV~1", true, false, "the 8.3 name of .env"},
	{"GIT~1/config", true, false, "and of .git"},
	{"SECRET~1.KEY", true, false, "with an extension"},
	{"GI~ab~12", true, false, "the second tilde"},
	{"secret.key:$DATA", true, false, "a stream of the file"},
	{"C:secret.key", true, false, "of a drive"},
	{"secret?.key", true, false, "no name there: ?"},
	{"<secret>.key", true, false, "no name there: < and >"},
	{`"secret".key`, true, false, `no name there: "`},
	{"secret|key", true, false, "no name there: |"},
	{"*", true, false, "no name there: *"},
	{"secret\n.key", true, false, "no name there: a control character"},

	{"..", false, false, "the parent"},
	{"private/../secret.key", false, false, "a detour, although it stays inside"},
	{"./secret.key", false, false, "a dot"},
	{"private//x.txt", false, false, "a second slash"},
	{"secret.key/", false, false, "a slash at the end"},
	{"/secret.key", false, false, "a rooted path"},
	{"secret.key\x00", false, false, "NUL, where C would end the name"},
	{"", false, false, "nothing"},
}

var nameFiles = []string{"private/x.txt", "a.b c~.txt", "~backup/1.txt", "日本語.txt", "secret.key", ".env", ".git/config"}

// Whatever the system makes of another spelling, only the names of files open them.
func TestNames(t *testing.T) {
	dir, storage, there := t.TempDir(), fstest.MapFS{}, map[string]bool{}
	for _, name := range nameFiles {
		there[name] = true
		storage[name] = &fstest.MapFile{Data: []byte(name)}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, tt := range nameTests {
		t.Run(tt.reason, func(t *testing.T) {
			if tt.unix && files.IsWindowsName(tt.name) != tt.windows {
				t.Errorf("a name on Windows: %v, want %v", !tt.windows, tt.windows)
			}
			if tt.name == "SECRET.KEY" && (runtime.GOOS == "windows" || runtime.GOOS == "darwin") {
				return // the file may be found
			}
			inRoot, err := files.OpenInRoot(root, tt.name)
			checkOpened(t, inRoot != nil, err, there[tt.name])
			if inRoot != nil {
				inRoot.Close()
			}
			stored, err := files.OpenStorageFile(t.Context(), storage, tt.name)
			checkOpened(t, stored != nil, err, there[tt.name])
			if stored != nil {
				stored.Close()
			}
		})
	}
}

// A storage has the names that it likes, and those that the system cannot have are
// none of it.
func TestStorageOfOtherNames(t *testing.T) {
	for _, tt := range nameTests {
		storage := fstest.MapFS{tt.name: {Data: []byte("x")}}
		want := tt.unix
		if runtime.GOOS == "windows" {
			want = tt.windows
		}
		f, err := files.OpenStorageFile(t.Context(), storage, tt.name)
		checkOpened(t, f != nil, err, want)
	}
}

func checkOpened(t *testing.T, opened bool, err error, want bool) {
	t.Helper()
	if opened != want || opened != (err == nil) || err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opened %v, error %v; want %v", opened, err, want)
	}
}

// What the system says of a name that it cannot have is no failure of the program.
func TestOpenPathOfNamesThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secret?.key", "<secret>.key", `"secret".key`, "secret|key", "*", "secret\n.key", "a.txt/b", strings.Repeat("x", 300)} {
		f, err := files.OpenPath(filepath.Join(dir, name))
		checkOpened(t, f != nil, err, false)
	}
}
