//go:build unix

package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// changes are what may happen to a file of changingSize bytes while it is sent,
// to a request with that Range.
var changes = []struct {
	reason     string
	change     func(path string) error
	rangeField string
}{
	{"it shrinks", func(path string) error { return os.Truncate(path, changingSize-1) }, ""},
	{"it is emptied", func(path string) error { return os.Truncate(path, 0) }, ""},
	{"it grows", func(path string) error { return os.Truncate(path, changingSize+1) }, ""},
	{"it grows beyond the range", func(path string) error { return os.Truncate(path, changingSize+1) }, "bytes=1-16777000"},
	{"it grows beyond the ranges", func(path string) error { return os.Truncate(path, changingSize+1) }, "bytes=0-8388607,16777000-"},
	{"it changes where it was not sent", func(path string) error { return overwrite(path, changingSize-100) }, ""},
	{"it changes where it was sent", func(path string) error { return overwrite(path, 0) }, ""},
	{"it changes outside of the range", func(path string) error { return overwrite(path, 0) }, "bytes=100-"},
	{"it changes between the ranges", func(path string) error { return overwrite(path, 8388700) }, "bytes=0-8388607,16777000-"},
}

// changingSize is more than all the buffers between a server and a client hold.
const changingSize = 16 << 20

func overwrite(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte("other content"), at)
	return err
}

// changingFile returns a directory with a file of changingSize bytes in it, and
// the path of that.
func changingFile(t *testing.T) (dir, path string) {
	t.Helper()
	dir = storedDir(t, "large.bin", "")
	path = filepath.Join(dir, "large.bin")
	if err := os.Truncate(path, changingSize); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, storedTime, storedTime); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

// A file that changes while it is sent is neither the one nor the other: clients
// must not take what they get for a complete file, and if they got a range they
// must not put it together with others.
func TestPathDownloadViewOfAChangingFile(t *testing.T) {
	for _, tt := range changes {
		t.Run(tt.reason, func(t *testing.T) {
			for _, protocol := range servertest.Protocols {
				dir, path := changingFile(t)
				srv := servertest.Start(t, protocol, mountStored(views.PathDownloadView{Dir: dir}))
				req, err := http.NewRequest("GET", srv.URL+"/files/large.bin", nil)
				if err != nil {
					t.Fatal(err)
				}
				if tt.rangeField != "" {
					req.Header.Set("Range", tt.rangeField)
				}
				resp, err := srv.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
				if err := tt.change(path); err != nil {
					t.Fatal(err)
				}
				n, err := io.Copy(io.Discard, resp.Body)
				if err == nil {
					t.Errorf("%s: %s with %d bytes, and the client sees no error", protocol, resp.Status, n+1)
				}
				srv.Wait()
				if open := openFiles(t, dir); len(open) > 0 {
					t.Errorf("%s: still open: %q", protocol, open)
				}
			}
		})
	}
}

// changedInBetween is a view whose file changes when its size and time are known,
// and nothing of it was sent.
type changedInBetween struct {
	views.PathDownloadView
	change func()
}

func (v changedInBetween) WasModifiedSince(*http.Request, fs.File, time.Time) bool {
	v.change()
	return true
}

func TestPathDownloadViewOfAFileThatChangesBeforeItIsSent(t *testing.T) {
	for _, size := range storedSizes {
		content := storedContent(size)
		for reason, change := range map[string]func(path string) error{
			"it shrinks": func(path string) error { return os.Truncate(path, int64(size)-1) },
			"it grows":   func(path string) error { return os.Truncate(path, int64(size)+1) },
			"it changes": func(path string) error { return overwrite(path, 0) },
		} {
			t.Run(fmt.Sprintf("%s/size=%d", reason, size), func(t *testing.T) {
				dir := storedDir(t, "content.txt", content)
				path := filepath.Join(dir, "content.txt")
				view := changedInBetween{views.PathDownloadView{Dir: dir}, func() {
					if err := change(path); err != nil {
						t.Error(err)
					}
				}}
				servertest.OverEach(t, mountStored(view), func(t *testing.T, srv *servertest.Server) {
					if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
						t.Fatal(err)
					}
					if err := os.Chtimes(path, storedTime, storedTime); err != nil {
						t.Fatal(err)
					}
					got := srv.Do(t, "GET", "/files/content.txt", "If-Modified-Since", storedTime.Format(http.TimeFormat))
					if got.Err == nil {
						got.CheckError(t, 500)
					}
				})
			})
		}
	}
}

// pipeView serves what comes out of a pipe, if a program insists. That each write
// to it moves its time is no reason to break off.
type pipeView struct {
	views.VirtualDownloadView
	path string
}

func (v pipeView) GetFile(*http.Request) (fs.File, error) {
	return os.OpenFile(v.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func (v pipeView) WasModifiedSince(*http.Request, fs.File, time.Time) bool {
	w, err := os.OpenFile(v.path, os.O_WRONLY, 0) // there is a reader
	if err == nil {
		_, err = w.WriteString("from a pipe")
	}
	if err == nil {
		err = os.Chtimes(v.path, storedTime, storedTime) // now is another time in any case
	}
	if err == nil {
		err = w.Close()
	}
	return err == nil
}

func TestPipeIsNotAChangingFile(t *testing.T) {
	view := pipeView{path: filepath.Join(unconfinedTree(t), "pipe")}
	servertest.OverEach(t, mountStored(view), func(t *testing.T, srv *servertest.Server) {
		srv.Do(t, "GET", "/files/x", "If-Modified-Since", storedTime.Format(http.TimeFormat)).Check(t, 200, "from a pipe")
	})
}

// A new file under the same name does not disturb those who are still served
// the old one.
func TestPathDownloadViewOfAReplacedFile(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		dir, path := changingFile(t)
		srv := servertest.Start(t, protocol, mountStored(views.PathDownloadView{Dir: dir}))
		resp, err := srv.Client().Get(srv.URL + "/files/large.bin")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := os.WriteFile(path+".new", []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != changingSize || err != nil {
			t.Errorf("%s: %d bytes (%v), want %d", protocol, n, err, changingSize)
		}
		srv.Do(t, "GET", "/files/large.bin").Check(t, 200, "new")
	}
}

func TestPathDownloadViewClientThatLeaves(t *testing.T) {
	dir, _ := changingFile(t)
	servertest.OverEach(t, mountStored(views.PathDownloadView{Dir: dir}), func(t *testing.T, srv *servertest.Server) {
		resp, err := srv.Client().Get(srv.URL + "/files/large.bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		srv.Wait() // the handler gives up: otherwise this would take forever
		if open := openFiles(t, dir); len(open) > 0 {
			t.Errorf("still open: %q", open)
		}
	})
}
