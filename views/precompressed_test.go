package views_test

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed testdata
var testdata embed.FS

// codedDir returns a directory with style.css, and the same in three codings; or so
// it says: all four are equally long and of one time, which gzip -k comes close to.
func codedDir(t *testing.T) string {
	t.Helper()
	dir := storedDir(t, "style.css", "identity")
	for suffix, content := range map[string]string{".br": "is br   ", ".zst": "is zstd ", ".gz": "is gzip "} {
		writeFile(t, filepath.Join(dir, "style.css"+suffix), content)
	}
	return dir
}

var allCodings = []string{"br", "zstd", "gzip"}

// onDisk returns the views that serve a directory, with Precompressed.
func onDisk(t *testing.T, dir string) map[string]views.DownloadView {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	anyPath := func(r *http.Request) (string, error) {
		name, err := views.PathParam(r, "*")
		return filepath.Join(dir, name), err
	}
	return map[string]views.DownloadView{
		"Root":                    views.PathDownloadView{Root: root, Precompressed: allCodings},
		"Dir":                     views.PathDownloadView{Dir: dir, Precompressed: allCodings},
		"DangerouslyServeAnyPath": views.PathDownloadView{DangerouslyServeAnyPath: true, Path: anyPath, Precompressed: allCodings},
		"Storage":                 views.StorageDownloadView{Storage: root.FS(), Precompressed: allCodings},
	}
}

// coding returns the coding of an answer, and fails if the content is in another.
func coding(t *testing.T, got servertest.Answer) string {
	t.Helper()
	if got.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("Vary: %q", got.Header["Vary"])
	}
	name := cmp.Or(got.Header.Get("Content-Encoding"), "identity")
	if content := strings.TrimPrefix(strings.TrimSpace(got.Body), "is "); name != content {
		t.Errorf("Content-Encoding: %q with content in %q", name, content)
	}
	return strings.TrimPrefix(name, "identity")
}

// What Caddy 2.10 (precompressed br zstd gzip), fiber 2.52 (Static with Compress, by
// fasthttp 1.58) and hyper-staticfile 0.10 send, according to their sources, stands
// beside what is due by RFC 9110 §12.5.3.
func TestPrecompressedByAcceptEncoding(t *testing.T) {
	for _, tt := range []struct{ reason, accept, want, caddy, fiber, hyper string }{
		{"a client that does not ask", "", "", "", "", ""},
		{"the server's order; hyper-staticfile has one of its own", "gzip, deflate, br, zstd", "br", "br", "br", "zstd"},
		{"the client's order; the others read no weights", "gzip;q=1, br;q=0.5", "gzip", "gzip", "", "br"},
		{"a coding that is refused; hyper-staticfile sends it", "br;q=0, gzip", "gzip", "gzip", "gzip", "br"},
		{"* is any coding; none of them knows it", "*", "br", "", "", ""},
		{"* without br", "*, br;q=0", "zstd", "", "", "br"},
		{"no coding is liked better; Caddy skips that", "identity, gzip;q=0.5", "", "gzip", "", "gzip"},
		{"no coding is refused, and any other will do", "identity;q=0, *;q=0.5", "br", "", "", ""},
		{"nothing is left: better than a 406", "identity;q=0", "", "", "", ""},
		{"nothing but a range", "identity;q=1, *;q=0", "", "", "", ""},
		{"names in any case, §8.4.1", "GZIP", "gzip", "gzip", "", ""},
		{"x-gzip is gzip, §8.4.1.3", "x-gzip", "gzip", "", "", ""},
		{"no space behind the comma; fiber wants one", "gzip,br", "br", "br", "gzip", "br"},
		{"a weight that is none: not known to be wanted", "gzip;q=high", "", "gzip", "", "gzip"},
	} {
		for kind, view := range onDisk(t, codedDir(t)) {
			t.Run(tt.reason+"/"+kind, func(t *testing.T) {
				got := servertest.Record(mountStored(view), "GET", "/files/style.css", "Accept-Encoding", tt.accept)
				if got := coding(t, got); got != tt.want {
					t.Errorf("Accept-Encoding: %s: %q, want %q (Caddy: %q, fiber: %q, hyper-staticfile: %q)",
						tt.accept, got, tt.want, tt.caddy, tt.fiber, tt.hyper)
				}
			})
		}
	}
}

// The client accepts br and gzip.
func TestPrecompressedByFile(t *testing.T) {
	for _, tt := range []struct {
		reason, others string // what the others do
		change         func(dir string) error
		want           string
		storage        string // what a storage without a boundary sends; empty: the same
	}{
		{"all there", "the same", func(string) error { return nil }, "br", ""},
		{"no br", "the same; fiber compresses, and writes the file", func(dir string) error {
			return os.Remove(filepath.Join(dir, "style.css.br"))
		}, "gzip", ""},
		{"neither", "the same; fiber as above", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "style.css.br")), os.Remove(filepath.Join(dir, "style.css.gz")))
		}, "", ""},
		{"br is older than the file", "Caddy, hyper-staticfile: old content; fiber compresses anew", func(dir string) error {
			then := storedTime.Add(-time.Second)
			return os.Chtimes(filepath.Join(dir, "style.css.br"), then, then)
		}, "gzip", ""},
		{"the file is newer than both", "Caddy, hyper-staticfile: old content; fiber compresses anew", func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "style.css"), time.Time{}, storedTime.Add(time.Hour))
		}, "", ""},
		{"within one second: the compressor cut the time", "fiber: the same, within 1 s", func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "style.css"), time.Time{}, storedTime.Add(999*time.Millisecond))
		}, "br", ""},
		{"br is newer", "the same", func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "style.css.br"), time.Time{}, storedTime.Add(time.Hour))
		}, "br", ""},
		{"br is a directory", "Caddy: the same; fiber: an error", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "style.css.br")), os.Mkdir(filepath.Join(dir, "style.css.br"), 0o700))
		}, "gzip", ""},
		{"br is a link out of the root", "all follow it", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "style.css.br"), filepath.Join(filepath.Dir(dir), "secret")),
				os.Symlink(filepath.Join(filepath.Dir(dir), "secret"), filepath.Join(dir, "style.css.br")))
		}, "gzip", "br"},
	} {
		for _, kind := range []string{"Root", "Dir", "Storage", "DangerouslyServeAnyPath"} {
			t.Run(tt.reason+"/"+kind, func(t *testing.T) {
				servertest.CaptureLog(t)
				dir := codedDir(t)
				if err := tt.change(dir); err != nil {
					t.Fatal(err)
				}
				want := tt.want
				if kind == "DangerouslyServeAnyPath" && tt.storage != "" {
					want = tt.storage
				}
				got := servertest.Record(mountStored(onDisk(t, dir)[kind]), "GET", "/files/style.css", "Accept-Encoding", "br, gzip")
				if got := coding(t, got); got != want {
					t.Errorf("%q, want %q (others: %s)", got, want, tt.others)
				}
			})
		}
	}
}

// What is refused is refused in every coding.
func TestPrecompressedOfFilesThatAreNotServed(t *testing.T) {
	dir := codedDir(t)
	for _, name := range []string{".env", "only.css.br", "sub/.git/config"} {
		writeFile(t, filepath.Join(dir, name), "secret")
		writeFile(t, filepath.Join(dir, name+".br"), "secret")
	}
	writeFile(t, filepath.Join(filepath.Dir(dir), "secret.css.br"), "secret")
	for _, name := range []string{".env", "only.css", "sub/.git/config", "sub/../style.css", "../secret.css", "sub", "style"} {
		for kind, view := range onDisk(t, dir) {
			if kind == "DangerouslyServeAnyPath" {
				continue // Allow is not asked, and there is no root
			}
			servertest.CaptureLog(t)
			servertest.Record(mountStored(view), "GET", "/files/"+name, "Accept-Encoding", "br").CheckError(t, 404)
		}
	}
}

// Allow is asked about the file itself, and only about it.
func TestPrecompressedAsksAllowOnce(t *testing.T) {
	var asked []string
	view := views.PathDownloadView{Dir: codedDir(t), Precompressed: allCodings, Allow: func(name string) bool {
		asked = append(asked, name)
		return strings.HasSuffix(name, ".css")
	}}
	got := servertest.Record(mountStored(view), "GET", "/files/style.css", "Accept-Encoding", "br")
	if coding(t, got) != "br" {
		t.Errorf("%v", got.Header)
	}
	servertest.CaptureLog(t)
	servertest.Record(mountStored(view), "GET", "/files/style.css.br").CheckError(t, 404)
	if diff := gocmp.Diff([]string{"style.css", "style.css.br"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// Each coding has validators of its own, all else is the file's.
func TestPrecompressedHeaders(t *testing.T) {
	for kind, view := range onDisk(t, codedDir(t)) {
		t.Run(kind, func(t *testing.T) {
			servertest.OverEach(t, mountStored(view), func(t *testing.T, srv *servertest.Server) {
				plain := srv.Do(t, "GET", "/files/style.css", "Accept-Encoding", "identity")
				tags := map[string]string{plain.Header.Get("Etag"): "identity"}
				for _, name := range allCodings {
					ask := func(status int, fields ...string) servertest.Answer {
						t.Helper()
						got := srv.Do(t, "GET", "/files/style.css", append(fields, "Accept-Encoding", name)...)
						if got.Status != status || status < 400 && got.Header.Get("Vary") != "Accept-Encoding" {
							t.Errorf("%s, %q: %d, Vary %q, want %d", name, fields, got.Status, got.Header.Get("Vary"), status)
						}
						return got
					}
					got := ask(200)
					tag, date := got.Header.Get("Etag"), got.Header.Get("Last-Modified")
					if tags[tag] != "" || !strings.HasPrefix(tag, `"`) {
						t.Errorf("the ETag of %s is %s, which is that of %s", name, tag, tags[tag])
					}
					tags[tag] = name
					for _, key := range []string{"Content-Type", "Content-Disposition", "Content-Length", "Accept-Ranges"} {
						if got.Header.Get(key) != plain.Header.Get(key) {
							t.Errorf("%s of %s: %q, want %q", key, name, got.Header.Get(key), plain.Header.Get(key))
						}
					}
					ask(304, "If-None-Match", tag)
					ask(200, "If-None-Match", plain.Header.Get("Etag"))
					ask(304, "If-Modified-Since", date)
					ask(412, "If-Match", plain.Header.Get("Etag"))
					ask(206, "Range", "bytes=3-6").Check(t, 206, got.Body[3:7])
					ask(206, "Range", "bytes=3-6", "If-Range", tag)
					ask(200, "Range", "bytes=3-6", "If-Range", plain.Header.Get("Etag"))
					ask(200, "Range", "bytes=3-6", "If-Range", date) // the plain file may have it, too
					ask(416, "Range", "bytes=100-")
					head := srv.Do(t, "HEAD", "/files/style.css", "Accept-Encoding", name)
					head.Header.Del("Date")
					got.Header.Del("Date")
					if diff := gocmp.Diff(got.Header, head.Header); diff != "" {
						t.Errorf("HEAD (-GET +HEAD):\n%s", diff)
					}
				}
				again := srv.Do(t, "GET", "/files/style.css", "If-None-Match", plain.Header.Get("Etag"))
				if again.Check(t, 304, ""); again.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("the 304 of the plain file has Vary %q", again.Header.Get("Vary"))
				}
			})
		})
	}
}

// bucketFile is a file of a bucket, which knows more of it than a disk.
type bucketFS struct {
	fs.FS
	about map[string]files.Description // by name
	fails string                       // a name that cannot be opened
}

type bucketFile struct {
	fs.File
	info fs.FileInfo
}

func (f bucketFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (b bucketFS) Open(name string) (fs.File, error) {
	if name == b.fails {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("the bucket is down")}
	}
	file, err := b.FS.Open(name)
	about, ok := b.about[name]
	if err != nil || !ok {
		return file, err
	}
	info, err := file.Stat()
	about.Name, about.Size = info.Name(), info.Size()
	return bucketFile{file, about.Info()}, err
}

func (bucketFS) URL(_ context.Context, name string) (string, error) {
	return "https://bucket.example/" + name, nil
}

func TestPrecompressedInStorages(t *testing.T) {
	content := fstest.MapFS{"a.css": {Data: []byte("identity")}, "a.css.br": {Data: []byte("is br")}, "a.css.gz": {Data: []byte("is gzip")}}
	bucket := bucketFS{content, map[string]files.Description{
		"a.css":    {ETag: `"1"`, ContentType: "text/x-own"},
		"a.css.br": {ETag: `"1"`, ContentType: "application/x-brotli"},
		"a.css.gz": {ETag: `"2"`, ContentType: "application/gzip", Encoding: "gzip"},
	}, ""}
	stored := bucketFS{content, map[string]files.Description{"a.css": {Encoding: "gzip"}}, ""}
	embedded, err := fs.Sub(testdata, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason   string
		storage  fs.FS
		redirect bool
		accept   string
		status   int
		want     http.Header
	}{
		{"an embed.FS, which knows no times", embedded, false, "gzip, br", 200, http.Header{"Content-Encoding": {"br"}, "Content-Type": {"text/css; charset=utf-8"}}},
		{"an embed.FS without zstd", embedded, false, "zstd", 200, http.Header{"Content-Encoding": nil}},
		{"a bucket's type is the file's, its tag may be that of another", bucket, false, "br", 200,
			http.Header{"Content-Encoding": {"br"}, "Content-Type": {"text/x-own"}, "Etag": {`"1.br"`}}},
		{"a bucket that knows the coding", bucket, false, "gzip", 200,
			http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"text/x-own"}, "Etag": {`"2.gzip"`}}},
		{"a bucket's plain file", bucket, false, "", 200, http.Header{"Content-Encoding": nil, "Etag": {`"1"`}, "Vary": {"Accept-Encoding"}}},
		{"a bucket's file that is in a coding already", stored, false, "br", 200, http.Header{"Content-Encoding": {"gzip"}}},
		{"a redirect to the plain file", bucket, true, "", 302, http.Header{"Location": {"https://bucket.example/a.css"}}},
		{"none to a coded file: the bucket would not say that it is", bucket, true, "br", 200, http.Header{"Content-Encoding": {"br"}}},
		{"a failure of the coded file is none of the client's", bucketFS{content, nil, "a.css.br"}, false, "br", 200, http.Header{"Content-Encoding": nil}},
		{"a failure of the coded file: the next coding", bucketFS{content, nil, "a.css.br"}, false, "br, gzip", 200, http.Header{"Content-Encoding": {"gzip"}}},
		{"a failure of the file itself", bucketFS{content, nil, "a.css"}, false, "br", 500, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			name := "/files/a.css"
			if tt.storage == embedded {
				name = "/files/style.css"
			}
			view := views.StorageDownloadView{Storage: tt.storage, Precompressed: allCodings}
			view.Options.Redirect = tt.redirect
			got := servertest.Record(mountStored(view), "GET", name, "Accept-Encoding", tt.accept)
			if got.Status != tt.status {
				t.Errorf("status %d, want %d", got.Status, tt.status)
			}
			if got.Header.Get("Content-Encoding") == "identity" { // the recorder counts as middleware
				got.Header.Del("Content-Encoding")
			}
			for key, want := range tt.want {
				if diff := gocmp.Diff(want, http.Header(got.Header)[key]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", key, diff)
				}
			}
		})
	}
}

// The file that is not sent is closed, and so is the other in the end.
func TestPrecompressedClosesFiles(t *testing.T) {
	var opened []*servertest.CountedFile
	counting := openFS(func(name string) (fs.File, error) {
		file, err := os.DirFS(codedDir(t)).Open(name)
		if err != nil {
			return nil, err
		}
		opened = append(opened, servertest.Count(file))
		return opened[len(opened)-1], nil
	})
	for _, accept := range []string{"", "br", "gzip"} {
		opened = nil
		view := views.StorageDownloadView{Storage: counting, Precompressed: allCodings}
		servertest.Record(mountStored(view), "GET", "/files/style.css", "Accept-Encoding", accept)
		for i, file := range opened {
			if file.Closed() != 1 {
				t.Errorf("%q: file %d of %d was closed %d times", accept, i, len(opened), file.Closed())
			}
		}
	}
}

type openFS func(name string) (fs.File, error)

func (f openFS) Open(name string) (fs.File, error) { return f(name) }

func TestPrecompressedChecks(t *testing.T) {
	encoded := views.BaseDownloadView{Options: response.Options{Encoding: "gzip"}}
	for _, tt := range []struct {
		view views.DownloadView
		want string
	}{
		{views.PathDownloadView{Dir: t.TempDir(), Precompressed: []string{"gz"}}, `"gz" is none of`},
		{views.StorageDownloadView{Storage: testdata, Precompressed: []string{"br", "GZIP"}}, `"GZIP" is none of`},
		{views.PathDownloadView{BaseDownloadView: encoded, Dir: t.TempDir(), Precompressed: []string{"br"}}, "Options.Encoding"},
		{views.StorageDownloadView{BaseDownloadView: encoded, Storage: testdata, Precompressed: []string{"br"}}, "Options.Encoding"},
	} {
		t.Run(fmt.Sprintf("%T", tt.view)+tt.want, func(t *testing.T) {
			mustPanic(t, func() { views.AsView(tt.view) }, tt.want)
		})
	}
}
