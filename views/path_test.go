//go:build unix

package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

func TestPathDownloadView(t *testing.T) {
	for _, size := range storedSizes {
		content := storedContent(size)
		dir := storedDir(t, "sub/content.txt", content)
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		for kind, view := range map[string]views.PathDownloadView{
			"Root":     {Root: root},
			"Dir":      {Dir: dir},
			"any path": {DangerouslyServeAnyPath: true, FixedPath: filepath.Join(dir, "sub/content.txt")},
		} {
			t.Run(fmt.Sprintf("%s/size=%d", kind, size), func(t *testing.T) {
				testStored(t, mountStored(view), "/files/sub/content.txt", content, storedTraits{})
			})
		}
		if open := openFiles(t, dir); len(open) != 1 { // the root
			t.Errorf("still open: %q", open)
		}
	}
}

// storedRouters mount a view at /files/ in each way that there is.
var storedRouters = map[string]func(v views.DownloadView) http.Handler{
	"chi wildcard": mountStored,
	"chi subrouter": func(v views.DownloadView) http.Handler {
		r := chi.NewRouter()
		r.Route("/files", func(r chi.Router) { views.Mount(r, "/*", v) })
		return r
	},
	"ServeMux": func(v views.DownloadView) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("GET /files/{path...}", views.AsView(v))
		return mux
	},
}

// unconfinedTree makes a directory with all that one may hold, and a file beside
// it that is not to be reached. It returns the path of the directory.
func unconfinedTree(t *testing.T) string {
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
	must(os.MkdirAll(filepath.Join(root, "sub"), 0o700))
	for _, name := range []string{
		"a.txt", "sub/b.txt", "100%.txt", "%41.txt", "a#b.txt", "a?b.txt", "a b.txt", "日本語.txt", `a\b.txt`,
		"(1).txt", "(100%).txt", "(%41).txt", "a+b&c=d;e.txt", "..txt", "%", "!%25",
	} {
		must(os.WriteFile(filepath.Join(root, name), []byte(name), 0o600))
	}
	for link, to := range map[string]string{
		"inside": "sub/b.txt", "outside": "../secret.txt", "absolute": filepath.Join(dir, "secret.txt"),
		"parent": "..", "system": "/etc", "zero": "/dev/zero", "dangling": "nowhere", "loop": "loop",
	} {
		must(os.Symlink(to, filepath.Join(root, link)))
	}
	must(syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600))
	socket, err := net.Listen("unix", filepath.Join(root, "socket"))
	must(err)
	t.Cleanup(func() { _ = socket.Close() })
	return root
}

var storedPathTests = []struct {
	target string
	want   string // the content; "": 404
	reason string
}{
	{"a.txt", "a.txt", "a file"},
	{"sub/b.txt", "sub/b.txt", "a file in a directory"},
	{"sub%2Fb.txt", "sub/b.txt", "an escaped slash is a slash in the end"},
	{"%61.txt", "a.txt", "a needless escape"},
	{"inside", "sub/b.txt", "a link that stays inside"},
	{"100%25.txt", "100%.txt", "a percent sign"},
	{"%2541.txt", "%41.txt", "unescaped once, not twice"},
	{"%25", "%", "nothing but a percent sign"},
	{"a%23b.txt", "a#b.txt", "a number sign"},
	{"a%3Fb.txt", "a?b.txt", "a question mark"},
	{"a%20b.txt", "a b.txt", "a space"},
	{"%E6%97%A5%E6%9C%AC%E8%AA%9E.txt", "日本語.txt", "not ASCII"},
	{"日本語.txt", "日本語.txt", "not ASCII, and not escaped"},
	{"a%5Cb.txt", `a\b.txt`, "a backslash"},
	{"(1).txt", "(1).txt", "what some escape and others do not"},
	{"%281%29.txt", "(1).txt", "and the other way round"},
	{"(100%25).txt", "(100%).txt", "beside a percent sign"},
	{"(%2541).txt", "(%41).txt", "unescaped once there, too"},
	{"!%2525", "!%25", "and where what is left is still a percent sign with two digits"},
	{"a+b&c=d;e.txt", "a+b&c=d;e.txt", "what means something in a query"},
	{"..txt", "..txt", "two dots at the beginning of a name"},

	{"../secret.txt", "", "out by .."},
	{"%2e%2e/secret.txt", "", "the same, escaped"},
	{"%2E%2E/secret.txt", "", "in capitals"},
	{".%2e/secret.txt", "", "one of two"},
	{"..%2fsecret.txt", "", "with an escaped slash"},
	{"%2e%2e%2fsecret.txt", "", "all of it escaped"},
	{"%252e%252e%252fsecret.txt", "", "escaped twice"},
	{"..%5csecret.txt", "", "with a backslash"},
	{"..%c0%afsecret.txt", "", "with an overlong slash"},
	{"sub/../../secret.txt", "", "by a detour"},
	{"sub%2f..%2f..%2fsecret.txt", "", "by an escaped detour"},
	{"../root/a.txt", "", "out and in again"},
	{"..%2froot%2fa.txt", "", "the same, escaped"},
	{"..", "", "the parent"},
	{"%2e%2e", "", "the parent, escaped"},
	{"/etc/passwd", "", "an absolute path"},
	{"%2fetc%2fpasswd", "", "the same, escaped"},
	{"file:%2f%2f%2fetc%2fpasswd", "", "a URL"},
	{"outside", "", "a link to outside"},
	{"absolute", "", "an absolute link"},
	{"parent/secret.txt", "", "a link to the parent"},
	{"system/passwd", "", "a link to another directory"},
	{"zero", "", "a link to an endless device"},
	{"pipe", "", "a pipe that nobody writes to"},
	{"socket", "", "a socket"},
	{"dangling", "", "a link to nothing"},
	{"loop", "", "a link to itself"},
	{"", "", "the root itself"},
	{".", "", "the same, by name"},
	{"sub", "", "a directory"},
	{"sub/", "", "a directory with a slash"},
	{"a.txt/", "", "a file with a slash"},
	{"a.txt/b", "", "a file in the place of a directory"},
	{"a.txt%00", "", "NUL at the end"},
	{"a.txt%00.png", "", "NUL in the middle"},
	{"%00", "", "nothing but NUL"},
	{"a.txt%0a", "", "a line break"},
	{"missing.txt", "", "missing"},
	{strings.Repeat("x", 300), "", "a name longer than any file system has"},
	{strings.Repeat("x/", 3000) + "x", "", "a path longer than the system takes"},
}

func TestPathDownloadViewConfines(t *testing.T) {
	dir := unconfinedTree(t)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for router, mount := range storedRouters {
		for kind, view := range map[string]views.DownloadView{
			"Root":    views.PathDownloadView{Root: root},
			"Dir":     views.PathDownloadView{Dir: dir},
			"storage": views.StorageDownloadView{Storage: os.DirFS(dir)},
		} {
			srv := serveStored(t, "HTTP/1.1", mount(view))
			for _, tt := range storedPathTests {
				if kind == "storage" && (strings.HasPrefix(tt.reason, "a link") || strings.HasPrefix(tt.reason, "an absolute link")) {
					continue // an os.DirFS follows links; an os.Root's FS is the storage that does not
				}
				t.Run(router+"/"+kind+"/"+tt.reason, func(t *testing.T) {
					got := srv.request(t, "GET", "/files/"+tt.target) // a pipe would block until the client's timeout
					if tt.want != "" {
						got.check(t, 200, tt.want)
						return
					}
					if got.Status != 404 || got.Err != nil || strings.Contains(got.Body, "secret") {
						t.Errorf("status %d (%v), want 404; the body is %.60q", got.Status, got.Err, got.Body)
					}
				})
			}
		}
	}
}

// Parameters of one segment can hold no slash but an escaped one.
func TestPathDownloadViewOfOneSegment(t *testing.T) {
	dir := unconfinedTree(t)
	r := chi.NewRouter()
	views.Mount(r, "/files/{path}/download", views.PathDownloadView{Dir: dir})
	srv := serveStored(t, "HTTP/1.1", r)
	for target, want := range map[string]string{
		"a.txt": "a.txt", "sub%2Fb.txt": "sub/b.txt", "%2541.txt": "%41.txt", "(100%25).txt": "(100%).txt",
	} {
		srv.request(t, "GET", "/files/"+target+"/download").check(t, 200, want)
	}
	for _, target := range []string{"..%2Fsecret.txt", "%2e%2e%2Fsecret.txt", "sub", "missing"} {
		srv.request(t, "GET", "/files/"+target+"/download").checkError(t, 404)
	}
}

func TestPathDownloadViewPath(t *testing.T) {
	dir := unconfinedTree(t)
	byQuery := func(r *http.Request) (string, error) {
		switch name := r.FormValue("name"); name {
		case "forbidden":
			return "", fs.ErrPermission
		case "broken":
			return "", fmt.Errorf("no database")
		default:
			return name, nil
		}
	}
	secret := filepath.Join(filepath.Dir(dir), "secret.txt")
	for _, tt := range []struct {
		view   views.PathDownloadView
		target string
		status int
		body   string
		reason string
	}{
		{views.PathDownloadView{Dir: dir, FixedPath: "a.txt"}, "/files/", 200, "a.txt", "one file"},
		{views.PathDownloadView{Dir: dir, FixedPath: "a.txt"}, "/files/sub/b.txt", 200, "sub/b.txt", "the router goes first"},
		{views.PathDownloadView{Dir: dir, FixedPath: "a.txt", Path: byQuery}, "/files/x?name=sub/b.txt", 200, "sub/b.txt", "Path goes before all"},
		{views.PathDownloadView{Dir: dir, FixedPath: "a.txt", Path: byQuery}, "/files/a.txt", 404, "", "even if it says nothing"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=../secret.txt", 404, "", "Path cannot leave the root"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=" + secret, 404, "", "not even by an absolute path"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=100%25.txt", 200, "100%.txt", "what Path says is a path already"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/(x)/%2541?name=%2541.txt", 200, "%41.txt", "and not unescaped once more"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=forbidden", 403, "", "its error is that of the view"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=broken", 500, "", "whatever it is"},
		{views.PathDownloadView{Dir: dir + "/missing"}, "/files/a.txt", 500, "", "a root that is not there is a mistake of the program's"},
		{views.PathDownloadView{Dir: dir + "/a.txt"}, "/files/a.txt", 500, "", "and so is one that is no directory"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, FixedPath: secret}, "/files/a.txt", 200, "secret", "any path means any, and not the router's"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + secret, 200, "secret", "nor is Path confined"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/" + secret, 404, "", "the router's path is not taken"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=/dev/zero", 404, "", "still no device"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=/", 404, "", "still no directory"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + dir + "/pipe", 404, "", "still no pipe"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + secret + "%00", 404, "", "still no NUL"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := serveStored(t, "HTTP/1.1", mountStored(tt.view)).request(t, "GET", tt.target)
			if tt.status != 200 {
				got.checkError(t, tt.status)
				return
			}
			got.check(t, 200, tt.body)
		})
	}
}

func TestPathDownloadViewPermissionDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		// Nothing can be taken from root here, in CI too: the answer to a refusal
		// is then tested by the stand-in alone.
		t.Skip("root may read everything; TestStorageDownloadViewFailures has a stand-in")
	}
	dir := storedDir(t, "a.txt", "a")
	if err := os.Chmod(filepath.Join(dir, "a.txt"), 0); err != nil {
		t.Fatal(err)
	}
	serveStored(t, "HTTP/1.1", mountStored(views.PathDownloadView{Dir: dir})).
		request(t, "GET", "/files/a.txt").checkError(t, 403)
}

func TestPathDownloadViewNames(t *testing.T) {
	srv := serveStored(t, "HTTP/1.1", mountStored(views.PathDownloadView{Dir: unconfinedTree(t)}))
	for _, tt := range []struct{ target, disposition, contentType, reason string }{
		{"sub/b.txt", `attachment; filename="b.txt"`, "text/plain; charset=utf-8", "the last element of the path"},
		{"inside", `attachment; filename="inside"`, "application/octet-stream", "the name that was asked for, not that of a link's target"},
		{"100%25.txt", `attachment; filename="100%.txt"; filename*=UTF-8''100%25.txt`, "text/plain; charset=utf-8", "a percent sign"},
		{"日本語.txt", `attachment; filename="___.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E.txt`, "text/plain; charset=utf-8", "not ASCII"},
		{"a%5Cb.txt", `attachment; filename="b.txt"`, "text/plain; charset=utf-8", "a backslash is a separator for some clients"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := srv.request(t, "GET", "/files/"+tt.target)
			if got.Status != 200 || got.Header.Get("Content-Disposition") != tt.disposition || got.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("%d, %s, %s, want 200, %s, %s", got.Status, got.Header.Get("Content-Disposition"),
					got.Header.Get("Content-Type"), tt.disposition, tt.contentType)
			}
		})
	}
}

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
			for _, protocol := range storedProtocols {
				dir, path := changingFile(t)
				srv := serveStored(t, protocol, mountStored(views.PathDownloadView{Dir: dir}))
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
				srv.handlers.Wait()
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
				overStored(t, mountStored(view), func(t *testing.T, srv *storedServer) {
					if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
						t.Fatal(err)
					}
					if err := os.Chtimes(path, storedTime, storedTime); err != nil {
						t.Fatal(err)
					}
					got := srv.request(t, "GET", "/files/content.txt", "If-Modified-Since", storedTime.Format(http.TimeFormat))
					if got.Err == nil {
						got.checkError(t, 500)
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
	overStored(t, mountStored(view), func(t *testing.T, srv *storedServer) {
		srv.request(t, "GET", "/files/x", "If-Modified-Since", storedTime.Format(http.TimeFormat)).check(t, 200, "from a pipe")
	})
}

// A new file under the same name does not disturb those who are still served
// the old one.
func TestPathDownloadViewOfAReplacedFile(t *testing.T) {
	for _, protocol := range storedProtocols {
		dir, path := changingFile(t)
		srv := serveStored(t, protocol, mountStored(views.PathDownloadView{Dir: dir}))
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
		srv.request(t, "GET", "/files/large.bin").check(t, 200, "new")
	}
}

func TestPathDownloadViewClientThatLeaves(t *testing.T) {
	dir, _ := changingFile(t)
	overStored(t, mountStored(views.PathDownloadView{Dir: dir}), func(t *testing.T, srv *storedServer) {
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
		srv.handlers.Wait() // the handler gives up: otherwise this would take forever
		if open := openFiles(t, dir); len(open) > 0 {
			t.Errorf("still open: %q", open)
		}
	})
}

// All requests share a view, and a root.
func TestPathDownloadViewConcurrently(t *testing.T) {
	content := storedContent(300 << 10)
	dir := storedDir(t, "content.txt", content)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, view := range []views.PathDownloadView{{Root: root}, {Dir: dir}} {
		srv := serveStored(t, "HTTP/1.1", mountStored(view))
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				for range 10 {
					resp, err := srv.Client().Get(srv.URL + "/files/content.txt")
					if err != nil {
						t.Error(err)
						return
					}
					got, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if string(got) != content || err != nil {
						t.Errorf("%d bytes (%v), want other %d", len(got), err, len(content))
					}
				}
			})
		}
		clients.Wait()
	}
}

func TestPathDownloadViewCheck(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	const (
		none  = "neither Root nor Dir is set"
		one   = "only one of Root, Dir and DangerouslyServeAnyPath may be set"
		needs = "DangerouslyServeAnyPath needs Path or FixedPath"
	)
	for _, tt := range []struct {
		view   views.DownloadView
		want   string
		reason string
	}{
		{views.PathDownloadView{}, none, "no root: nothing is served by default"},
		{views.PathDownloadView{FixedPath: "a.txt"}, none, "a path alone says not where"},
		{views.PathDownloadView{Root: root, Dir: "."}, one, "two roots"},
		{views.PathDownloadView{Dir: ".", DangerouslyServeAnyPath: true}, one, "a root that would not confine"},
		{views.PathDownloadView{Root: root, DangerouslyServeAnyPath: true}, one, "the same"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true}, needs, "any path, but none"},
		{&views.PathDownloadView{}, none, "by a pointer"},
		{changedInBetween{}, none, "in a struct around it"},
	} {
		t.Run(tt.reason, func(t *testing.T) { wantAsViewPanic(t, tt.view, tt.want) })
	}
}
