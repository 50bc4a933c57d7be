package cache_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// A router that uses its contexts again gives no run another tenant's parameters.
func TestContextThatIsUsedAgain(t *testing.T) {
	c := newCache(t, cache.Options{Linger: -1})
	gate := make(chan struct{})
	r := chi.NewRouter()
	views.Mount(r, "/{tenant}", views.FileFunc(func(r *http.Request) (fs.File, error) {
		tenant := chi.URLParam(r, "tenant")
		g := &recipe{produce: func(ctx context.Context, w io.Writer) error {
			io.WriteString(w, tenant)
			if tenant == "acme" {
				<-gate
			}
			_, err := io.WriteString(w, chi.URLParamFromCtx(ctx, "tenant"))
			return err
		}}
		return c.File(r.Context(), tenant, g.open)
	}))
	ask := func(path string, ctx context.Context) {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil).WithContext(ctx))
	}
	ctx, leave := context.WithCancel(t.Context())
	until := make(chan struct{})
	go func() {
		defer close(until)
		defer func() { recover() }() // its client leaves
		ask("/acme", ctx)
	}()
	for c.Status("acme").Bytes == 0 {
		time.Sleep(time.Millisecond) // the other goroutine has to get there
	}
	leave()
	<-until
	for range 10 {
		ask("/globex", t.Context())
	}
	close(gate)
	c.Settle()
	if got := take(t, c, "acme", &recipe{}); got != "acme" {
		t.Errorf("acme's copy is %q", got)
	}
}

// A stored file that is rewritten while it is copied is two versions in one: neither
// sent as whole nor kept.
func TestStoredFileThatChanges(t *testing.T) {
	for reason, wrap := range map[string]func(f *os.File) fs.File{
		"bare":             func(f *os.File) fs.File { return f },
		"described":        func(f *os.File) fs.File { return files.NewDescribedFile(f) },
		"in a VirtualFile": func(f *os.File) fs.File { return files.NewVirtualFile(f, "a") },
	} {
		t.Run(reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			c := newCache(t)
			path := filepath.Join(t.TempDir(), "stored")
			if err := os.WriteFile(path, []byte(lines(100)), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) {
				f, err := os.Open(path)
				return wrap(f), err
			})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := os.WriteFile(path, []byte(lines(200)), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); err == nil {
				t.Errorf("got %d bytes and no error", len(got))
			}
			c.Settle()
			if names, _ := copiesIn(t, c); len(names) > 0 {
				t.Errorf("kept: %q", names)
			}
		})
	}
}

// vague is a file that cannot say something of itself for now.
type vague struct {
	fs.FileInfo
	etag, contentType, encoding error
}

func (v vague) Stat() (fs.FileInfo, error)                      { return v, nil }
func (v vague) Read([]byte) (int, error)                        { return 0, io.EOF }
func (v vague) Close() error                                    { return nil }
func (v vague) ETag(context.Context) (string, error)            { return "", v.etag }
func (v vague) ContentType(context.Context) (string, error)     { return "", v.contentType }
func (v vague) ContentEncoding(context.Context) (string, error) { return "", v.encoding }

// What the identity is made of must be had, or an old version would be served for
// the new one.
func TestIdentityThatCannotBeHad(t *testing.T) {
	c := newCache(t)
	info := files.Description{Name: "a"}.Info()
	for _, tt := range []struct {
		reason string
		file   vague
		want   error
	}{
		{"all can be had", vague{FileInfo: info}, nil},
		{"not supported is no tag", vague{info, errors.ErrUnsupported, errors.ErrUnsupported, errors.ErrUnsupported}, nil},
		{"the tag", vague{info, errLost, nil, nil}, errLost},
		{"the type", vague{info, nil, errLost, nil}, errLost},
		{"the coding", vague{info, nil, nil, errLost}, errLost},
	} {
		f, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) { return tt.file, nil })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.reason, err, tt.want)
		}
		if err == nil {
			f.Close()
		}
	}
}

// Bytes that have rotted on disk are noticed when a process first opens the copy,
// and in the bucket when they are fetched. Copies of another process count as well;
// what this one wrote itself it does not read again.
func TestRot(t *testing.T) {
	logs := servertest.CaptureLog(t)
	bucket := new(shelf)
	for _, etag := range []string{"", `"v1"`} {
		g := &recipe{content: lines(50_000), etag: etag}
		c := newCache(t, cache.Options{Bucket: bucket})
		take(t, c, "k", g)
		names, _ := copiesIn(t, c)
		path := filepath.Join(c.Root().Name(), names[0])
		for _, b := range [][]byte{rot(t, path), bucket.objects[cache.ObjectName(names[0])].Data} {
			b[300_000] ^= 1
		}
		take(t, c, "k", g)
		if names, _ := copiesIn(t, c); len(names) != 1 || g.runs.Load() != 1 {
			t.Errorf("%s: %d runs, kept: %q", etag, g.runs.Load(), names)
		}
		again := cacheIn(t, c.Root().Name())
		take(t, again, "k", g) // wrong, the first time
		if names, _ := copiesIn(t, again); len(names) != 0 {
			t.Errorf("%s: a rotten copy is kept", etag)
		}
		if got := take(t, again, "k", g); got != g.content || g.runs.Load() != 2 {
			t.Errorf("%s: then %d runs", etag, g.runs.Load())
		}
		elsewhere := newCache(t, cache.Options{Bucket: bucket})
		f := mustFile(t, elsewhere, t.Context(), "k", g)
		if got, err := io.ReadAll(f); err == nil && string(got) != g.content {
			t.Errorf("%s: a rotten object was sent as whole", etag)
		}
		f.Close()
		elsewhere.Settle()
		if got := take(t, elsewhere, "k", g); got != g.content {
			t.Errorf("%s: a rotten object was sent as whole", etag)
		}
		object, err := bucket.Open(t.Context(), cache.ObjectName(names[0]))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(object); !bytes.HasSuffix(got, []byte(g.content)) {
			t.Errorf("%s: a rotten object stays in the bucket", etag)
		}
	}
	if n := count(logs, "has rotted on disk"); n != 2 {
		t.Errorf("logged %d times:\n%v", n, logs)
	}
}

// rot has a bit of a file change, and nothing else.
func rot(t *testing.T, path string) []byte {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	_, err1 := f.ReadAt(b, 300_000)
	_, err2 := f.WriteAt([]byte{b[0] ^ 1}, 300_000)
	if err := errors.Join(err1, err2, f.Close(), os.Chtimes(path, time.Time{}, info.ModTime())); err != nil {
		t.Fatal(err)
	}
	return make([]byte, 300_001)
}
