package browsers_test

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
)

// testResume downloads the archive through a connection that ends after a third
// of it. The browser goes on from there by itself, and what it saves is what a
// plain client gets.
func testResume(t *testing.T, tabs context.Context, page, folder string) {
	const link = "/demo.zip"
	demo, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	size, sum, tag := sumOf(t, demo.JoinPath(link).String())
	cut := &cutting{next: httputil.NewSingleHostReverseProxy(demo), path: link, after: size / 3}
	srv := httptest.NewServer(cut)
	t.Cleanup(srv.Close)
	folder, err = os.MkdirTemp(folder, "resume")
	if err != nil {
		t.Fatal(err)
	}

	tab, _ := open(t, tabs, srv.URL+"/")
	name, end := download(t, tab, link, folder, false)
	if end.State != browser.DownloadProgressStateCompleted {
		t.Fatalf("in the browser it is %s", end.State)
	}
	if got := sumOfFile(t, filepath.Join(folder, name)); got != sum {
		t.Error("the browser saved other bytes than a plain client")
	}
	cut.mu.Lock()
	defer cut.mu.Unlock()
	ranged := slices.IndexFunc(cut.requests, func(h http.Header) bool { return h.Get("Range") != "" })
	switch {
	case ranged < 0:
		t.Fatalf("the browser asked %d times, and never for the rest", len(cut.requests))
	case cut.requests[ranged].Get("If-Range") != tag:
		t.Errorf("the browser asked for the rest of %q, want %q", cut.requests[ranged].Get("If-Range"), tag)
	}
	if cut.sent > size+size/6 { // the rest, and not all of it once more, which would be a third too much
		t.Errorf("the browser was sent %d bytes, for a file of %d", cut.sent, size)
	}
}

// cutting passes requests on, and ends the first answer for path midway, as a
// network does that goes away.
type cutting struct {
	next  http.Handler
	path  string
	after int64

	mu       sync.Mutex
	requests []http.Header // for path
	sent     int64         // bytes of it
}

func (c *cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != c.path {
		c.next.ServeHTTP(w, r)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r.Header.Clone())
	left := int64(-1)
	if len(c.requests) == 1 {
		left = c.after
	}
	c.next.ServeHTTP(&cutWriter{w, c, left}, r)
}

type cutWriter struct {
	http.ResponseWriter
	c    *cutting
	left int64 // bytes that come through; negative: all
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if w.left >= 0 {
		p = p[:min(int64(len(p)), w.left)]
		w.left -= int64(len(p))
	}
	n, err := w.ResponseWriter.Write(p)
	w.c.sent += int64(n)
	if w.left == 0 {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// sumOf returns the length of what a plain client gets, its SHA-256, and the
// entity tag.
func sumOf(t *testing.T, url string) (size int64, sum [sha256.Size]byte, tag string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, resp.Status)
	}
	size, sum = hash(t, resp.Body)
	return size, sum, resp.Header.Get("ETag")
}

func sumOfFile(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, sum := hash(t, f)
	return sum
}

func hash(t *testing.T, r io.Reader) (size int64, sum [sha256.Size]byte) {
	t.Helper()
	h := sha256.New()
	size, err := io.Copy(h, r)
	if err != nil {
		t.Fatal(err)
	}
	return size, [sha256.Size]byte(h.Sum(nil))
}
