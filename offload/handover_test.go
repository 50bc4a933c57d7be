package offload_test

import (
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

	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

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
	nginx := func(o offload.NGINXOptions) offload.Options { return offload.Options{NGINX: o} }
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
		{"nginx's own", offload.NGINX, nginx(offload.NGINXOptions{LimitRate: 1 << 20, Buffering: &no, Charset: "koi8-r", Expires: 1500 * time.Millisecond}), nil, nil,
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}, "X-Accel-Limit-Rate": {"1048576"}, "X-Accel-Buffering": {"no"},
				"X-Accel-Charset": {"koi8-r"}, "X-Accel-Expires": {"2"}}},
		{"the view's word goes before", offload.NGINX, nginx(offload.NGINXOptions{LimitRate: 1, Buffering: &yes, Expires: -1}),
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
		{"lists leave in one line, and cookies are no list", offload.NGINX, offload.Options{},
			http.Header{"Vary": {"Accept", "Origin"}, "Content-Security-Policy": {"default-src 'none'", "sandbox"}, "Set-Cookie": {"a=1", "b=2"}}, nil,
			http.Header{"X-Accel-Redirect": {"/p/a.txt"}, "Vary": {"Accept, Origin"}, "Content-Security-Policy": {"default-src 'none', sandbox"},
				"Set-Cookie": {"a=1", "b=2"}}},
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
		if place(resp) != want || (outcome.Ending == response.HandedOver) != (want != "") || (outcome.Ending == response.Complete) != (want == "") || outcome.Err != nil {
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
	for server, rule := range map[offload.Server]offload.Rule{
		offload.NGINX: {Dir: dir, To: "/p/"}, offload.Apache: {Dir: dir}, offload.Lighttpd: {Dir: dir},
	} {
		resp := ask(t, middleware(t, server, rule).Wrap(h), "GET", "Accept-Encoding: gzip")
		if (place(resp) != "") != (server == offload.Lighttpd) || resp.Header.Get("Content-Encoding") != "gzip" || resp.Header.Get("Vary") == "" {
			t.Errorf("%v: place %q, header %v", server, place(resp), resp.Header)
		}
	}
}

// Caddy before 2.7 does not send an empty file; the others do.
func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.txt")
	writeFile(t, path, "")
	for server, want := range map[offload.Server]bool{
		offload.NGINX: true, offload.Caddy: true, offload.CaddyRaw: false, offload.Apache: true, offload.ApacheRaw: true, offload.Lighttpd: true,
	} {
		resp := ask(t, middleware(t, server, offload.Rule{Dir: filepath.Dir(path), To: "/srv/"}).Wrap(opening(path)), "GET")
		if got := place(resp) != ""; resp.StatusCode != 200 || got != want {
			t.Errorf("%v: handed over: %v, want %v", server, got, want)
		}
	}
}

// A front server that asks by HTTP/1.0 is told of once.
func TestHTTP10IsLogged(t *testing.T) {
	log := reasons(t)
	path := filepath.Join(t.TempDir(), "a.txt")
	writeFile(t, path, "Hello")
	m := middleware(t, offload.NGINX, offload.Rule{Dir: filepath.Dir(path), To: "/p/"}).Wrap(opening(path))
	for i, version := range []int{1, 0, 0} {
		r := httptest.NewRequest("GET", "/", nil)
		r.ProtoMinor = version
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if place(w.Result()) != "/p/a.txt" {
			t.Errorf("HTTP/1.%d: not handed over", version)
		}
		if got, want := strings.Count(log.String(), "the front server asks by HTTP/1.0"), min(i, 1); got != want {
			t.Errorf("after HTTP/1.%d: %d warnings, want %d", version, got, want)
		}
	}
}
