package offload_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// What each kind of server is told of a name, or why it is told nothing.
func TestPlace(t *testing.T) {
	const nginx, caddy, caddyRaw = offload.NGINX, offload.Caddy, offload.CaddyRaw
	const apache, apacheRaw, lighttpd = offload.Apache, offload.ApacheRaw, offload.Lighttpd
	log := reasons(t)
	for _, tt := range []struct {
		server offload.Server
		name   string
		want   string // in place of DIR: the rule's directory
		reason string // a part of it
	}{
		{nginx, "a.txt", "/p%20q/a.txt", ""},
		{nginx, "%41 100%?#Ж~.txt", "/p%20q/%2541%20100%25%3F%23%D0%96~.txt", ""},
		{nginx, "sub/\xff\n", "/p%20q/sub/%FF%0A", ""},
		{nginx, strings.Repeat(strings.Repeat("Ж", 120)+"/", 4) + "a", "", "takes 2892 bytes, more than 2048"},
		{caddy, "%41?#Ж", "/p%20q/%2541%3F%23%D0%96", ""},
		{caddyRaw, "%41#Ж\xff", "/p q/%41#Ж\xff", ""},
		{caddyRaw, "a?b", "", `takes none of \"?\"`},
		{caddyRaw, "a\nb", "", "no control characters"},
		{caddyRaw, "a ", "", "a blank at the end"},
		{apache, "%41?#Ж\n", "DIR/%2541%3F%23%D0%96%0A", ""},
		{apacheRaw, "%41?#Ж\xff", "DIR/%41?#Ж\xff", ""},
		{apacheRaw, "a\rb", "", "no control characters"},
		{apacheRaw, "a ", "", "a blank at the end"},
		{lighttpd, "%41?#Ж ", "DIR/%2541%3F%23%D0%96%20", ""},
		{lighttpd, "a\x7fb", "", "no control characters"},
		{lighttpd, "\xff", "", "names in UTF-8 only"},
	} {
		log.Reset()
		dir := filepath.Join(t.TempDir(), "files")
		writeFile(t, filepath.Join(dir, tt.name), "content")
		rule := offload.Rule{Dir: dir}
		if tt.server <= caddyRaw {
			rule.To = "/p q/"
		}
		h, outcome := outcomeOf(filepath.Join(dir, tt.name))
		resp := ask(t, middleware(t, tt.server, rule).Wrap(h), "GET")
		want := strings.Replace(tt.want, "DIR", dir, 1)
		if resp.StatusCode != 200 || place(resp) != want || outcome.HandedOver != (want != "") {
			t.Errorf("%v, %q: status %d, place %q, want %q", tt.server, tt.name, resp.StatusCode, place(resp), want)
		}
		if got := log.String(); !strings.Contains(got, tt.reason) || tt.reason == "" && got != "" {
			t.Errorf("%v, %q: log %q, want %q", tt.server, tt.name, got, tt.reason)
		}
	}
}

// Which files are handed over: those that are on disk, where they were opened,
// below Dir.
func TestOnDisk(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "www")
	writeFile(t, filepath.Join(dir, "a.txt"), "a")
	writeFile(t, filepath.Join(dir, "sub", "b.txt"), "b")
	writeFile(t, filepath.Join(top, "www-secret", "c.txt"), "c")
	for link, to := range map[string]string{
		"www/in": "a.txt", "www/out": "../www-secret/c.txt", "www-secret/back": dir + "/sub/b.txt", "current": "www",
	} {
		if err := os.Symlink(to, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(top)
	root, err := os.OpenRoot("www")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	open := func(name string) func() (fs.File, error) {
		return func() (fs.File, error) { return os.Open(name) }
	}
	opened := func() *os.File {
		f, err := os.Open("www/a.txt")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	log := reasons(t)
	for _, tt := range []struct {
		reason string
		dir    string
		open   func() (fs.File, error)
		want   string // empty: not handed over
		log    string
	}{
		{"below", dir, open(dir + "/a.txt"), "/p/a.txt", ""},
		{"further below", dir, open(dir + "/sub/b.txt"), "/p/sub/b.txt", ""},
		{"a relative name", dir, open("www/a.txt"), "/p/a.txt", ""},
		{"a name that is not clean", dir, open(dir + "/../www//./a.txt"), "/p/a.txt", ""},
		{"by a link", dir, open(dir + "/in"), "/p/a.txt", ""},
		{"by a link that leads in", dir, open(top + "/www-secret/back"), "/p/sub/b.txt", ""},
		{"by a link that leads out", dir, open(dir + "/out"), "", "no rule matches"},
		{"the directory's name is the beginning of another's", dir, open(top + "/www-secret/c.txt"), "", "no rule matches"},
		{"the directory is a link", filepath.Join(top, "current"), open(dir + "/a.txt"), "/p/a.txt", ""},
		{"both are", filepath.Join(top, "current"), open(top + "/current/in"), "/p/a.txt", ""},
		{"everything on disk", "/", open(dir + "/a.txt"), "/p" + dir + "/a.txt", ""},
		{"the directory does not exist", dir + "/none", open(dir + "/a.txt"), "", "no rule matches"},
		{"os.Root, relative", dir, func() (fs.File, error) { return root.Open("sub/b.txt") }, "/p/sub/b.txt", ""},
		{"os.Root, a link", dir, func() (fs.File, error) { return root.Open("in") }, "/p/a.txt", ""},
		{"os.Root's FS", dir, func() (fs.File, error) { return root.FS().Open("a.txt") }, "/p/a.txt", ""},
		{"a storage", dir, func() (fs.File, error) { return files.OpenStorageFile(t.Context(), os.DirFS(dir), "a.txt") }, "/p/a.txt", ""},
		{"described", dir, func() (fs.File, error) { return files.NewDescribedFile(opened()), nil }, "/p/a.txt", ""},
		{"a Read of its own", dir, func() (fs.File, error) { return struct{ *os.File }{opened()}, nil }, "", "no rule matches"},
		{"in memory", dir, func() (fs.File, error) { return files.NewContentFile("a", "a.txt"), nil }, "", "no rule matches"},
		{"encoded", dir, func() (fs.File, error) {
			f := files.NewDescribedFile(opened())
			f.Encoding = "gzip"
			return f, nil
		}, "", "in a content coding"},
		{"replaced", dir, func() (fs.File, error) {
			f := opened()
			writeFile(t, filepath.Join(dir, "new"), "new")
			return f, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a.txt"))
		}, "", "another file has its name by now"},
		{"replaced by a link to another", dir, func() (fs.File, error) {
			f := opened()
			return f, swap(filepath.Join(dir, "a.txt"), "sub/b.txt")
		}, "", "another file has its name by now"},
		{"removed", dir, func() (fs.File, error) {
			f := opened()
			return f, os.Remove(filepath.Join(dir, "a.txt"))
		}, "", "it is not where it was opened"},
		{"a name of its own", dir, func() (fs.File, error) {
			fd, err := os.Open(filepath.Join(dir, "sub", "b.txt"))
			if err != nil {
				return nil, err
			}
			return fd, os.Rename(filepath.Join(dir, "sub"), filepath.Join(dir, "moved"))
		}, "", "it is not where it was opened"},
	} {
		log.Reset()
		resp := ask(t, middleware(t, offload.NGINX, offload.Rule{Dir: tt.dir, To: "/p/"}).Wrap(serving(tt.open)), "GET")
		if resp.StatusCode != 200 || place(resp) != tt.want || !strings.Contains(log.String(), tt.log) {
			t.Errorf("%s: status %d, place %q, want %q; log %s", tt.reason, resp.StatusCode, place(resp), tt.want, log)
		}
	}
}

// swap puts a link in the place of a file.
func swap(path, to string) error {
	if err := os.Symlink(to, path+".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Which files are handed over by their URL.
func TestByURL(t *testing.T) {
	const nginx, caddyRaw, apache = offload.NGINX, offload.CaddyRaw, offload.Apache
	log := reasons(t)
	for _, tt := range []struct {
		server    offload.Server
		rule, url string
		want      string
		log       string
	}{
		{nginx, "/media/", "/media/a.txt", "/p/a.txt", ""},
		{nginx, "https://b.example/", "https://b.example/a%20b%3F.txt", "/p/a%20b%3F.txt", ""},
		{nginx, "https://b.example/", "https://B.example/a.txt", "/p/a.txt", ""},
		{nginx, "https://b.example/k/", "https://b.example/k/a+b?X-Sig=a%2Fb%3D&c=d+e;f", "/p/a%2Bb?X-Sig=a%2Fb%3D&c=d+e;f", ""},
		{nginx, "https://b.example/k/", "https://b.example/kk/a", "", "no rule matches"},
		{nginx, "https://b.example/", "http://b.example/a", "", "no rule matches"},
		{nginx, "https://b.example/", "https://b.example.org/a", "", "no rule matches"},
		{nginx, "https://b.example/", "https://me@b.example/a", "", "no rule matches"},
		{nginx, "https://b.example/", "https://b.example/a#b", "", "no rule matches"},
		{nginx, "https://b.example/", "//b.example/a", "", "no rule matches"},
		{nginx, "/", "", "", "no rule matches"},
		{nginx, "https://b.example/", "https://b.example/", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/a//b", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/a/", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/../a", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/%2e%2e/a", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/a%2Fb", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/a%00", "", "not clean"},
		{nginx, "https://b.example/", "https://b.example/a?b=c d", "", "has a query"},
		{nginx, "https://b.example/", "https://b.example/a?b=ж", "", "has a query"},
		{nginx, "https://b.example/", "https://b.example:x/", "", "cannot be parsed"},
		{caddyRaw, "https://b.example/", "https://b.example/a%20b", "/p/a b", ""},
		{caddyRaw, "https://b.example/", "https://b.example/a?b=c", "", "has a query"},
		{apache, "/media/", "/media/a%25.txt", "/p/a%25.txt", ""},
		{apache, "/media/", "/media/a.txt?b=c", "", "has a query"},
	} {
		log.Reset()
		open := func() (fs.File, error) {
			f := files.NewContentFile("a", "a.txt")
			f.URL = tt.url
			return f, nil
		}
		resp := ask(t, middleware(t, tt.server, offload.Rule{URL: tt.rule, To: "/p/"}).Wrap(serving(open)), "GET")
		if resp.StatusCode != 200 || place(resp) != tt.want || !strings.Contains(log.String(), tt.log) {
			t.Errorf("%s, %s: status %d, place %q, want %q; log %s", tt.rule, tt.url, resp.StatusCode, place(resp), tt.want, log)
		}
		if strings.Contains(log.String(), "Sig") {
			t.Errorf("the log has a signature: %s", log)
		}
	}
}

// A URL is only asked for if a rule could match it.
func TestURLIsMadeOnDemand(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.txt"), "a")
	asked := 0
	open := func() (fs.File, error) {
		return files.OpenStorageFile(t.Context(), signing{os.DirFS(dir), &asked}, "a.txt")
	}
	m := middleware(t, offload.NGINX, offload.Rule{Dir: dir, To: "/p/"}, offload.Rule{URL: "/media/", To: "/q/"})
	if resp := ask(t, m.Wrap(serving(open)), "GET"); place(resp) != "/p/a.txt" || asked != 0 {
		t.Errorf("place %q, the URL was asked for %d times", place(resp), asked)
	}
	m = middleware(t, offload.NGINX, offload.Rule{URL: "/other/", To: "/p/"}, offload.Rule{URL: "/media/", To: "/q/"})
	if resp := ask(t, m.Wrap(serving(open)), "GET"); place(resp) != "/q/a.txt" || asked != 1 {
		t.Errorf("place %q, the URL was asked for %d times", place(resp), asked)
	}
}

// signing is a storage whose URLs cost something.
type signing struct {
	fs.FS
	asked *int
}

func (s signing) URL(_ context.Context, name string) (string, error) {
	*s.asked++
	return "/media/" + name, nil
}

// The header is the file's, and says nothing that the server knows better.
func TestHeader(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, "Hello")
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	for _, tt := range []struct {
		reason string
		server offload.Server
		opts   offload.Options
		ahead  http.Header // set by a middleware
		header []string    // of the request
		want   http.Header
	}{
		{"plain", offload.NGINX, offload.Options{}, nil, nil, http.Header{"X-Accel-Redirect": {"/p/a.txt"}}},
		{"paths", offload.ApacheRaw, offload.Options{}, nil, nil, http.Header{"X-Sendfile": {path}}},
		{"nginx's own", offload.NGINX, offload.Options{LimitRate: 1 << 20, Buffering: &no, Charset: "koi8-r", Expires: 1500 * time.Millisecond}, nil, nil,
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}, "X-Accel-Limit-Rate": {"1048576"}, "X-Accel-Buffering": {"no"},
				"X-Accel-Charset": {"koi8-r"}, "X-Accel-Expires": {"2"}}},
		{"the view's word goes before", offload.NGINX, offload.Options{LimitRate: 1, Buffering: &yes, Expires: -1},
			http.Header{"X-Accel-Limit-Rate": {"7"}}, nil,
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}, "X-Accel-Limit-Rate": {"7"}, "X-Accel-Buffering": {"yes"}, "X-Accel-Expires": {"0"}}},
		{"what the server knows better", offload.Lighttpd, offload.Options{},
			http.Header{"Accept-Ranges": {"none"}, "Content-Range": {"bytes 0-1/2"}, "Content-Encoding": {"identity"}, "Repr-Digest": {"x"}, "Content-Digest": {"y"}}, nil,
			http.Header{"X-Sendfile": {path}, "Repr-Digest": {"x"}, "Content-Digest": {"y"}}},
		{"digests of the whole are not those of a part", offload.Lighttpd, offload.Options{},
			http.Header{"Repr-Digest": {"x"}, "Content-Digest": {"y"}, "Content-Md5": {"z"}}, []string{"Range: bytes=1-2"},
			http.Header{"X-Sendfile": {path}, "Repr-Digest": {"x"}}},
		{"the caller's stay", offload.NGINX, offload.Options{}, http.Header{"Cache-Control": {"private"}, "Etag": {`"mine"`}, "Content-Type": {"text/mine"}}, nil,
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}, "Cache-Control": {"private"}, "Etag": {`"mine"`}, "Content-Type": {"text/mine"}}},
		{"forged", offload.NGINX, offload.Options{}, nil,
			[]string{"X-Accel-Redirect: /q/b.txt", "X-Sendfile-Type: X-Sendfile", "X-Accel-Mapping: /=/q/", "X-Accel-Limit-Rate: 0"},
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}}},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			tt.opts.Rules = []offload.Rule{{Dir: dir}}
			if tt.server == offload.NGINX {
				tt.opts.Rules[0].To = "/p/"
			}
			m, err := offload.New(tt.server, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			h := m.Wrap(opening(path))
			resp := ask(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for key, values := range tt.ahead {
					w.Header()[key] = values
				}
				h.ServeHTTP(w, r)
			}), method, tt.header...)
			want := http.Header{
				"Content-Type": {"text/plain; charset=utf-8"}, "Content-Disposition": {`attachment; filename="a.txt"`},
				"Last-Modified": {"Tue, 03 Feb 2026 04:05:06 GMT"}, "X-Content-Type-Options": {"nosniff"},
				"Etag": resp.Header["Etag"],
			}
			for key, values := range tt.want {
				want[key] = values
			}
			got := resp.Header.Clone()
			got.Del("Date")
			got.Del("Content-Length") // net/http tells that there is no content
			if diff := cmp.Diff(want, got); diff != "" || resp.StatusCode != 200 || len(got["Etag"]) != 1 || resp.ContentLength > 0 {
				t.Errorf("%s, %s: status %d, header (-want +got):\n%s", tt.reason, method, resp.StatusCode, diff)
			}
		}
	}
}

// Handlers do not see what a client forged, and the rest as it came.
func TestForgedFields(t *testing.T) {
	var got http.Header
	m := middleware(t, offload.NGINX, offload.Rule{Dir: "/srv", To: "/p/"})
	r := httptest.NewRequest("GET", "/", nil)
	sent := http.Header{"X-Accel-Redirect": {"a"}, "X-Accel-Mapping": {"b"}, "X-Sendfile": {"c"}, "X-Sendfile-Type": {"d"}, "Accept": {"e"}, "X-Accelerate": {"f"}}
	r.Header = sent.Clone()
	m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header })).ServeHTTP(httptest.NewRecorder(), r)
	if diff := cmp.Diff(http.Header{"Accept": {"e"}, "X-Accelerate": {"f"}}, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sent, r.Header); diff != "" {
		t.Errorf("the caller's request was changed (-want +got):\n%s", diff)
	}
}

// An answer other than 200 does not have the header: mod_xsendfile would let it
// through to the client.
func TestOnlyOf200(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, "Hello")
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	const onTime, earlier = "Tue, 03 Feb 2026 04:05:06 GMT", "Tue, 03 Feb 2026 04:05:05 GMT"
	all := []offload.Server{offload.NGINX, offload.Caddy, offload.CaddyRaw, offload.Apache, offload.ApacheRaw, offload.Lighttpd}
	for _, server := range all {
		rule := offload.Rule{Dir: dir}
		if server <= offload.CaddyRaw {
			rule.To = "/p/"
		}
		// Here, for a server that leaves it to the application; else there.
		here := map[bool]int{true: 412, false: 200}[server == offload.Lighttpd]
		for _, tt := range []struct {
			handler http.Handler
			method  string
			header  string
			status  int
		}{
			{opening(path), "GET", "If-Modified-Since: " + onTime, 304},
			{opening(path), "HEAD", "If-Modified-Since: " + onTime, 304},
			{opening(path), "GET", "If-Modified-Since: " + earlier, 200},
			{opening(path), "GET", "If-None-Match: *", 200}, // the server's to evaluate
			{opening(path), "GET", `If-Match: "other"`, here},
			{opening(path), "GET", "If-Unmodified-Since: " + earlier, here},
			{opening(path), "POST", "", 405},
			{opening(path + "none"), "GET", "", 404},
			{opening(dir), "GET", "", 404},
			{serving(func() (fs.File, error) { return os.Open("a\x00b") }), "GET", "", 500},
		} {
			resp := ask(t, middleware(t, server, rule).Wrap(tt.handler), tt.method, tt.header)
			if resp.StatusCode != tt.status || (place(resp) != "") != (tt.status == 200) {
				t.Errorf("%v: %s %s: status %d, want %d; place %q", server, tt.method, tt.header, resp.StatusCode, tt.status, place(resp))
			}
		}
	}
}

// What the server could not but answer by 304, of a file that the view takes for
// modified, is sent by the application.
func TestViewTakesItForModified(t *testing.T) {
	log := reasons(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, "Hello")
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	h := middleware(t, offload.NGINX, offload.Rule{Dir: dir, To: "/p/"}).Wrap(views.AsView(alwaysModified{path: path}))
	for header, handedOver := range map[string]bool{
		"If-Modified-Since: Tue, 03 Feb 2026 04:05:05 GMT": true, // the server sees it as well
		"If-Modified-Since: Tue, 03 Feb 2026 04:05:06 GMT": false,
		"If-Modified-Since: Tue, 03 Feb 2026 04:05:07 GMT": false,
		"If-Modified-Since: yesterday":                     true,
	} {
		log.Reset()
		resp := ask(t, h, "GET", header)
		if resp.StatusCode != 200 || (place(resp) != "") != handedOver || strings.Contains(log.String(), "the view takes it for modified") == handedOver {
			t.Errorf("%s: status %d, place %q, log %s", header, resp.StatusCode, place(resp), log)
		}
	}
}

type alwaysModified struct {
	views.BaseDownloadView
	path string
}

func (v alwaysModified) GetFile(*http.Request) (fs.File, error) { return os.Open(v.path) }
func (alwaysModified) WasModifiedSince(*http.Request, fs.File, time.Time) bool {
	return true
}

// mod_xsendfile gives "0" to what comes without a tag.
func TestWithoutTag(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, "Hello")
	if err := os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)); err != nil { // no time that a tag can be made of
		t.Fatal(err)
	}
	for server, handedOver := range map[offload.Server]bool{offload.Apache: false, offload.ApacheRaw: false, offload.Lighttpd: true} {
		resp := ask(t, middleware(t, server, offload.Rule{Dir: dir}).Wrap(opening(path)), "GET")
		if resp.StatusCode != 200 || resp.Header.Get("ETag") != "" || (place(resp) != "") != handedOver {
			t.Errorf("%v: status %d, ETag %s, place %q", server, resp.StatusCode, resp.Header.Get("ETag"), place(resp))
		}
	}
}

// The innermost middleware whose rule matches holds.
func TestNesting(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{"a/b/1", "a/2", "3"} {
		writeFile(t, filepath.Join(top, name), name)
	}
	outer := middleware(t, offload.NGINX, offload.Rule{Dir: filepath.Join(top, "a"), To: "/outer/"})
	inner := middleware(t, offload.NGINX, offload.Rule{Dir: filepath.Join(top, "a", "b"), To: "/inner/"})
	for name, want := range map[string]string{"a/b/1": "/inner/1", "a/2": "/outer/2", "3": ""} {
		h, outcome := outcomeOf(filepath.Join(top, name))
		resp := ask(t, outer.Wrap(inner.Wrap(h)), "GET")
		if place(resp) != want || outcome.HandedOver != (want != "") || outcome.Complete != (want == "") || outcome.Err != nil {
			t.Errorf("%s: place %q, want %q; outcome %+v", name, place(resp), want, outcome)
		}
	}
}

// Middleware that compresses has nothing to compress, and must not say that it
// did to a server that passes this on.
func TestCompression(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, strings.Repeat("a", 10_000))
	gorilla := func(next http.Handler) http.Handler { // says ahead that it encodes
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			next.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
		})
	}
	m := middleware(t, offload.Lighttpd, offload.Rule{Dir: dir})
	for _, tt := range []struct {
		reason     string
		handler    http.Handler
		handedOver bool
		coding     string
	}{
		{"outside", chimiddleware.Compress(5)(m.Wrap(opening(path))), true, "identity"},
		{"inside", m.Wrap(chimiddleware.Compress(5)(opening(path))), true, "identity"},
		{"none", m.Wrap(opening(path)), true, ""},
		{"announced", gorilla(m.Wrap(opening(path))), false, "gzip"},
	} {
		resp := ask(t, tt.handler, "GET", "Accept-Encoding: gzip")
		if resp.StatusCode != 200 || (place(resp) != "") != tt.handedOver || resp.Header.Get("Content-Encoding") != tt.coding {
			t.Errorf("%s: status %d, header %v", tt.reason, resp.StatusCode, resp.Header)
		}
	}
}

// A view's own options and those of an Encoding.
func TestStoredEncoded(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	writeFile(t, path, "not really gzip")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		views.SendFile(w, r, path, response.Options{Encoding: "gzip"})
	})
	resp := ask(t, middleware(t, offload.NGINX, offload.Rule{Dir: dir, To: "/p/"}).Wrap(h), "GET", "Accept-Encoding: gzip")
	if place(resp) != "" || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("place %q, header %v", place(resp), resp.Header)
	}
}
