//go:build unix

package views_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/internal/servertest"
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
		"(1).txt", "(100%).txt", "(%41).txt", "a+b&c=d;e.txt", "a..txt", "%", "!%25",
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
	{"a..txt", "a..txt", "two dots in a name"},

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
	{"sub/%2e%2e/a.txt", "", "a detour that stays inside"},
	{"sub/.%2E/a.txt", "", "half of it escaped"},
	{"sub%2f..%2fa.txt", "", "with escaped slashes"},
	{"sub%5c..%5ca.txt", "", "with escaped backslashes"},
	{"sub/..", "", "at the end"},
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
			srv := servertest.Start(t, "HTTP/1.1", mount(view))
			for _, tt := range storedPathTests {
				if kind == "storage" && (strings.HasPrefix(tt.reason, "a link") || strings.HasPrefix(tt.reason, "an absolute link")) {
					continue // an os.DirFS follows links; an os.Root's FS is the storage that does not
				}
				t.Run(router+"/"+kind+"/"+tt.reason, func(t *testing.T) {
					got := srv.Do(t, "GET", "/files/"+tt.target) // a pipe would block until the client's timeout
					if tt.want != "" {
						got.Check(t, 200, tt.want)
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

// Middleware that looks at the URL, and the view behind it, see one user's files.
func TestPathDownloadViewBehindAGuard(t *testing.T) {
	dir := storedDir(t, "bob/x", "bob's")
	writeFile(t, filepath.Join(dir, "alice/x"), "alice's")
	guard := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/files/alice/") {
				http.Error(w, "you are Alice", http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	r := chi.NewRouter()
	r.Use(guard)
	views.Mount(r, "/files/*", views.PathDownloadView{Dir: dir})
	servertest.OverEach(t, r, func(t *testing.T, srv *servertest.Server) {
		srv.Do(t, "GET", "/files/alice/x").Check(t, 200, "alice's")
		for _, target := range []string{
			"/files/alice/../bob/x", "/files/alice/%2e%2e/bob/x", "/files/alice/.%2E/bob/x", "/files/alice/..%2fbob/x",
			"/files/alice%2f..%2fbob/x", "/files/alice/./../bob/x", `/files/alice/..%5cbob/x`,
		} {
			srv.Do(t, "GET", target).CheckError(t, 404)
		}
	})
}

// Parameters of one segment can hold no slash but an escaped one.
func TestPathDownloadViewOfOneSegment(t *testing.T) {
	dir := unconfinedTree(t)
	r := chi.NewRouter()
	views.Mount(r, "/files/{path}/download", views.PathDownloadView{Dir: dir})
	srv := servertest.Start(t, "HTTP/1.1", r)
	for target, want := range map[string]string{
		"a.txt": "a.txt", "sub%2Fb.txt": "sub/b.txt", "%2541.txt": "%41.txt", "(100%25).txt": "(100%).txt",
	} {
		srv.Do(t, "GET", "/files/"+target+"/download").Check(t, 200, want)
	}
	for _, target := range []string{"..%2Fsecret.txt", "%2e%2e%2Fsecret.txt", "sub", "missing"} {
		srv.Do(t, "GET", "/files/"+target+"/download").CheckError(t, 404)
	}
}
