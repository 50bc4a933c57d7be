package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/blob/s3blob"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

// What the library looks for in a storage.
var (
	_ files.ContextFS = (*gcblob.FS)(nil)
	_ files.URLFS     = (*gcblob.FS)(nil)
)

// text is 100,000 bytes of which no two stretches of ten are the same.
var text = func() []byte {
	var b bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&b, "%09d\n", i)
	}
	return b.Bytes()
}()

// drivers has for each driver what makes an empty bucket of it.
var drivers = map[string]func(t *testing.T) *blob.Bucket{
	"memblob": func(t *testing.T) *blob.Bucket {
		bucket := memblob.OpenBucket(nil)
		t.Cleanup(func() { bucket.Close() })
		return bucket
	},
	"fileblob": func(t *testing.T) *blob.Bucket {
		bucket, err := fileblob.OpenBucket(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { bucket.Close() })
		return bucket
	},
	"s3blob": func(t *testing.T) *blob.Bucket {
		bucket, _ := s3Bucket(t)
		return bucket
	},
}

func put(t *testing.T, bucket *blob.Bucket, key string, content []byte, contentType string) {
	t.Helper()
	if err := bucket.WriteAll(t.Context(), key, content, &blob.WriterOptions{ContentType: contentType}); err != nil {
		t.Fatal(err)
	}
}

// serve serves v under /, and returns the server.
func serve(t *testing.T, v views.DownloadView) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /{path...}", views.AsView(v))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// answer is what matters of an answer.
type answer struct {
	Status        int
	ContentLength string
	ContentRange  string
	Body          string
}

// ask asks for a path; fields are the pairs of a header.
func ask(t *testing.T, method, url string, fields ...string) (answer, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := resp.Header
	return answer{resp.StatusCode, h.Get("Content-Length"), h.Get("Content-Range"), string(body)}, h
}

func TestStorageOverHTTP(t *testing.T) {
	for driver, newBucket := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := newBucket(t)
			put(t, bucket, "dir/lines.txt", text, "text/x-lines")
			srv := serve(t, views.StorageDownloadView{Storage: gcblob.New(bucket)})
			file := srv.URL + "/dir/lines.txt"

			whole, h := ask(t, http.MethodGet, file)
			if diff := cmp.Diff(answer{200, "100000", "", string(text)}, whole); diff != "" {
				t.Errorf("the whole (-want +got):\n%s", diff)
			}
			got := []string{h.Get("Content-Type"), h.Get("Content-Disposition"), h.Get("Accept-Ranges")}
			if diff := cmp.Diff([]string{"text/x-lines", `attachment; filename="lines.txt"`, "bytes"}, got); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			etag, modified := h.Get("ETag"), h.Get("Last-Modified")
			if attrs, err := bucket.Attributes(t.Context(), "dir/lines.txt"); err != nil || etag != attrs.ETag {
				t.Errorf("ETag %s, want that of the store, %s (%v)", etag, attrs.ETag, err)
			}

			tests := []struct {
				reason string
				method string
				path   string
				fields []string
				want   answer
			}{
				{"HEAD has no body", "HEAD", "", nil, answer{200, "100000", "", ""}},
				{"the client has this version", "GET", "", []string{"If-None-Match", etag}, answer{304, "", "", ""}},
				{"it was not modified", "GET", "", []string{"If-Modified-Since", modified}, answer{304, "", "", ""}},
				{"a precondition that fails", "HEAD", "", []string{"If-Match", `"other"`}, answer{412, "20", "", ""}},
				{"a range", "GET", "", []string{"Range", "bytes=500-509"}, answer{206, "10", "bytes 500-509/100000", "000000050\n"}},
				{"the end", "GET", "", []string{"Range", "bytes=-10"}, answer{206, "10", "bytes 99990-99999/100000", "000009999\n"}},
				{"from somewhere on", "GET", "", []string{"Range", "bytes=99980-"}, answer{206, "20", "bytes 99980-99999/100000", "000009998\n000009999\n"}},
				{"a range of this version", "GET", "", []string{"Range", "bytes=0-8", "If-Range", etag}, answer{206, "9", "bytes 0-8/100000", "000000000"}},
				{"a range of another version", "GET", "", []string{"Range", "bytes=0-8", "If-Range", `"other"`}, answer{200, "100000", "", string(text)}},
				{"no such range", "GET", "", []string{"Range", "bytes=100000-"}, answer{416, "", "bytes */100000", ""}},
				{"no such key", "GET", "/missing.txt", nil, answer{404, "", "", ""}},
				{"the beginning of a key", "GET", "/dir", nil, answer{404, "", "", ""}},
				{"the bucket itself", "GET", "/", nil, answer{404, "", "", ""}},
				{"outside", "GET", "/%2e%2e%2fdir%2flines.txt", nil, answer{404, "", "", ""}},
			}
			for _, tt := range tests {
				url := file
				if tt.path != "" {
					url = srv.URL + tt.path
				}
				got, _ := ask(t, tt.method, url, tt.fields...)
				if got.Status >= 400 {
					got.Body, got.ContentLength, tt.want.ContentLength = "", "", "" // an error page
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
				}
			}
		})
	}
}

func TestConformance(t *testing.T) {
	for driver, newBucket := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := newBucket(t)
			put(t, bucket, "dir/lines.txt", text, "text/plain")
			view := views.StorageDownloadView{Storage: gcblob.New(bucket)}
			downloadtest.TestView(t, view, downloadtest.At("/{path...}", "/dir/lines.txt"), downloadtest.Ranges(true))
		})
	}
}

func TestManyRanges(t *testing.T) {
	for driver, newBucket := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := newBucket(t)
			put(t, bucket, "lines.txt", text, "text/plain")
			srv := serve(t, views.StorageDownloadView{Storage: gcblob.New(bucket)})

			got, h := ask(t, http.MethodGet, srv.URL+"/lines.txt", "Range", "bytes=90000-90008,500-508,-10")
			_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
			if got.Status != 206 || err != nil {
				t.Fatalf("%d, %v", got.Status, err)
			}
			var parts []string
			for r := multipart.NewReader(strings.NewReader(got.Body), params["boundary"]); ; {
				part, err := r.NextPart()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(part)
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, part.Header.Get("Content-Range")+" "+string(content))
			}
			want := []string{
				"bytes 90000-90008/100000 000009000",
				"bytes 500-508/100000 000000050",
				"bytes 99990-99999/100000 000009999\n",
			}
			if diff := cmp.Diff(want, parts); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionsAreNotMixed(t *testing.T) {
	for driver, newBucket := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := newBucket(t)
			put(t, bucket, "lines.txt", text, "text/plain")
			storage := gcblob.New(bucket)
			srv := serve(t, views.FileFunc(func(r *http.Request) (fs.File, error) {
				file, err := storage.WithContext(r.Context()).Open("lines.txt")
				// The object is replaced just after its attributes were read.
				put(t, bucket, "lines.txt", text[:500], "text/plain")
				return file, err
			}))
			got, h := ask(t, http.MethodGet, srv.URL)
			if got.Status != http.StatusInternalServerError || h.Get("ETag") != "" || strings.Contains(got.Body, "000000000") {
				t.Errorf("%+v, ETag %q, want a failure", got, h.Get("ETag"))
			}
		})
	}
}

func TestS3FileIsAReader(t *testing.T) {
	bucket, w := s3Bucket(t)
	put(t, bucket, "lines.txt", text[:100], "") // it is read in very many ways
	f, err := gcblob.New(bucket).Open("lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(f, text[:100]); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, _, open := w.seen(); open != 0 {
		t.Errorf("%d answers of the server were not closed", open)
	}
}

func TestWhatIsAskedOfS3(t *testing.T) {
	const size = 8 << 20
	bucket, w := s3Bucket(t)
	put(t, bucket, "big", bytes.Repeat(text, size/len(text)+1)[:size], "")
	srv := serve(t, views.StorageDownloadView{Storage: gcblob.New(bucket)})
	_, h := ask(t, http.MethodHead, srv.URL+"/big")
	etag := h.Get("ETag")

	tests := []struct {
		reason string
		method string
		fields []string
		want   []string
		least  int64 // of content from the server
		most   int64
	}{
		{"HEAD takes the attributes", "HEAD", nil, []string{"HEAD"}, 0, 0},
		{"so does a 304", "GET", []string{"If-None-Match", etag}, []string{"HEAD"}, 0, 0},
		{"and a 416", "GET", []string{"Range", "bytes=8388608-"}, []string{"HEAD"}, 0, 0},
		{"the whole comes once", "GET", nil, []string{"HEAD", "GET"}, size, size},
		{"of a range near the end, only the end comes", "GET", []string{"Range", "bytes=-1000"}, []string{"HEAD", "GET bytes=8387608-8388607"}, 1000, 1000},
		{"of one in the middle, nothing else comes", "GET", []string{"Range", "bytes=4000000-4000999"}, []string{"HEAD", "GET bytes=4000000-4000999"}, 1000, 1000},
		{
			"each of many is asked for by itself", "GET", []string{"Range", "bytes=8000000-8000009,1000000-1000009"},
			[]string{"HEAD", "GET bytes=8000000-8000009", "GET bytes=1000000-1000009"}, 20, 20,
		},
	}
	for _, tt := range tests {
		w.reset()
		ask(t, tt.method, srv.URL+"/big", tt.fields...)
		requests, came, _ := w.seen()
		if diff := cmp.Diff(tt.want, requests); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", tt.reason, diff)
		}
		if came < tt.least || came > tt.most {
			t.Errorf("%s: %d bytes came, want %d to %d", tt.reason, came, tt.least, tt.most)
		}
	}
	srv.Close() // the views have ended
	if _, _, open := w.seen(); open != 0 {
		t.Errorf("%d answers of the server were not closed", open)
	}
}

func TestClientThatLeaves(t *testing.T) {
	const size = 64 << 20
	bucket, w := s3Bucket(t)
	put(t, bucket, "big", make([]byte, size), "")
	srv := serve(t, views.StorageDownloadView{Storage: gcblob.New(bucket)})
	w.reset()

	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/big", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	leave()
	resp.Body.Close()
	srv.Close() // waits for the view
	if _, came, open := w.seen(); came >= size || open != 0 {
		t.Errorf("%d bytes came and %d answers were not closed after the client had left", came, open)
	}
}

func TestRedirectToS3(t *testing.T) {
	bucket, _ := s3Bucket(t)
	put(t, bucket, "dir/a b.txt", text, "text/x-lines")
	view := views.StorageDownloadView{Storage: gcblob.New(bucket)}
	view.Options = response.Options{Redirect: true}
	srv := serve(t, view)

	got, h := ask(t, http.MethodGet, srv.URL+"/dir/a%20b.txt")
	if got.Status != http.StatusFound || h.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, Cache-Control: %s", got.Status, h.Get("Cache-Control"))
	}
	got, h = ask(t, http.MethodGet, h.Get("Location"), "Range", "bytes=500-508")
	if diff := cmp.Diff(answer{206, "9", "bytes 500-508/100000", "000000050"}, got); diff != "" {
		t.Errorf("at the pre-signed URL (-want +got):\n%s", diff)
	}
	if got := h.Get("Content-Type"); got != "text/x-lines" {
		t.Errorf("at the pre-signed URL, Content-Type: %s", got)
	}
}

func TestS3RefusesAccess(t *testing.T) {
	bucket, _ := s3Bucket(t)
	put(t, bucket, "lines.txt", text, "")
	stranger, err := s3blob.OpenBucket(t.Context(), s3Client(t, newWire(t), "wrong"), s3BucketName(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stranger.Close() })
	srv := serve(t, views.StorageDownloadView{Storage: gcblob.New(stranger)})
	if got, _ := ask(t, http.MethodGet, srv.URL+"/lines.txt"); got.Status != http.StatusForbidden {
		t.Errorf("with a wrong secret: %d, want 403", got.Status)
	}
}
