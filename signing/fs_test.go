package signing_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

var (
	_ files.URLFS     = (*signing.FS)(nil)
	_ files.ContextFS = (*signing.FS)(nil)
	_ fs.StatFS       = (*signing.FS)(nil)
)

// TestLinksOfStorage has a page ask a storage for URLs, and a client follow them.
func TestLinksOfStorage(t *testing.T) {
	s := newSigner(t)
	storage := fstest.MapFS{}
	for _, name := range names {
		if fs.ValidPath(name) {
			storage["dir/"+name] = &fstest.MapFile{Data: []byte(name)}
		}
	}
	private, err := signing.NewFS(storage, s, "/private/?user=7", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	all := func(string) bool { return true } // names with dots in front, too: the link says which are meant
	views.Mount(r.With(s.Wrap), "/private/*", views.StorageDownloadView{Storage: storage, Allow: all})
	latest := views.StorageDownloadView{Storage: private, FixedPath: "dir/report.pdf"}
	latest.Options.Redirect = true
	views.Mount(r, "/latest", latest)
	srv := servertest.Start(t, servertest.HTTP11, r)

	for name := range storage {
		link, err := private.URL(t.Context(), name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got := ask(t, srv.Listener.Addr(), link); got.Status != http.StatusOK || got.Body != strings.TrimPrefix(name, "dir/") {
			t.Errorf("%q: %d %q", name, got.Status, got.Body)
		}
		path, _, _ := strings.Cut(link, "?")
		if got := ask(t, srv.Listener.Addr(), path+"?user=7"); got.Status != http.StatusForbidden {
			t.Errorf("%q without its signature: %d, want 403", name, got.Status)
		}
	}
	resp, err := srv.Client().Get(srv.URL + "/latest") // follows the redirect
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/private/dir/report.pdf" {
		t.Errorf("redirected to %s: %d", resp.Request.URL.Path, resp.StatusCode)
	}
}

func TestURLOfStorage(t *testing.T) {
	for _, tt := range []struct{ reason, base, name, want string }{
		{"a path", "/private/", "a.txt", "/private/a.txt?expires=1767268860"},
		{"without a slash at its end", "/private", "a.txt", "/private/a.txt?expires=1767268860"},
		{"the root", "/", "a.txt", "/a.txt?expires=1767268860"},
		{"another host", "https://files.example.com/p/", "d/a b.txt", "https://files.example.com/p/d/a%20b.txt?expires=1767268860"},
		{"a host alone", "https://files.example.com", "a.txt", "https://files.example.com/a.txt?expires=1767268860"},
		{"an escape in the base", "/a%2Fb/", "100%.txt", "/a%2Fb/100%25.txt?expires=1767268860"},
		{"parameters", "/p/?disposition=inline", "a.txt", "/p/a.txt?disposition=inline&expires=1767268860"},
	} {
		f, err := signing.NewFS(fstest.MapFS{}, newSigner(t), tt.base, time.Minute)
		if err != nil {
			t.Errorf("%s: %v", tt.reason, err)
			continue
		}
		link, err := f.URL(t.Context(), tt.name)
		if got, _, _ := strings.Cut(link, "&signature="); err != nil || got != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.reason, got, err, tt.want)
		}
	}
	f, err := signing.NewFS(fstest.MapFS{}, newSigner(t), "/p/", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "/a", "a/", "a//b", "../a", "a/../b"} {
		if link, err := f.URL(t.Context(), name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("URL(%q): got %q, %v, want fs.ErrInvalid", name, link, err)
		}
	}
}

func TestNewFSRefuses(t *testing.T) {
	storage, s := fstest.MapFS{}, newSigner(t)
	proxied := newSignerWith(t, signing.Options{Prefix: "/app"})
	for _, tt := range []struct {
		reason   string
		storage  fs.FS
		signer   *signing.Signer
		base     string
		lifetime time.Duration
	}{
		{"no storage", nil, s, "/p/", time.Minute},
		{"no signer", storage, nil, "/p/", time.Minute},
		{"a signer without a key", storage, new(signing.Signer), "/p/", time.Minute},
		{"no lifetime", storage, s, "/p/", 0},
		{"a negative one", storage, s, "/p/", -time.Minute},
		{"less than a second", storage, s, "/p/", time.Second - 1},
		{"no URL", storage, s, "http://%zz", time.Minute},
		{"a relative path", storage, s, "p/", time.Minute},
		{"a host in the path", storage, s, "https://example.com//p/", time.Minute},
		{"dot segments", storage, s, "/p/../q/", time.Minute},
		{"a fragment", storage, s, "/p/#a", time.Minute},
		{"a malformed query", storage, s, "/p/?a;b", time.Minute},
		{"not below the Prefix", storage, proxied, "/p/", time.Minute},
	} {
		f, err := signing.NewFS(tt.storage, tt.signer, tt.base, tt.lifetime)
		if f != nil || err == nil || !strings.HasPrefix(err.Error(), "signing: NewFS: ") {
			t.Errorf("%s: got %v, %v, want an error", tt.reason, f, err)
		}
	}
}

// boundFS is a storage that tells its context.
type boundFS struct {
	fs.FS
	ctx context.Context
}

func (f boundFS) WithContext(ctx context.Context) fs.FS { return boundFS{f.FS, ctx} }

// What the storage can do is not hidden by the links.
func TestFSPassesOnWhatTheStorageCan(t *testing.T) {
	s := newSigner(t)
	type contextKey struct{}
	ctx := context.WithValue(t.Context(), contextKey{}, "this one")
	f, err := signing.NewFS(boundFS{FS: fstest.MapFS{"a.txt": {}}}, s, "/p/", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	bound := f.WithContext(ctx)
	inner, ok := bound.(*signing.FS).FS.(boundFS)
	if !ok || inner.ctx != ctx {
		t.Errorf("the storage did not get the context: %v", inner)
	}
	if link, err := bound.(files.URLFS).URL(ctx, "a.txt"); err != nil || !strings.HasPrefix(link, "/p/a.txt?") {
		t.Errorf("URL of the bound storage: %q, %v", link, err)
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("Hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err = signing.NewFS(os.DirFS(dir), s, "/p/", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if f.WithContext(ctx) != fs.FS(f) {
		t.Error("a storage without contexts became another")
	}
	if info, err := fs.Stat(f, "a.txt"); err != nil || info.Size() != 5 {
		t.Errorf("Stat: %v, %v", info, err)
	}
	if err := fstest.TestFS(f, "a.txt"); err != nil {
		t.Error(err)
	}
}

// TestLinksExpire follows a link of a storage a moment too late.
func TestLinksExpire(t *testing.T) {
	s := newSigner(t)
	f, err := signing.NewFS(fstest.MapFS{}, s, "/p/", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	link, err := f.URL(t.Context(), "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]error{time.Minute - 1: nil, time.Minute: signing.ErrExpired} {
		if err := verify(t, signerAt(t, noon.Add(after)), u.RequestURI()); !errors.Is(err, want) {
			t.Errorf("after %v: got %v, want %v", after, err, want)
		}
	}
}
