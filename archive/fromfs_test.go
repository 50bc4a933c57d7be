package archive_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var withoutOpen = cmpopts.IgnoreFields(archive.Entry{}, "Open")

func TestFromFS(t *testing.T) {
	fsys := fstest.MapFS{
		"b.txt":           {Data: text(10), ModTime: modTime, Mode: 0o600},
		"a/two.txt":       {Data: text(2), ModTime: modTime},
		"a/one.txt":       {Data: text(1), ModTime: modTime},
		"a/empty":         {Mode: fs.ModeDir | 0o700, ModTime: modTime},
		"a/device":        {Mode: fs.ModeDevice},
		"a/link":          {Data: []byte("two.txt"), Mode: fs.ModeSymlink},
		"link to a":       {Data: []byte("a"), Mode: fs.ModeSymlink},
		"a/unknown":       {Mode: fs.ModeIrregular},
		"ab/not below a":  {Data: text(3), ModTime: modTime},
		"a-z/not below a": {Data: text(3), ModTime: modTime},
	}
	below := func(prefix string) []archive.Entry {
		return []archive.Entry{
			{Name: prefix + "empty/", ModTime: modTime, Mode: fs.ModeDir | 0o700},
			{Name: prefix + "one.txt", Size: 1, ModTime: modTime},
			{Name: prefix + "two.txt", Size: 2, ModTime: modTime},
		}
	}
	all := append([]archive.Entry{{Name: "a/", Mode: fs.ModeDir | 0o555}}, below("a/")...)
	all = append(all,
		archive.Entry{Name: "a-z/", Mode: fs.ModeDir | 0o555},
		archive.Entry{Name: "a-z/not below a", Size: 3, ModTime: modTime},
		archive.Entry{Name: "ab/", Mode: fs.ModeDir | 0o555},
		archive.Entry{Name: "ab/not below a", Size: 3, ModTime: modTime},
		archive.Entry{Name: "b.txt", Size: 10, ModTime: modTime, Mode: 0o600})
	for _, tt := range []struct {
		root string
		want []archive.Entry
		err  string // "": none
	}{
		{".", all, ""},
		{"a", below(""), ""},
		{"a/empty", nil, ""},
		{"b.txt", nil, "readdir b.txt"},
		{"missing", nil, "not exist"},
		{"../a", nil, "invalid"},
		{"", nil, "invalid"},
	} {
		got, err := archive.FromFS(fsys, tt.root, nil)
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: error %v, want %q", tt.root, err, tt.err)
		}
		if err == nil {
			if diff := cmp.Diff(tt.want, got, withoutOpen); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.root, diff)
			}
			newZip(t, got)
		}
	}
	if _, err := archive.FromFS(fsys, "missing", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that it does not exist", err)
	}
}

// What is hidden is left out, unless allow says otherwise.
func TestFromFSAllows(t *testing.T) {
	file := &fstest.MapFile{Data: text(1), ModTime: modTime}
	fsys := fstest.MapFS{".env": file, ".git/config": file, ".well-known/a": file, "a/.b": file, "a/c": file, ".root/.x": file, ".root/y": file}
	for _, tt := range []struct {
		reason string
		root   string
		allow  func(string) bool
		want   []string
	}{
		{"by default", ".", nil, []string{".well-known/", ".well-known/a", "a/", "a/c"}},
		{"below a root that is hidden itself", ".root", nil, []string{"y"}},
		{"everything", "a", func(string) bool { return true }, []string{".b", "c"}},
		{"no directory a", ".", func(name string) bool { return name != "a" && !strings.HasPrefix(name, ".") }, nil},
		{"names without a final slash", ".", func(name string) bool { return name == "a" || name == "a/.b" }, []string{"a/", "a/.b"}},
	} {
		entries, err := archive.FromFS(fsys, tt.root, tt.allow)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(tt.want, names(entries)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// What is removed while the tree is listed is not in it; anything else that goes
// wrong is an error.
func TestFromFSWhileFilesGo(t *testing.T) {
	content := fstest.MapFS{"a.txt": {Data: text(1)}, "b/c.txt": {Data: text(1)}, "d.txt": {Data: text(1)}}
	for _, tt := range []struct {
		reason string
		gone   string
		err    error
		want   []string // nil: an error
	}{
		{"a file", "a.txt", fs.ErrNotExist, []string{"b/", "b/c.txt", "d.txt"}},
		{"a directory, before it is described", "b", fs.ErrNotExist, []string{"a.txt", "d.txt"}},
		{"a directory, before it is listed", "b/.", fs.ErrNotExist, []string{"a.txt", "b/", "d.txt"}},
		{"a file that nobody may look at", "a.txt", fs.ErrPermission, nil},
		{"a directory that nobody may list", "b/.", fs.ErrPermission, nil},
		{"all of it", "./.", fs.ErrNotExist, nil},
	} {
		entries, err := archive.FromFS(goingFS{content, tt.gone, tt.err}, ".", nil)
		var got []string
		for _, e := range entries {
			got = append(got, e.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
		if tt.want == nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v, want %v", tt.reason, err, tt.err)
		}
		// Of the root, it is the tree itself that cannot be had.
		var failed *archive.EntryError
		if named := errors.As(err, &failed); tt.err == fs.ErrPermission && (!named || response.Status(err) != http.StatusInternalServerError) {
			t.Errorf("%s: error %v of status %d, want an EntryError and 500", tt.reason, err, response.Status(err))
		}
	}
}

// goingFS is a storage where one thing cannot be had any more once its name was
// read: the description of gone, or if that is "name/.", the list of name.
type goingFS struct {
	fstest.MapFS
	gone string
	err  error
}

func (f goingFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == f.gone || name+"/." == f.gone {
		return nil, f.err
	}
	entries, err := f.MapFS.ReadDir(name)
	for i, e := range entries {
		if path.Join(name, e.Name()) == f.gone {
			entries[i] = goneEntry{e, f.err}
		}
	}
	return entries, err
}

type goneEntry struct {
	fs.DirEntry
	err error
}

func (e goneEntry) Info() (fs.FileInfo, error) { return nil, e.err }

// telling is a storage whose files tell more of themselves.
type telling struct {
	fstest.MapFS
	tag string
	crc uint32
	ok  bool
}

func (f telling) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if d, ok := file.(fs.ReadDirFile); ok {
		return tellingDir{d, f}, err
	}
	return tellingFile{file, f}, err
}

func (f telling) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := f.MapFS.ReadDir(name)
	for i, e := range entries {
		entries[i] = tellingEntry{e, f}
	}
	return entries, err
}

func (f telling) Stat(name string) (fs.FileInfo, error) { return f.MapFS.Stat(name) }

type tellingFile struct {
	fs.File
	by telling
}

type tellingDir struct {
	fs.ReadDirFile
	by telling
}

func (f tellingFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return tellingInfo{info, f.by}, err
}

type tellingEntry struct {
	fs.DirEntry
	by telling
}

func (e tellingEntry) Info() (fs.FileInfo, error) {
	info, err := e.DirEntry.Info()
	return tellingInfo{info, e.by}, err
}

type tellingInfo struct {
	fs.FileInfo
	by telling
}

func (i tellingInfo) ETag(context.Context) (string, error) {
	if i.by.tag == "" {
		return "", errors.ErrUnsupported
	}
	return i.by.tag, nil
}

func (i tellingInfo) CRC32() (uint32, bool) { return i.by.crc, i.by.ok }

func TestWhatFilesTell(t *testing.T) {
	content := fstest.MapFS{"a.txt": {Data: text(10), ModTime: modTime}}
	for _, tt := range []struct {
		reason string
		tag    string
		crc    uint32
		ok     bool
		want   archive.Entry
	}{
		{"both", `"1"`, sumOf(text(10)), true, archive.Entry{ETag: `"1"`, CRC32: sumOf(text(10))}},
		{"a weak tag", `W/"1"`, 0, false, archive.Entry{ETag: `W/"1"`}},
		{"no tag as in RFC 9110", `1`, 0, false, archive.Entry{}},
		{"neither", "", 7, false, archive.Entry{}},
	} {
		tt.want.Name, tt.want.Size, tt.want.ModTime = "a.txt", 10, modTime
		got, err := archive.FromFS(telling{content, tt.tag, tt.crc, tt.ok}, ".", nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]archive.Entry{tt.want}, got, withoutOpen); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
		whole(t, got)
	}
}

// A file that is another when its turn comes is not what was promised.
func TestChangedSinceListed(t *testing.T) {
	for _, tt := range []struct {
		reason string
		change func(f *telling)
		fails  bool
	}{
		{"nothing", func(*telling) {}, false},
		{"its tag", func(f *telling) { f.tag = `"2"` }, true},
		{"no tag any more", func(f *telling) { f.tag = "" }, false},
		{"its time", func(f *telling) { f.MapFS["a.txt"].ModTime = modTime.Add(time.Second) }, true},
		{"its time, in fractions of a second that were not listed", func(f *telling) { f.MapFS["a.txt"].ModTime = modTime.Add(5) }, false},
		{"its size", func(f *telling) { f.MapFS["a.txt"].Data = text(11) }, true},
		{"it is gone", func(f *telling) { delete(f.MapFS, "a.txt") }, true},
	} {
		fsys := &telling{fstest.MapFS{"a.txt": {Data: text(10), ModTime: modTime}}, `"1"`, 0, false}
		entries, err := archive.FromFS(fsys, ".", nil)
		if err != nil {
			t.Fatal(err)
		}
		tt.change(fsys)
		if _, err := newZip(t, entries).WriteTo(io.Discard); (err != nil) != tt.fails {
			t.Errorf("%s: error %v, want one: %v", tt.reason, err, tt.fails)
		}
	}
}
