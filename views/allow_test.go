package views_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// hiddenStorage has files that begin with a dot, and others.
var hiddenStorage = fstest.MapFS{}

func init() {
	for _, name := range []string{
		"a.txt", "a.b.txt", "sub/a.txt", ".env", ".git/config", "sub/.git/config", "sub/.env", "...", "..a", ".well-known",
		".well-known/security.txt", ".well-known/.env", "sub/.well-known/a.txt", ".Well-Known/a.txt", ".well-known.txt",
	} {
		hiddenStorage[name] = &fstest.MapFile{Data: []byte(name)}
	}
}

// hiddenViews returns the views of hiddenStorage that set has set up.
func hiddenViews(t *testing.T, set func(path *func(*http.Request) (string, error), fixed *string, allow *func(string) bool)) map[string]views.DownloadView {
	dir := t.TempDir()
	for name, file := range hiddenStorage {
		if name != ".well-known" && (name != "..." || runtime.GOOS != "windows") { // a directory here; no name there
			writeFile(t, filepath.Join(dir, name), string(file.Data))
		}
	}
	path, storage := views.PathDownloadView{Dir: dir}, views.StorageDownloadView{Storage: hiddenStorage}
	set(&path.Path, &path.FixedPath, &path.Allow)
	set(&storage.Path, &storage.FixedPath, &storage.Allow)
	return map[string]views.DownloadView{"PathDownloadView": path, "StorageDownloadView": storage}
}

func TestAllow(t *testing.T) {
	type (
		chooser = func(*http.Request) (string, error)
		allower = func(string) bool
	)
	constant := func(name string) chooser {
		return func(*http.Request) (string, error) { return name, nil }
	}
	byParam := func(r *http.Request) (string, error) { return views.PathParam(r, "*") }
	byQuery := func(r *http.Request) (string, error) { return "sub/" + r.FormValue("name"), nil }
	nothing := func(string) bool { return false }
	all := func(string) bool { return true }
	text := func(name string) bool { return strings.HasSuffix(name, ".txt") && !strings.HasPrefix(name, "sub/") }
	for _, tt := range []struct {
		reason string
		path   chooser
		fixed  string
		allow  allower
		target string
		want   string // "": 404
	}{
		{"no dot", nil, "", nil, "/a.txt", "a.txt"},
		{"a dot in the middle", nil, "", nil, "/a.b.txt", "a.b.txt"},
		{"a file that begins with a dot", nil, "", nil, "/.env", ""},
		{"an escaped dot", nil, "", nil, "/%2eenv", ""},
		{"in a directory", nil, "", nil, "/sub/.env", ""},
		{"by an escaped slash", nil, "", nil, "/sub%2f.env", ""},
		{"a directory that begins with a dot", nil, "", nil, "/.git/config", ""},
		{"in another", nil, "", nil, "/sub/.git/config", ""},
		{"three dots", nil, "", nil, "/...", ""},
		{"two dots and a name", nil, "", nil, "/..a", ""},
		{"what is well known (RFC 8615)", nil, "", nil, "/.well-known/security.txt", ".well-known/security.txt"},
		{"the same further down", nil, "", nil, "/sub/.well-known/a.txt", "sub/.well-known/a.txt"},
		{"what is hidden in it", nil, "", nil, "/.well-known/.env", ""},
		{"in capitals it is not", nil, "", nil, "/.Well-Known/a.txt", ""},
		{"a longer name", nil, "", nil, "/.well-known.txt", ""},

		{"all are allowed", nil, "", all, "/.git/config", ".git/config"},
		{"nothing is", nil, "", nothing, "/a.txt", ""},
		{"a rule: yes", nil, "", text, "/a.txt", "a.txt"},
		{"a rule: no", nil, "", text, "/sub/a.txt", ""},
		{"a rule, and another spelling", nil, "", text, "/./sub/a.txt", ""},
		{"a rule, and one more", nil, "", text, "/.%2f%2fsub/a.txt", ""},
		{"a rule, and a backslash", nil, "", text, "/sub%5Ca.txt", ""},
		{"a rule, and a dot at the end", nil, "", all, "/.env.", ""},
		{"the 8.3 name of .env", nil, "", nil, "/ENV~1", ""},

		{"FixedPath is the program's word", nil, ".env", nil, "/", ".env"},
		{"it is not asked about", nil, "a.txt", nothing, "/", "a.txt"},
		{"but the router is", nil, ".env", nil, "/.git/config", ""},
		{"Path is asked about, whoever made the name: the router", byParam, "", nil, "/.env", ""},
		{"the query", byQuery, "", nil, "/?name=.env", ""},
		{"the query, escaped", byQuery, "", nil, "/?name=%2eenv", ""},
		{"the program", constant(".env"), "", nil, "/x", ""},
		{"the program, and a rule that lets it", constant(".env"), "", all, "/x", ".env"},
		{"the program, and a rule that does not", constant("a.txt"), "", nothing, "/x", ""},
		{"without a dot it is served", byQuery, "", nil, "/?name=a.txt", "sub/a.txt"},
		{"unless the rule says no", byQuery, "", text, "/?name=a.txt", ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for name, view := range hiddenViews(t, func(path *chooser, fixed *string, allow *allower) {
				*path, *fixed, *allow = tt.path, tt.fixed, tt.allow
			}) {
				t.Run(name, func(t *testing.T) {
					logs := servertest.CaptureLog(t)
					r := chi.NewRouter()
					views.Mount(r, "/*", view)
					got := servertest.Start(t, servertest.HTTP11, r).Do(t, "GET", tt.target)
					if tt.want != "" {
						got.Check(t, 200, tt.want)
						return
					}
					got.CheckError(t, 404)
					if log := logs.String(); !strings.Contains(log, "Allow does not let") && !strings.Contains(log, "spelling") && !strings.Contains(log, "exist") && !strings.Contains(log, "no such file") {
						t.Errorf("the log does not say why: %q", logs)
					}
				})
			}
		})
	}
}

// Allow gets the name in one spelling, and once.
func TestAllowIsAskedOnce(t *testing.T) {
	var asked []string
	for _, view := range hiddenViews(t, func(_ *func(*http.Request) (string, error), _ *string, allow *func(string) bool) {
		*allow = func(name string) bool { asked = append(asked, name); return true }
	}) {
		r := chi.NewRouter()
		views.Mount(r, "/*", view)
		servertest.Record(r, "GET", "/sub%2Fa.txt").Check(t, 200, "sub/a.txt")
	}
	if got := fmt.Sprint(asked); got != "[sub/a.txt sub/a.txt]" {
		t.Errorf("asked about %s", got)
	}
}

// A view that is mounted where the router gives it nothing serves nothing, and
// the log says why.
func TestRouterThatGivesNoPath(t *testing.T) {
	for _, view := range hiddenViews(t, func(*func(*http.Request) (string, error), *string, *func(string) bool) {}) {
		logs := servertest.CaptureLog(t)
		r := chi.NewRouter()
		views.Mount(r, "/files/{name}", view)
		servertest.Record(r, "GET", "/files/a.txt").CheckError(t, 404)
		for _, want := range []string{`neither Path nor the router`, `/files/{name}`, `no FixedPath`} {
			if len(logs.Lines()) != 1 || !strings.Contains(logs.String(), want) {
				t.Errorf("%T: log %q, want one line with %q", view, logs, want)
			}
		}
	}
}
