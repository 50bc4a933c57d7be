package e2e_test

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"gocloud.dev/blob"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

var _ cache.Bucket = (*gcblob.CacheBucket)(nil)

// machine serves text, generated, from a cache of its own, with a bucket that
// others have too.
func machine(t *testing.T, bucket *blob.Bucket, runs *atomic.Int32) (*httptest.Server, *cache.Cache) {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := cache.New(root, cache.Options{Bucket: gcblob.NewCacheBucket(bucket)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		root.Close()
	})
	return serve(t, views.FileFunc(func(r *http.Request) (fs.File, error) {
		return c.File(r.Context(), r.URL.Path, func(context.Context) (fs.File, error) {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				runs.Add(1)
				_, err := w.Write(text)
				return err
			}), "text.txt"), nil
		})
	})), c
}

// waitForObject returns when there is an object in the bucket.
func waitForObject(t *testing.T, bucket *blob.Bucket) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); <-poll.C {
		if _, err := bucket.List(nil).Next(t.Context()); err == nil {
			return
		} else if err != io.EOF {
			t.Fatal(err)
		}
	}
	t.Fatal("nothing was put into the bucket")
}

// What one machine has generated is not generated on another.
func TestCacheOverHTTP(t *testing.T) {
	for driver, newBucket := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := newBucket(t)
			var runs atomic.Int32
			first, _ := machine(t, bucket, &runs)
			if got, _ := ask(t, http.MethodGet, first.URL+"/text"); got.Body != string(text) {
				t.Fatalf("the first machine: %d, %d bytes that are not the text", got.Status, len(got.Body))
			}
			_, header := ask(t, http.MethodHead, first.URL+"/text")
			waitForObject(t, bucket)

			second, c := machine(t, bucket, &runs)
			if got, _ := ask(t, http.MethodGet, second.URL+"/text"); got.Body != string(text) {
				t.Errorf("the second machine: %d, %d bytes that are not the text", got.Status, len(got.Body))
			}
			rest, _ := ask(t, http.MethodGet, second.URL+"/text", "Range", "bytes=99980-", "If-Range", header.Get("Etag"))
			if rest.Status != http.StatusPartialContent || rest.Body != string(text[99980:]) {
				t.Errorf("the rest of what the first had begun: %d, %q", rest.Status, rest.Body)
			}
			if s := c.Stats(); runs.Load() != 1 || s.Fetched != 1 {
				t.Errorf("%d runs, %+v, want one, and one fetched", runs.Load(), s)
			}
			if err := c.Clear(); err != nil {
				t.Error(err)
			}
			third, _ := machine(t, bucket, &runs)
			if got, _ := ask(t, http.MethodGet, third.URL+"/text"); got.Body != string(text) || runs.Load() != 2 {
				t.Errorf("after Clear: %d runs, want two", runs.Load())
			}
		})
	}
}

// Uploads take memory for the parts of two of them, however many copies there are.
func TestMemoryOfUploads(t *testing.T) {
	bucket, _ := s3Bucket(t)
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	c, err := cache.New(root, cache.Options{Bucket: gcblob.NewCacheBucket(bucket)})
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	open := func(context.Context) (fs.File, error) {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			for range 20 {
				if _, err := w.Write(piece); err != nil {
					return err
				}
			}
			return nil
		}), "export.bin"), nil
	}
	const exports = 30
	for i := range exports {
		if err := c.Start(t.Context(), strconv.Itoa(i), open); err != nil {
			t.Fatal(err)
		}
	}
	most, objects := uint64(0), 0
	for deadline := time.Now().Add(4 * startTimeout); objects < exports && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
		if page, _, err := bucket.ListPage(t.Context(), blob.FirstPageToken, 100, nil); err == nil {
			objects = len(page)
		}
	}
	c.Close()
	t.Logf("%d objects, at most %d MiB of heap", objects, most>>20)
	if objects < exports || most > maxMemory {
		t.Errorf("%d objects of %d, %d MiB of heap", objects, exports, most>>20)
	}
}
