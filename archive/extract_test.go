//go:build unix

package archive_test

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/google/go-cmp/cmp"
)

// An extractor extracts an archive into the working directory. ARCHIVE stands for
// its path; without it, it comes through a pipe, as from curl.
type extractor struct {
	name    string
	format  string
	command []string
	modes   bool // it restores modes and times
	short   bool // it knows no PAX headers: of names, sizes and times only what a plain header has
}

const (
	perl = `use Archive::Zip; my $z = Archive::Zip->new; exit 1 if $z->read($ARGV[0]); exit($z->extractTree ? 1 : 0)`
	ruby = `require "zip"; require "fileutils"
Zip.force_entry_names_encoding = "UTF-8"
Zip::File.open(ARGV[0]) { |z| z.each { |e| FileUtils.mkdir_p(File.dirname(e.name)); e.extract } }`
)

var extractors = []extractor{
	{"unzip", "zip", []string{"unzip", "-q", "ARCHIVE"}, true, false},
	{"7z", "zip", []string{"7z", "x", "-bd", "ARCHIVE"}, true, false},
	{"bsdtar", "zip", []string{"bsdtar", "-xpf", "ARCHIVE"}, true, false},
	{"bsdtar from a pipe", "zip", []string{"bsdtar", "-xf", "-"}, false, false},
	{"busybox", "zip", []string{"busybox", "unzip", "-q", "ARCHIVE"}, false, false},
	{"Python", "zip", []string{"python3", "-m", "zipfile", "-e", "ARCHIVE", "."}, false, false},
	{"Perl's Archive::Zip", "zip", []string{"perl", "-e", perl, "ARCHIVE"}, false, false},
	{"rubyzip", "zip", []string{"ruby", "-e", ruby, "ARCHIVE"}, false, false},
	{"GNU tar", "tar", []string{"tar", "-xpf", "ARCHIVE"}, true, false},
	{"GNU tar from a pipe", "tar", []string{"tar", "-xpf", "-"}, true, false},
	{"bsdtar", "tar", []string{"bsdtar", "-xpf", "ARCHIVE"}, true, false},
	{"bsdtar from a pipe", "tar", []string{"bsdtar", "-xpf", "-"}, true, false},
	{"busybox", "tar", []string{"busybox", "tar", "-xpf", "ARCHIVE"}, true, true},
	{"busybox from a pipe", "tar", []string{"busybox", "tar", "-xpf", "-"}, true, true},
	{"Python", "tar", []string{"python3", "-m", "tarfile", "-e", "ARCHIVE", "."}, true, false},
}

// nobody is a user who may do nothing special. Root reads and writes everywhere.
const nobody = 65534

// openTemp returns a directory for all users.
func openTemp(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "archive-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // MkdirTemp's is for one user
		t.Fatal(err)
	}
	return dir
}

// extract has e extract the archive in path, as another user than root, and returns
// the directory with what came out.
func (e extractor) extract(t *testing.T, path string) string {
	t.Helper()
	mustHave(t, e.command[0])
	cmd := exec.CommandContext(t.Context(), e.command[0])
	if system := "/usr/bin/" + e.command[0]; os.Getuid() == 0 {
		if _, err := os.Stat(system); err == nil {
			cmd.Path = system // others may be in a directory of root's
		}
	}
	for _, arg := range e.command[1:] {
		cmd.Args = append(cmd.Args, strings.Replace(arg, "ARCHIVE", path, 1))
	}
	if !slices.Contains(e.command, "ARCHIVE") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = struct{ io.Reader }{f} // a pipe, which cannot seek
	}
	cmd.Dir = openTemp(t)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+cmd.Dir)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.1000s", err, out)
	}
	return cmd.Dir
}

// storeAs writes an archive to a file that all users can read.
func storeAs(t *testing.T, format string, entries []archive.Entry) string {
	t.Helper()
	path := filepath.Join(openTemp(t), "all."+format)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := newArchive(t, format, entries)
	defer a.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{holes{f}}, struct{ io.Reader }{a}, make([]byte, 64<<10)); err != nil {
		t.Fatal(err)
	}
	if size, _ := describe(t, a); size >= 0 { // also if it ends with a hole
		if err := f.Truncate(size); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// Programs extract archives, as users who may do nothing special: with their names,
// contents, modes and times.
func TestExtract(t *testing.T) {
	w := new(watch)
	long := "a name of more than a hundred bytes/" + strings.Repeat("and long elements/", 8) + "file.txt"
	entries := append(mixed(w)[:5], // the directory of an embed.FS has no write permission
		archive.Entry{Name: "read only/", Mode: fs.ModeDir | 0o555, ModTime: modTime},
		w.entry("read only/in/file.txt", text(10), kind{size: true, crc: true, time: true}),
		w.entry("read only/script.sh", text(10), kind{size: true, time: true}),
		w.entry(long, text(10), kind{size: true, time: true}))
	entries[7].Mode = 0o750
	want := map[string]string{
		"known.txt": string(text(1000)), "a directory/tagged.txt": string(text(500)), "a directory/empty.txt": "",
		"Ελληνικά.txt": string(text(70_000)), "read only/in/file.txt": string(text(10)), "read only/script.sh": string(text(10)),
		long: string(text(10)),
	}
	for _, format := range formats {
		path := storeAs(t, format, entries)
		for _, e := range extractors {
			if e.format != format {
				continue
			}
			t.Run(format+"/"+e.name, func(t *testing.T) {
				dir := e.extract(t, path)
				got := make(map[string]string)
				err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					content, err := os.ReadFile(path)
					got[strings.TrimPrefix(path, dir+"/")] = string(content)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				want := maps.Clone(want)
				if e.short {
					delete(want, long)
					maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasPrefix(name, long[:20]) })
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("extracted (-want +got):\n%.2000s", diff)
				}
				if !e.modes {
					return
				}
				for name, mode := range map[string]fs.FileMode{"read only": 0o755 | fs.ModeDir, "read only/script.sh": 0o750} {
					info, err := os.Stat(filepath.Join(dir, name))
					if err != nil {
						t.Error(err)
					} else if info.Mode() != mode || !info.IsDir() && !info.ModTime().Equal(modTime) {
						t.Errorf("%s: mode %v, time %v, want %v, %v", name, info.Mode(), info.ModTime(), mode, modTime)
					}
				}
			})
		}
	}
}

// From 8 GiB on, the size does not fit the field that tars have for it.
func TestExtractBigTar(t *testing.T) {
	needBig(t)
	const size = 8<<30 + 5
	last := text(10)
	path := storeAs(t, "tar", []archive.Entry{zeros(0, size, false), new(watch).entry("last", last, kind{size: true})})
	const python = "import shutil, sys, tarfile\nfor m in tarfile.open(sys.argv[1]): shutil.copyfileobj(tarfile.open(sys.argv[1]).extractfile(m), sys.stdout.buffer)"
	for _, command := range [][]string{
		{"tar", "-xOf", path},
		{"bsdtar", "-xOf", path},
		{"busybox", "tar", "-xOf", path},
		{"python3", "-c", python, path},
	} {
		t.Run(command[0], func(t *testing.T) {
			mustHave(t, command[0])
			cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
			out := &counted{}
			cmd.Stdout = out
			if err := cmd.Run(); err != nil || out.n != size+10 || !bytes.Equal(out.last, last) {
				t.Errorf("%v, %d bytes that end with %q, want %d and %q", err, out.n, out.last, int64(size+10), last)
			}
		})
	}
}

// counted counts what is written to it, and keeps the last ten bytes.
type counted struct {
	n    int64
	last []byte
}

func (c *counted) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	c.last = append(c.last, p[max(len(p)-10, 0):]...)
	c.last = bytes.Clone(c.last[max(len(c.last)-10, 0):])
	return len(p), nil
}
