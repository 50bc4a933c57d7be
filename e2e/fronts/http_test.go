package fronts_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

const content = "0123456789abcdefghijklmnopqrstuvwxyz, and what compresses: " +
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

var modified = time.Date(2026, 2, 3, 4, 5, 6, 700_000_000, time.UTC)

const (
	onTime  = "Tue, 03 Feb 2026 04:05:06 GMT"
	earlier = "Tue, 03 Feb 2026 04:05:05 GMT"
	later   = "Tue, 03 Feb 2026 04:05:07 GMT"
)

// eachFront runs test with each kind of server in front of an application that
// has the file a.txt.
func eachFront(t *testing.T, test func(t *testing.T, front fronts.Front, dir string)) {
	for _, front := range fronts.Fronts() {
		t.Run(front.Kind.String(), func(t *testing.T) {
			dir := fronts.Dir(t)
			writeOld(t, filepath.Join(dir, "a.txt"), content)
			test(t, front, dir)
		})
	}
}

// writeOld writes a file that was modified some time ago.
func writeOld(t testing.TB, path, content string) {
	t.Helper()
	writeFile(t, path, content)
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

// in opens the files of dir.
func in(dir string) views.FileFunc {
	return func(r *http.Request) (fs.File, error) { return os.Open(filepath.Join(dir, r.PathValue("path"))) }
}

// Ranges and conditions, with the validators that the client got, come to what
// they come to without a server in front.
func TestRequests(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir))
		url := front.Start(t, app.address, dir) + "/a.txt"
		first, body := get(t, "GET", url)
		tag, date := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		if body != content || app.outcome().Ending != response.HandedOver || !strings.HasPrefix(tag, `"`) || date != onTime {
			t.Fatalf("status %d, ETag %s, Last-Modified %s, content %q", first.StatusCode, tag, date, body)
		}
		for _, tt := range []struct {
			reason, method, header string
			status                 int
			body                   string
		}{
			{"whole", "GET", "", 200, content},
			{"a range", "GET", "Range: bytes=2-4", 206, "234"},
			{"the end", "GET", "Range: bytes=-3", 206, "aaa"},
			{"a range that cannot be", "GET", "Range: bytes=9999-", 416, "*"},
			{"resumed", "GET", "Range: bytes=150-\nIf-Range: " + tag, 206, content[150:]},
			{"resumed by date", "GET", "Range: bytes=150-\nIf-Range: " + date, 206, content[150:]},
			{"another version is not resumed", "GET", "Range: bytes=150-\nIf-Range: \"other\"", 200, content},
			{"the client has it", "GET", "If-None-Match: " + tag, 304, ""},
			{"the client has it, beside a date", "GET", "If-None-Match: " + tag + "\nIf-Modified-Since: " + onTime, 304, ""},
			{"the client has another", "GET", `If-None-Match: "other"`, 200, content},
			{"not modified", "GET", "If-Modified-Since: " + onTime, 304, ""},
			{"not modified, a later date", "GET", "If-Modified-Since: " + later, 304, ""},
			{"modified", "GET", "If-Modified-Since: " + earlier, 200, content},
			{"matches", "GET", "If-Match: " + tag, 200, content},
			{"matches anything", "GET", "If-Match: *", 200, content},
			{"does not match", "GET", `If-Match: "other"`, 412, "*"},
			{"unmodified", "GET", "If-Unmodified-Since: " + onTime, 200, content},
			{"modified, and not to be", "GET", "If-Unmodified-Since: " + earlier, 412, "*"},
			{"HEAD", "HEAD", "", 200, ""},
			{"HEAD, the client has it", "HEAD", "If-None-Match: " + tag, 304, ""},
			{"a coding that the client takes", "GET", "Accept-Encoding: gzip, br", 200, content},
		} {
			resp, body := get(t, tt.method, url, strings.Split(tt.header, "\n")...)
			<-app.outcomes
			if resp.StatusCode != tt.status || tt.body != "*" && body != tt.body {
				t.Errorf("%s: status %d, want %d; content %q", tt.reason, resp.StatusCode, tt.status, body)
			}
			if got := resp.Header.Get("ETag"); resp.StatusCode < 300 && got != tag {
				t.Errorf("%s: ETag %s, want %s", tt.reason, got, tag)
			}
			if resp.Header.Get("Content-Encoding") != "" || resp.Header.Get("X-Sendfile")+resp.Header.Get("X-Accel-Redirect") != "" {
				t.Errorf("%s: header %v", tt.reason, resp.Header)
			}
			if tt.reason == "HEAD" && resp.ContentLength != int64(len(content)) {
				t.Errorf("HEAD: Content-Length %d", resp.ContentLength)
			}
		}
		resp, body := get(t, "GET", url, "Range: bytes=0-1,150-151")
		<-app.outcomes
		if resp.StatusCode != 206 || !strings.Contains(body, "\r\n\r\n01\r\n") || !strings.Contains(body, "\r\n\r\n"+content[150:152]+"\r\n") {
			t.Errorf("two ranges: status %d, body %q", resp.StatusCode, body)
		}
		if resp, _ := get(t, "POST", url); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: status %d, want 405", resp.StatusCode)
		}
	})
}

// A file that was replaced between two requests is another version, whoever sent
// the first.
func TestReplacedBetweenRequests(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir))
		url := front.Start(t, app.address, dir) + "/a.txt"
		first, _ := get(t, "GET", url)
		<-app.outcomes
		writeFile(t, filepath.Join(dir, "b.txt"), "another version")
		if err := os.Rename(filepath.Join(dir, "b.txt"), filepath.Join(dir, "a.txt")); err != nil {
			t.Fatal(err)
		}
		tag := first.Header.Get("ETag")
		for _, header := range [][]string{{"If-None-Match: " + tag}, {"Range: bytes=3-", "If-Range: " + tag}, {"If-Modified-Since: " + onTime}} {
			resp, body := get(t, "GET", url, header...)
			<-app.outcomes
			if resp.StatusCode != 200 || body != "another version" || resp.Header.Get("ETag") == tag {
				t.Errorf("%v: status %d, ETag %s, content %q", header, resp.StatusCode, resp.Header.Get("ETag"), body)
			}
		}
		if resp, _ := get(t, "GET", url, "If-Match: "+tag); resp.StatusCode != http.StatusPreconditionFailed {
			t.Errorf("If-Match: status %d", resp.StatusCode)
		}
		<-app.outcomes
	})
}

// What is between the decision and the sending.
func TestMeanwhile(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		path := filepath.Join(dir, "a.txt")
		act := map[string]func() error{
			"/replaced": func() error { return os.Rename(filepath.Join(dir, "b.txt"), path) },
			"/deleted":  func() error { return os.Remove(path) },
		}
		var after func() error // done when the answer has been made, and not been sent
		app := newApplication(t, front.Kind, front.Rule(dir), func(r *http.Request) (fs.File, error) {
			file, err := os.Open(path)
			if do := act[r.URL.Path]; do != nil && err == nil {
				err = do()
			}
			return file, err
		}, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				if after != nil {
					if err := after(); err != nil {
						t.Error(err)
					}
				}
			})
		})
		url := front.Start(t, app.address, dir)
		for _, meanwhile := range []string{"/replaced", "/deleted"} {
			writeOld(t, path, "what was opened")
			writeFile(t, filepath.Join(dir, "b.txt"), "what was put there meanwhile")
			resp, body := get(t, "GET", url+meanwhile)
			if outcome := app.outcome(); resp.StatusCode != 200 || body != "what was opened" || outcome.Ending == response.HandedOver {
				t.Errorf("%s: status %d, content %q, outcome %+v", meanwhile, resp.StatusCode, body, outcome)
			}
		}
		writeOld(t, path, "what was opened")
		after = act["/deleted"]
		resp, body := get(t, "GET", url+"/after")
		if outcome := app.outcome(); resp.StatusCode != 404 || strings.Contains(body, "opened") || outcome.Ending != response.HandedOver {
			t.Errorf("deleted after the decision: status %d, content %q, outcome %+v", resp.StatusCode, body, outcome)
		}
	})
}

// fields are what middleware sets ahead.
var fields = map[string]string{
	"Cache-Control":                "private, max-age=60",
	"Set-Cookie":                   "seen=1",
	"Content-Security-Policy":      "default-src 'none'",
	"Cross-Origin-Resource-Policy": "same-site",
	"Access-Control-Allow-Origin":  "https://example.com",
	"Content-Language":             "tlh",
	"Referrer-Policy":              "no-referrer",
	"X-Frame-Options":              "DENY",
	"Strict-Transport-Security":    "max-age=60",
	"Vary":                         "Cookie",
	"X-Mine":                       "1",
	"Accept-Ranges":                "none", // not for the server to obey
}

// What the application says of the file reaches the client; of its own fields,
// those that the configuration names.
func TestHeader(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		opts := response.Options{Basename: "Жз.txt", ContentType: "text/x-mine; charset=koi8-r"}
		app := newApplicationWith(t, front.Kind, offload.Options{Rules: []offload.Rule{front.Rule(dir)}}, view{in(dir), opts},
			func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for key, value := range fields {
						w.Header().Set(key, value)
					}
					next.ServeHTTP(w, r)
				})
			})
		url := front.Start(t, app.address, dir) + "/a.txt"
		for _, request := range []string{"Accept: */*", "Range: bytes=1-2"} {
			resp, _ := get(t, "GET", url, request)
			if outcome := app.outcome(); outcome.Ending != response.HandedOver {
				t.Fatalf("not handed over: %+v", outcome)
			}
			want := map[string]string{
				"Content-Type":           opts.ContentType,
				"Content-Disposition":    response.ContentDisposition("attachment", "Жз.txt"),
				"X-Content-Type-Options": "nosniff",
			}
			for key, value := range fields {
				want[key] = value
			}
			want["Accept-Ranges"] = "bytes"
			if front.Kind == offload.NGINX && resp.StatusCode == 206 {
				want["Accept-Ranges"] = "" // it goes without saying
			}
			if front.Kind == offload.NGINX {
				want["X-Mine"] = ""
			}
			got := map[string]string{}
			for key := range want {
				got[key] = resp.Header.Get(key)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: header (-want +got):\n%s", request, diff)
			}
		}
	})
}

// The view's word on If-Modified-Since holds, also against the file's time.
func TestViewDecides(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		says := map[string]bool{"/modified": true, "/unmodified": false}
		app := newApplicationWith(t, front.Kind, offload.Options{Rules: []offload.Rule{front.Rule(dir)}},
			deciding{func(*http.Request) (fs.File, error) { return os.Open(filepath.Join(dir, "a.txt")) }, says})
		url := front.Start(t, app.address, dir)
		for path, modified := range says {
			for _, since := range []string{earlier, onTime, later} {
				resp, body := get(t, "GET", url+path, "If-Modified-Since: "+since)
				if want := map[bool]int{true: 200, false: 304}[modified]; resp.StatusCode != want || modified && body != content {
					t.Errorf("%s since %s: status %d, want %d", path, since, resp.StatusCode, want)
				}
				<-app.outcomes
			}
		}
	})
}

// deciding is a view that has its own idea of what is modified.
type deciding struct {
	views.FileFunc
	modified map[string]bool
}

func (d deciding) WasModifiedSince(r *http.Request, _ fs.File, _ time.Time) bool {
	return d.modified[r.URL.Path]
}

// Files that are handed over however they are wrapped, and others that are not.
func TestFiles(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		outside := t.TempDir()
		writeOld(t, filepath.Join(outside, "secret.txt"), "outside")
		writeOld(t, filepath.Join(dir, "sub", "b.txt"), "below")
		for link, to := range map[string]string{"in": "sub/b.txt", "sub/abs": filepath.Join(dir, "a.txt"), "out": filepath.Join(outside, "secret.txt")} {
			if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		open := map[string]func(name string) (fs.File, error){
			"bare":    func(name string) (fs.File, error) { return os.Open(filepath.Join(dir, name)) },
			"os.Root": func(name string) (fs.File, error) { return root.Open(name) },
			"described": func(name string) (fs.File, error) {
				f, err := os.Open(filepath.Join(dir, name))
				return files.NewDescribedFile(f), err
			},
			"os.DirFS": func(name string) (fs.File, error) {
				return files.OpenStorageFile(t.Context(), os.DirFS(dir), name)
			},
			"os.Root.FS": func(name string) (fs.File, error) { return files.OpenStorageFile(t.Context(), root.FS(), name) },
			"reading for itself": func(name string) (fs.File, error) {
				f, err := os.Open(filepath.Join(dir, name))
				return struct{ *os.File }{f}, err
			},
		}
		app := newApplication(t, front.Kind, front.Rule(dir), func(r *http.Request) (fs.File, error) {
			return open[r.FormValue("as")](r.PathValue("path"))
		})
		url := front.Start(t, app.address, dir)
		for as := range open {
			for path, want := range map[string]string{"/a.txt": content, "/sub/b.txt": "below", "/in": "below", "/sub/abs": content, "/out": "outside"} {
				confined := strings.HasPrefix(as, "os.Root") && (path == "/out" || path == "/sub/abs")
				resp, body := get(t, "GET", url+path+"?as="+strings.ReplaceAll(as, " ", "+"))
				if confined {
					if resp.StatusCode < 400 {
						t.Errorf("%s %s: status %d", as, path, resp.StatusCode)
					}
					continue // there is no file
				}
				outcome := app.outcome()
				if resp.StatusCode != 200 || body != want || (outcome.Ending == response.HandedOver) != (path != "/out" && as != "reading for itself") {
					t.Errorf("%s %s: status %d, content %q, outcome %+v", as, path, resp.StatusCode, body, outcome)
				}
			}
		}
	})
}

// What is no file of the application's is none of the server's, either.
func TestBadPaths(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		writeFile(t, filepath.Join(dir, "sub", "b.txt"), "below")
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		v := views.PathDownloadView{Root: root}
		app := newApplication(t, front.Kind, front.Rule(dir), v.GetFile)
		url := front.Start(t, app.address, dir)
		for _, path := range []string{"/missing", "/sub", "/sub/", "/a.txt/", "/a%00b", "/%2e%2e/etc/passwd", "/protected/a.txt", "/protected../a.txt", "/protected/x/%2e%2e/a.txt"} {
			resp, body := get(t, "GET", url+path, "X-Accel-Redirect: /protected/a.txt", "X-Sendfile: "+dir+"/a.txt",
				"X-Sendfile-Type: X-Accel-Redirect", "X-Accel-Mapping: "+dir+"/=/protected/")
			if resp.StatusCode < 400 || strings.Contains(body, "0123") || resp.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s: status %d, header %v, content %q", path, resp.StatusCode, resp.Header, body)
			}
		}
	})
}
