package e2e_test

import (
	"net/http/httptest"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

// A bucket has compressed forms beside an object, whether it knows that they are or not.
func TestPrecompressed(t *testing.T) {
	dir, err := fileblob.OpenBucket(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for driver, bucket := range map[string]*blob.Bucket{"memblob": memblob.OpenBucket(nil), "fileblob": dir} {
		t.Cleanup(func() { bucket.Close() })
		put := func(key, content string, opts *blob.WriterOptions) {
			if err := bucket.WriteAll(t.Context(), key, []byte(content), opts); err != nil {
				t.Fatal(err)
			}
		}
		put("a.css", "plain", &blob.WriterOptions{ContentType: "text/css"})
		put("a.css.br", "is br", nil)
		put("a.css.gz", "is gzip", &blob.WriterOptions{ContentType: "application/gzip", ContentEncoding: "gzip"})
		view := views.StorageDownloadView{Storage: gcblob.New(bucket), FixedPath: "a.css", Precompressed: []string{"br", "zstd", "gzip"}}
		tags := make(map[string]bool)
		for _, tt := range []struct{ accept, field, body string }{
			{"", "", "plain"}, {"zstd", "", "plain"}, {"gzip, br", "br", "is br"}, {"gzip", "gzip", "is gzip"},
		} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", tt.accept)
			r.Header.Set("Range", "bytes=0-")
			w := httptest.NewRecorder()
			views.AsView(view).ServeHTTP(w, r)
			h := w.Header()
			if h.Get("Content-Encoding") == "identity" {
				h.Del("Content-Encoding")
			}
			if w.Code != 206 || w.Body.String() != tt.body || h.Get("Content-Encoding") != tt.field || h.Get("Content-Type") != "text/css" {
				t.Errorf("%s, %q: %d, %q, %v", driver, tt.accept, w.Code, w.Body, h)
			}
			tags[h.Get("Etag")] = true
		}
		if len(tags) != 3 {
			t.Errorf("%s: the entity tags of 3 forms are %v", driver, tags)
		}
	}
}
