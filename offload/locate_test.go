package offload_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
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
		if resp.StatusCode != 200 || place(resp) != want || (outcome.Ending == response.HandedOver) != (want != "") {
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
		{nginx, "https://b.example/", "https://b.example:443/a.txt", "/p/a.txt", ""},
		{nginx, "http://b.example:80/", "http://b.example/a.txt", "/p/a.txt", ""},
		{nginx, "https://b.example/", "https://b.example:80/a.txt", "", "no rule matches"},
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
