package cache_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// No run leaves a goroutine behind. The test binary also is the other processes
// of TestKill and its like.
func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		children[name]()
		return
	}
	goleak.VerifyTestMain(m)
}

// newCache returns a cache over a directory of its own. When the test ends, the
// cache is closed, and nothing of it may be open, nor be half made.
func newCache(t testing.TB, opts ...cache.Options) *cache.Cache {
	t.Helper()
	return cacheIn(t, t.TempDir(), opts...)
}

func cacheIn(t testing.TB, dir string, opts ...cache.Options) *cache.Cache {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := mustNew(root, append(opts, cache.Options{})[0])
	t.Cleanup(func() {
		c.Close()
		root.Close()
		open := openIn(dir)
		for i := 0; len(open) > 0 && i < 100; i++ { // another cache may be sweeping it
			time.Sleep(10 * time.Millisecond)
			open = openIn(dir)
		}
		if len(open) > 0 {
			t.Errorf("still open: %q", open)
		}
		if temps, _ := filepath.Glob(filepath.Join(dir, "temp-*")); len(temps) > 0 {
			t.Errorf("still there: %q", temps)
		}
	})
	return c
}

func mustNew(root *os.Root, opts cache.Options) *cache.Cache {
	c, err := cache.New(root, opts)
	if err != nil {
		panic(err)
	}
	return c
}

// openIn returns which files below dir this process has open, where the system
// can tell.
func openIn(dir string) (open []string) {
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil && strings.HasPrefix(target, dir+"/") {
			open = append(open, target)
		}
	}
	return open
}

// copiesIn returns the finished copies in the cache's directory, and what they take.
func copiesIn(t testing.TB, c *cache.Cache) (names []string, size int64) {
	t.Helper()
	err := fs.WalkDir(c.Root().FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, "temp-") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			names, size = append(names, path), size+info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, size
}

// recipe is generated content, and counts what is done with it.
type recipe struct {
	content string
	name    string // empty: content.txt
	etag    string
	sized   bool // the size is declared
	file    func(*files.VirtualFile)

	// produce writes the content; nil: in pieces of at most 1,000 bytes.
	produce func(ctx context.Context, w io.Writer) error

	opened, closed, runs atomic.Int32
}

// open is for Cache.File.
func (g *recipe) open(ctx context.Context) (fs.File, error) {
	g.opened.Add(1)
	name := g.name
	if name == "" {
		name = "content.txt"
	}
	f := files.NewVirtualFile(&recipeReader{files.NewWriterIO(func(w io.Writer) error {
		g.runs.Add(1)
		if g.produce != nil {
			return g.produce(ctx, w)
		}
		return inPieces(w, g.content)
	}), g}, name)
	f.ETag = g.etag
	if g.sized {
		f.Size = int64(len(g.content))
	}
	if g.file != nil {
		g.file(f)
	}
	return f, nil
}

type recipeReader struct {
	*files.WriterIO
	recipe *recipe
}

func (r *recipeReader) WriteTo(w io.Writer) (int64, error) { return r.WriterIO.WriteTo(w) }

func (r *recipeReader) Close() error {
	r.recipe.closed.Add(1)
	return r.WriterIO.Close()
}

func inPieces(w io.Writer, content string) error {
	for len(content) > 0 {
		n := min(len(content), 1000)
		if _, err := io.WriteString(w, content[:n]); err != nil {
			return err
		}
		content = content[n:]
	}
	return nil
}

// lines is n lines of ten bytes, no two of which are the same.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%09d\n", i)
	}
	return b.String()
}

// mustFile is File for what must work. The file is closed with the test.
func mustFile(t testing.TB, c *cache.Cache, ctx context.Context, key string, g *recipe) fs.File {
	t.Helper()
	f, err := c.File(ctx, key, g.open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// take reads all of a copy, and returns when the run, if there was one, has
// ended altogether.
func take(t testing.TB, c *cache.Cache, key string, g *recipe) string {
	t.Helper()
	f := mustFile(t, c, t.Context(), key, g)
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	c.Settle()
	return string(content)
}

// overEachProtocol runs a test over each protocol.
func overEachProtocol(t *testing.T, test func(t *testing.T, protocol string)) {
	for _, protocol := range []string{"HTTP1", "HTTP2"} {
		t.Run(protocol, func(t *testing.T) { test(t, protocol) })
	}
}

// serve serves copies of g over a protocol; the keys are the paths.
func serve(t *testing.T, protocol string, c *cache.Cache, g *recipe) *httptest.Server {
	srv := httptest.NewUnstartedServer(views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
		return c.File(r.Context(), r.URL.Path, g.open)
	})))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if srv.EnableHTTP2 = protocol == "HTTP2"; srv.EnableHTTP2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	transport := srv.Client().Transport.(*http.Transport)
	transport.DisableCompression = true
	// A connection that was used before and breaks makes the client send its
	// request again.
	transport.DisableKeepAlives = protocol == "HTTP1"
	return srv
}

// get sends a GET; fields are names and values of the header in turn. The body is
// closed with the test.
func get(t testing.TB, srv *httptest.Server, ctx context.Context, path string, fields ...string) *http.Response {
	t.Helper()
	return do(t, srv, ctx, http.MethodGet, path, fields...)
}

func do(t testing.TB, srv *httptest.Server, ctx context.Context, method, path string, fields ...string) *http.Response {
	t.Helper()
	resp, err := srv.Client().Do(request(t, srv, ctx, method, path, fields...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func request(t testing.TB, srv *httptest.Server, ctx context.Context, method, path string, fields ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	return req
}

// until waits for a condition that others bring about; it gives them the
// processor meanwhile.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for !condition() {
		if t.Context().Err() != nil {
			t.Fatalf("never: %s", what)
		}
		runtime.Gosched()
	}
}

// count returns how many of the records of logs have text in them.
func count(logs *servertest.LogBook, text string) (n int) {
	for _, line := range logs.Lines() {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}
