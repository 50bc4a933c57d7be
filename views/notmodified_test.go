package views_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// openView serves what is opened for each request.
type openView struct {
	views.VirtualDownloadView
	open func() (fs.File, error)
}

func (v openView) GetFile(*http.Request) (fs.File, error) { return v.open() }

// A file with a word about its date has the last word. Any other is modified,
// whatever it is.
func TestVirtualDownloadViewOfStoredFiles(t *testing.T) {
	now := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := errors.Join(os.WriteFile(path, []byte("Hello"), 0o600), os.Chtimes(path, now, now)); err != nil {
		t.Fatal(err)
	}
	onDisk := func() (fs.File, error) { return os.Open(path) }
	for _, tt := range []struct {
		reason string
		open   func() (fs.File, error)
		since  time.Time
		status int
	}{
		{"on disk", onDisk, now, 200},
		{"in an os.DirFS", func() (fs.File, error) { return os.DirFS(filepath.Dir(path)).Open("a.txt") }, now, 200},
		{"on disk, described", func() (fs.File, error) {
			f, err := onDisk()
			return files.NewDescribedFile(f), err
		}, now, 200},
		{"on disk, with a date of its author's", func() (fs.File, error) {
			f, err := onDisk()
			described := files.NewDescribedFile(f)
			described.ModTime = now
			return described, err
		}, now, 304},
		{"in a storage", func() (fs.File, error) {
			return files.OpenStorageFile(t.Context(), fstest.MapFS{"a.txt": {Data: []byte("Hello"), ModTime: now}}, "a.txt")
		}, now, 304},
		{"in a storage, newer", func() (fs.File, error) {
			return files.OpenStorageFile(t.Context(), fstest.MapFS{"a.txt": {Data: []byte("Hello"), ModTime: now}}, "a.txt")
		}, now.Add(-time.Second), 200},
		{"a virtual file over one on disk has the date that its author gives it, or none", func() (fs.File, error) {
			f, err := onDisk()
			return files.NewVirtualFile(f, "a.txt"), err
		}, now, 200},
		{"made content", func() (fs.File, error) { return files.NewContentFile("Hello", "a.txt"), nil }, now, 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			got := servertest.Record(views.AsView(openView{open: tt.open}), method, "/", "If-Modified-Since", tt.since.Format(http.TimeFormat))
			if got.Status != tt.status {
				t.Errorf("%s: %s: status %d, want %d", tt.reason, method, got.Status, tt.status)
			}
		}
	}
}
