package gcblob_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"github.com/go-downloadview/downloadview/storage/gcblob"
)

// buckets returns an empty bucket of each driver that needs nothing else.
func buckets(t *testing.T) map[string]*blob.Bucket {
	t.Helper()
	dir, err := fileblob.OpenBucket(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*blob.Bucket{"memblob": memblob.OpenBucket(nil), "fileblob": dir}
	for _, bucket := range all {
		t.Cleanup(func() { bucket.Close() })
	}
	return all
}

func put(t *testing.T, bucket *blob.Bucket, key string, content []byte, opts *blob.WriterOptions) {
	t.Helper()
	if err := bucket.WriteAll(t.Context(), key, content, opts); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		reason string
		name   string
		want   error
	}{
		{"no such key", "missing.txt", fs.ErrNotExist},
		{"the beginning of a key is no directory", "dir", fs.ErrNotExist},
		{"the root is no directory", ".", fs.ErrNotExist},
		{"not a valid path", "", fs.ErrInvalid},
		{"not a valid path", "/dir/hello.txt", fs.ErrInvalid},
		{"not a valid path", "dir/../dir/hello.txt", fs.ErrInvalid},
		{"not a valid path", "dir/", fs.ErrInvalid},
		{"not valid UTF-8", "\xff", fs.ErrInvalid},
	}
	for driver, bucket := range buckets(t) {
		put(t, bucket, "dir/hello.txt", []byte("Hello"), nil)
		for _, tt := range tests {
			f, err := gcblob.New(bucket).Open(tt.name)
			if f != nil || !errors.Is(err, tt.want) {
				t.Errorf("%s: %s: Open(%q) = %v, %v, want %v", driver, tt.reason, tt.name, f, err, tt.want)
			}
			var pathErr *fs.PathError
			if !errors.As(err, &pathErr) || pathErr.Path != tt.name || pathErr.Op != "open" {
				t.Errorf("%s: %s: Open(%q): %v is not an fs.PathError of it", driver, tt.reason, tt.name, err)
			}
		}
	}

	bucket, _ := newBucket(t, nil)
	_, err := gcblob.New(bucket).Open("secret")
	if !errors.Is(err, fs.ErrPermission) || !errors.Is(err, errDenied) {
		t.Errorf("access denied: Open = %v, want fs.ErrPermission and the cause", err)
	}
	bucket.Close()
	if _, err := gcblob.New(bucket).Open("secret"); err == nil || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the bucket is closed: Open = %v, want an error of no special kind", err)
	}
}

func TestNames(t *testing.T) {
	for driver, bucket := range buckets(t) {
		for _, name := range []string{"100%.txt", "a#b?c", "two words", "naïve 😀.txt", `back\slash`, "deep/down/here", "%2e%2e", "new\nline", "nul\x00"} {
			put(t, bucket, name, []byte(name), nil)
			if got, err := fs.ReadFile(gcblob.New(bucket), name); string(got) != name || err != nil {
				t.Errorf("%s: %q: read %q, %v", driver, name, got, err)
			}
		}
	}
}

// metadata is what the optional methods of a FileInfo say.
type metadata interface {
	ETag(ctx context.Context) (string, error)
	ContentType(ctx context.Context) (string, error)
	ContentEncoding(ctx context.Context) (string, error)
}

func TestStat(t *testing.T) {
	bucket, _ := newBucket(t, map[string]object{"dir/hello.txt": {content: "Hello"}})
	info, err := fs.Stat(gcblob.New(bucket), "dir/hello.txt")
	if err != nil {
		t.Fatal(err)
	}
	attrs, ok := info.Sys().(*blob.Attributes)
	if !ok || attrs.Size != 5 {
		t.Errorf("Sys = %v, want the attributes", info.Sys())
	}
	got := []any{info.Name(), info.Size(), info.Mode(), info.ModTime(), info.IsDir()}
	want := []any{"hello.txt", int64(5), fs.FileMode(0o444), modTime, false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FileInfo (-want +got):\n%s", diff)
	}
}

func TestETag(t *testing.T) {
	tests := []struct {
		reason string
		stored string
		want   string // "": cannot tell
	}{
		{"strong, as of S3", `"5d41402abc4b2a76b9719d911017c592"`, `"5d41402abc4b2a76b9719d911017c592"`},
		{"strong, of a multi-part upload", `"5d41402abc4b2a76b9719d911017c592-3"`, `"5d41402abc4b2a76b9719d911017c592-3"`},
		{"weak", `W/"a"`, `W/"a"`},
		{"empty, but a tag", `""`, `""`},
		{"no tag", ``, ``},
		{"not quoted", `abc`, ``},
		{"quoted by half", `"abc`, ``},
		{"one quote", `"`, ``},
		{"a quote within", `"a"b"`, ``},
		{"a space within", `"a b"`, ``},
		{"a line break within", "\"a\r\nb\"", ``},
		{"weak in lower case", `w/"a"`, ``},
	}
	for _, tt := range tests {
		bucket, _ := newBucket(t, map[string]object{"a": {attrs: driver.Attributes{ETag: tt.stored}}})
		info, err := fs.Stat(gcblob.New(bucket), "a")
		if err != nil {
			t.Fatal(err)
		}
		got, err := info.(metadata).ETag(t.Context())
		if got != tt.want || errors.Is(err, errors.ErrUnsupported) != (tt.want == "") {
			t.Errorf("%s: %s: ETag = %q, %v, want %q", tt.reason, tt.stored, got, err, tt.want)
		}
	}
}

func TestETagIsOfTheVersion(t *testing.T) {
	for driver, bucket := range buckets(t) {
		storage := gcblob.New(bucket)
		var tags [2]string
		for i, content := range []string{"one", "three"} {
			put(t, bucket, "a", []byte(content), nil)
			info, err := fs.Stat(storage, "a")
			if err != nil {
				t.Fatal(err)
			}
			if tags[i], err = info.(metadata).ETag(t.Context()); err != nil {
				t.Errorf("%s: ETag: %v", driver, err)
			}
		}
		if tags[0] == tags[1] {
			t.Errorf("%s: two versions with the tag %s", driver, tags[0])
		}
	}
}

func TestContentType(t *testing.T) {
	tests := []struct {
		reason string
		stored string
		want   string
	}{
		{"as stored", "application/pdf", "application/pdf"},
		{"with parameters", "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"meant, for all we know", "application/octet-stream", "application/octet-stream"},
		{"what S3 says where nobody said anything", "binary/octet-stream", ""},
	}
	for driver, bucket := range buckets(t) {
		for _, tt := range tests {
			put(t, bucket, "a", nil, &blob.WriterOptions{ContentType: tt.stored})
			info, err := fs.Stat(gcblob.New(bucket), "a")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := info.(metadata).ContentType(t.Context()); got != tt.want || err != nil {
				t.Errorf("%s: %s: ContentType = %q, %v, want %q", driver, tt.reason, got, err, tt.want)
			}
		}
	}
}

func TestContentEncoding(t *testing.T) {
	for driver, bucket := range buckets(t) {
		for _, stored := range []string{"", "gzip"} {
			put(t, bucket, "a", nil, &blob.WriterOptions{ContentEncoding: stored})
			info, err := fs.Stat(gcblob.New(bucket), "a")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := info.(metadata).ContentEncoding(t.Context()); got != stored || err != nil {
				t.Errorf("%s: ContentEncoding = %q, %v, want %q", driver, got, err, stored)
			}
		}
	}
}

func TestURL(t *testing.T) {
	base, err := url.Parse("https://files.example/get")
	if err != nil {
		t.Fatal(err)
	}
	signer := fileblob.NewURLSignerHMAC(base, []byte("secret"))
	bucket, err := fileblob.OpenBucket(t.TempDir(), &fileblob.Options{URLSigner: signer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bucket.Close() })

	for _, tt := range []struct {
		reason string
		expiry time.Duration
		want   time.Duration
	}{
		{"by default an hour", 0, time.Hour},
		{"as set", 5 * time.Minute, 5 * time.Minute},
	} {
		storage := gcblob.New(bucket)
		storage.URLExpiry = tt.expiry
		before := time.Now()
		// The copy for a request has the same fields.
		signed, err := storage.WithContext(t.Context()).(*gcblob.FS).URL(t.Context(), "dir/a b.txt")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(signed)
		if err != nil {
			t.Fatal(err)
		}
		if key, err := signer.KeyFromURL(t.Context(), u); key != "dir/a b.txt" || err != nil {
			t.Errorf("%s: %s is a URL of %q, %v", tt.reason, u, key, err)
		}
		if method := u.Query().Get("method"); method != http.MethodGet {
			t.Errorf("%s: the URL is for %s", tt.reason, method)
		}
		if got := expiryOf(t, u).Sub(before); got < tt.want-time.Second || got > tt.want+time.Minute {
			t.Errorf("%s: the URL is valid for %v, want %v", tt.reason, got, tt.want)
		}
	}

	for name, want := range map[string]error{"../a": fs.ErrInvalid, ".": fs.ErrNotExist} {
		if got, err := gcblob.New(bucket).URL(t.Context(), name); got != "" || !errors.Is(err, want) {
			t.Errorf("URL(%s) = %q, %v, want %v", name, got, err, want)
		}
	}
	for driver, bucket := range buckets(t) {
		if got, err := gcblob.New(bucket).URL(t.Context(), "a"); got != "" || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: URL = %q, %v, want errors.ErrUnsupported", driver, got, err)
		}
	}
}

func TestReaderOptions(t *testing.T) {
	bucket, _ := newBucket(t, map[string]object{"a": {content: "0123456789"}})
	storage := gcblob.New(bucket)
	refusal := errors.New("refused")
	storage.ReaderOptions = &blob.ReaderOptions{BeforeRead: func(func(any) bool) error { return refusal }}
	f := open(t, storage.WithContext(t.Context()), "a")
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, refusal) {
		t.Errorf("Read = %v, want what BeforeRead says", err)
	}
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, refusal) {
		t.Errorf("ReadAt = %v, want what BeforeRead says", err)
	}
}

func TestNewOfNoBucketPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	gcblob.New(nil)
}

// expiryOf returns when a URL of fileblob expires.
func expiryOf(t *testing.T, u *url.URL) time.Time {
	t.Helper()
	seconds, err := strconv.ParseInt(u.Query().Get("expiry"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0)
}
