package response_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

func TestHead(t *testing.T) {
	never := func(func(string) bool) { t.Error("the generator was started") }
	stored := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(stored, []byte(text(100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, tt := range []struct {
			reason string
			file   func(method string) fs.File
		}{
			{"content in memory", func(string) fs.File { return files.NewContentFile("Hello", "a.txt") }},
			{"nothing in memory", func(string) fs.File { return files.NewContentFile("", "a.txt") }},
			{"a stored file", func(string) fs.File { return open(t, stored) }},
			{"generated, nothing known", func(method string) fs.File {
				if method == "HEAD" {
					return generated(never)
				}
				return generated(chunks(text(200_000), 1000))
			}},
			{"generated, and all is known", func(method string) fs.File {
				seq := never
				if method == "GET" {
					seq = chunks(text(1000), 10)
				}
				file := generated(seq)
				file.Size, file.ETag, file.ModTime = 1000, `"v1"`, time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC)
				return file
			}},
		} {
			t.Run(tt.reason, func(t *testing.T) {
				srv.Handler = send(tt.file("GET"), response.Options{})
				get := srv.Do(t, "GET", "/")
				srv.Handler = send(tt.file("HEAD"), response.Options{})
				head := srv.Do(t, "HEAD", "/")
				get.Header.Del("Date")
				head.Header.Del("Date")
				if diff := cmp.Diff(get.Header, head.Header); diff != "" || head.Status != get.Status {
					t.Errorf("%d, then %d; headers (-GET +HEAD):\n%s", get.Status, head.Status, diff)
				}
				if head.Body != "" || head.Err != nil {
					t.Errorf("the body of HEAD: %q, %v", head.Body, head.Err)
				}
				if get.Header.Get("Content-Disposition") == "" || get.Err != nil {
					t.Errorf("GET: %v, %v", get.Header, get.Err)
				}
			})
		}
	})
}

func TestWhatTheCallerSetWins(t *testing.T) {
	mine := http.Header{
		"Cache-Control":       {"max-age=60"},
		"Content-Disposition": {`inline; filename="mine.txt"`},
		"Content-Type":        {"text/x-mine"},
		"Etag":                {`"mine"`},
		"Last-Modified":       {"Tue, 03 Feb 2026 04:05:06 GMT"},
		"X-Request-Id":        {"mine"},
	}
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, method := range []string{"GET", "HEAD"} {
			file := files.NewContentFile("Hello", "a.txt")
			file.ETag, file.ModTime = `"theirs"`, time.Now().Add(-time.Hour)
			srv.Handler = after(mine, send(file, response.Options{Basename: "theirs.txt", ContentType: "text/x-theirs"}))
			got := srv.Do(t, method, "/")
			for key, want := range mine {
				if diff := cmp.Diff(want, got.Header[key]); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", method, key, diff)
				}
			}
			// Framing is not the caller's, and nosniff is for everybody.
			if got.Length != 5 || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: Content-Length %d, X-Content-Type-Options %q", method, got.Length, got.Header["X-Content-Type-Options"])
			}
		}
	})
}

// A length of the caller's, of whatever, must not frame the content.
func TestContentLengthIsNotTheCallers(t *testing.T) {
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		want := text(200_000)
		for name, file := range map[string]fs.File{
			"known":   files.NewContentFile(want, "a.txt"),
			"unknown": generated(chunks(want, 100)),
		} {
			srv.Handler = after(http.Header{"Content-Length": {"3"}}, send(file, response.Options{}))
			if got := srv.Do(t, "GET", "/"); got.Body != want || got.Err != nil {
				t.Errorf("size %s: %d bytes, %v", name, len(got.Body), got.Err)
			}
		}
	})
}

// The caller's fields never say what is not true of the answer.
func TestFieldsOfTheCaller(t *testing.T) {
	for _, tt := range []struct {
		reason string
		method string
		caller http.Header
		header []string
		status int
		want   map[string]string // "": must not be there
	}{
		{"Content-Range with a 200", "GET", http.Header{"Content-Range": {"bytes 0-1/2"}}, nil, 200, map[string]string{"Content-Range": ""}},
		{"Content-Range with a HEAD", "HEAD", http.Header{"Content-Range": {"bytes 0-1/2"}}, nil, 200, map[string]string{"Content-Range": ""}},
		{"Content-Range with a 304", "GET", http.Header{"Content-Range": {"bytes 0-1/2"}}, []string{"If-None-Match", "*"}, 304, map[string]string{"Content-Range": ""}},
		{"Content-Range with a multipart 206", "GET", http.Header{"Content-Range": {"bytes 0-1/2"}}, []string{"Range", "bytes=0-0,2-2"}, 206, map[string]string{"Content-Range": ""}},
		{"Content-Range with a 206", "GET", http.Header{"Content-Range": {"bytes 0-1/2"}}, []string{"Range", "bytes=1-2"}, 206, map[string]string{"Content-Range": "bytes 1-2/5"}},
		{"digests of the whole with a 206", "GET", http.Header{"Content-Digest": {"sha-256=:x:"}, "Content-Md5": {"x"}, "Repr-Digest": {"sha-256=:y:"}}, []string{"Range", "bytes=1-2"}, 206, map[string]string{"Content-Digest": "", "Content-MD5": "", "Repr-Digest": "sha-256=:y:"}},
		{"digests with a 200", "GET", http.Header{"Content-Digest": {"sha-256=:x:"}}, nil, 200, map[string]string{"Content-Digest": "sha-256=:x:"}},
		{"no ranges", "GET", http.Header{"Accept-Ranges": {"none"}}, []string{"Range", "bytes=1-2"}, 200, map[string]string{"Accept-Ranges": "none"}},
		{"no ranges, of a HEAD", "HEAD", http.Header{"Accept-Ranges": {"none"}}, nil, 200, map[string]string{"Accept-Ranges": "none"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
				srv.Handler = after(tt.caller, send(files.NewContentFile("Hello", "a.txt"), response.Options{}))
				got := srv.Do(t, tt.method, "/", tt.header...)
				if got.Status != tt.status || got.Err != nil {
					t.Fatalf("status %d, %v, want %d", got.Status, got.Err, tt.status)
				}
				for key, want := range tt.want {
					if value := got.Header.Get(key); value != want {
						t.Errorf("%s: %q, want %q", key, value, want)
					}
				}
			})
		})
	}
}

func TestNoRanges(t *testing.T) {
	file := files.NewContentFile("Hello", "a.txt")
	got := servertest.Record(send(file, response.Options{NoRanges: true}), "GET", "/", "Range", "bytes=1-2")
	got.Check(t, http.StatusOK, "Hello")
	if ranges := got.Header.Get("Accept-Ranges"); ranges != "none" {
		t.Errorf("Accept-Ranges %q, want none", ranges)
	}
}

// Bytes that are encoded are for who accepts the coding.
func TestVaryOfEncodedFiles(t *testing.T) {
	for _, tt := range []struct {
		reason, encoding, caller, want string
		header                         []string
	}{
		{"encoded", "gzip", "", "Accept-Encoding", nil},
		{"encoded, 304", "gzip", "", "Accept-Encoding", []string{"If-None-Match", "*"}},
		{"encoded, a range", "gzip", "", "Accept-Encoding", []string{"Range", "bytes=0-1"}},
		{"the caller's field stays", "gzip", "Cookie", "Cookie, Accept-Encoding", nil},
		{"said once", "gzip", "accept-encoding, Cookie", "accept-encoding, Cookie", nil},
		{"all is said already", "gzip", "*", "*", nil},
		{"not encoded", "", "Cookie", "Cookie", nil},
		{"not encoded, nothing said", "", "", "", nil},
	} {
		h := send(files.NewContentFile("Hello", "a.txt"), response.Options{Encoding: tt.encoding})
		if tt.caller != "" {
			h = after(http.Header{"Vary": {tt.caller}}, h)
		}
		answer := servertest.Record(h, "GET", "/", tt.header...)
		if got := strings.Join(answer.Header.Values("Vary"), " and "); got != tt.want {
			t.Errorf("%s: Vary: %q, want %q", tt.reason, got, tt.want)
		}
	}
}

// Middleware may spell a field as it likes: there is one of it, and it wins.
func TestFieldsOfAnotherSpelling(t *testing.T) {
	caller := http.Header{
		"ETag": {`"caller"`}, "content-disposition": {"inline"}, "Content-type": {"text/x-caller"}, "VARY": {"Cookie"}, "Vary": {"Origin"},
		"LAST-MODIFIED": {"Sat, 14 Mar 2026 15:09:26 GMT"}, "cache-control": {"private"}, "content-length": {"1"}, "X-ID": {"7"},
	}
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		srv.Handler = after(caller, send(files.NewContentFile("Hello", "a.csv"), response.Options{}))
		got := srv.Do(t, "GET", "/")
		got.Check(t, http.StatusOK, "Hello")
		want := http.Header{
			"Accept-Ranges": {"bytes"}, "Cache-Control": {"private"}, "Content-Disposition": {"inline"}, "Content-Length": {"5"},
			"Content-Type": {"text/x-caller"}, "Etag": {`"caller"`}, "Last-Modified": {"Sat, 14 Mar 2026 15:09:26 GMT"},
			"X-Content-Type-Options": {"nosniff"}, "X-Id": {"7"},
		}
		if vary := got.Header.Get("Vary"); vary != "Origin, Cookie" {
			t.Errorf("Vary: %s", vary)
		}
		got.Header.Del("Vary")
		got.Header.Del("Date")
		if diff := cmp.Diff(want, got.Header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		srv.Handler = after(caller, send(files.NewContentFile("Hello", "a.csv"), response.Options{}))
		if got := srv.Do(t, "GET", "/", "If-None-Match", `"caller"`); got.Status != http.StatusNotModified {
			t.Errorf("status %d with the tag of the caller, want 304", got.Status)
		}
		srv.Handler = after(caller, refuse(fs.ErrNotExist))
		srv.Do(t, "GET", "/").CheckError(t, http.StatusNotFound)
	})
}

// A list leaves in one line: there are servers in front that read the first alone.
func TestListsInOneLine(t *testing.T) {
	caller := http.Header{"Vary": {"Origin", "Cookie"}, "Content-Security-Policy": {"default-src 'none'", "sandbox"}, "Set-Cookie": {"a=b", "c=d"}}
	for _, fields := range [][]string{nil, {"If-None-Match", "*"}, {"Range", "bytes=0-1"}} {
		got := servertest.Record(after(caller, send(files.NewContentFile("Hello", "a.csv"), response.Options{Encoding: "gzip"})), "GET", "/", fields...).Header
		want := http.Header{"Vary": {"Origin, Cookie, Accept-Encoding"}, "Content-Security-Policy": {"default-src 'none', sandbox"}, "Set-Cookie": {"a=b", "c=d"}}
		for key, lines := range want {
			if diff := cmp.Diff(lines, got[key]); diff != "" {
				t.Errorf("%v: %s (-want +got):\n%s", fields, key, diff)
			}
		}
	}
}
