//go:build unix

package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

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
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=sub/../a.txt", 404, "", "nor turn round in it"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=" + secret, 404, "", "not even by an absolute path"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=100%25.txt", 200, "100%.txt", "what Path says is a path already"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/(x)/%2541?name=%2541.txt", 200, "%41.txt", "and not unescaped once more"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=forbidden", 403, "", "its error is that of the view"},
		{views.PathDownloadView{Dir: dir, Path: byQuery}, "/files/?name=broken", 500, "", "whatever it is"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, FixedPath: secret}, "/files/a.txt", 200, "secret", "any path means any, and not the router's"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + secret, 200, "secret", "nor is Path confined"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, FixedPath: dir + "/../secret.txt"}, "/files/", 200, "secret", "the system's paths may turn round"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/" + secret, 404, "", "the router's path is not taken"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=/dev/zero", 404, "", "still no device"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=/", 404, "", "still no directory"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + dir + "/pipe", 404, "", "still no pipe"},
		{views.PathDownloadView{DangerouslyServeAnyPath: true, Path: byQuery}, "/files/?name=" + secret + "%00", 404, "", "still no NUL"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := servertest.Start(t, "HTTP/1.1", mountStored(tt.view)).Do(t, "GET", tt.target)
			if tt.status != 200 {
				got.CheckError(t, tt.status)
				return
			}
			got.Check(t, 200, tt.body)
		})
	}
}

// A Dir that goes while the program runs is the program's mistake, not the
// client's.
func TestPathDownloadViewDirThatGoes(t *testing.T) {
	dir := storedDir(t, "root/a.txt", "a")
	h := mountStored(views.PathDownloadView{Dir: filepath.Join(dir, "root")})
	if err := os.Rename(filepath.Join(dir, "root"), filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	servertest.Record(h, "GET", "/files/a.txt").CheckError(t, 500)
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
	servertest.Start(t, "HTTP/1.1", mountStored(views.PathDownloadView{Dir: dir})).
		Do(t, "GET", "/files/a.txt").CheckError(t, 403)
}

func TestPathDownloadViewNames(t *testing.T) {
	srv := servertest.Start(t, "HTTP/1.1", mountStored(views.PathDownloadView{Dir: unconfinedTree(t)}))
	for _, tt := range []struct{ target, disposition, contentType, reason string }{
		{"sub/b.txt", `attachment; filename="b.txt"`, "text/plain; charset=utf-8", "the last element of the path"},
		{"inside", `attachment; filename="inside"`, "application/octet-stream", "the name that was asked for, not that of a link's target"},
		{"100%25.txt", `attachment; filename="100%.txt"; filename*=UTF-8''100%25.txt`, "text/plain; charset=utf-8", "a percent sign"},
		{"日本語.txt", `attachment; filename="___.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E.txt`, "text/plain; charset=utf-8", "not ASCII"},
		{"a%5Cb.txt", `attachment; filename="b.txt"`, "text/plain; charset=utf-8", "a backslash is a separator for some clients"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := srv.Do(t, "GET", "/files/"+tt.target)
			if got.Status != 200 || got.Header.Get("Content-Disposition") != tt.disposition || got.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("%d, %s, %s, want 200, %s, %s", got.Status, got.Header.Get("Content-Disposition"),
					got.Header.Get("Content-Type"), tt.disposition, tt.contentType)
			}
		})
	}
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
		srv := servertest.Start(t, "HTTP/1.1", mountStored(view))
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
	dir := storedDir(t, "a.txt", "a")
	root, err := os.OpenRoot(dir)
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
		{views.PathDownloadView{DangerouslyServeAnyPath: true, FixedPath: "a", Allow: func(string) bool { return true }},
			"with DangerouslyServeAnyPath, Allow is not asked", "any path, but not any"},
		{views.PathDownloadView{Dir: dir + "/missing"}, "no Dir to serve: stat " + dir + "/missing: no such file", "a root that is not there"},
		{views.PathDownloadView{Dir: dir + "/a.txt"}, "the Dir " + dir + "/a.txt is no directory", "a root that is no directory"},
		{views.PathDownloadView{Dir: dir, FixedPath: "sub/../a.txt"}, `FixedPath "sub/../a.txt" is not as filepath.Localize wants it`, "what would never be served"},
		{views.StorageDownloadView{Storage: hiddenStorage, FixedPath: "/a.txt"}, `FixedPath "/a.txt" is not as filepath.Localize wants it`, "the same of a storage"},
		{&views.PathDownloadView{}, none, "by a pointer"},
		{changedInBetween{}, none, "in a struct around it"},
	} {
		t.Run(tt.reason, func(t *testing.T) { mustPanic(t, func() { views.AsView(tt.view) }, tt.want) })
	}
}
