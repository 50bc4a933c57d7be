package response_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// intercepting is middleware that offers all responses to intercept.
func intercepting(intercept response.Interceptor, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(response.WithInterceptor(r.Context(), intercept)))
	})
}

// handOver answers with a name for what is in front.
func handOver(to string) response.Interceptor {
	return func(w http.ResponseWriter, _ *http.Request, rep *response.Representation) bool {
		rep.SetHeader(w)
		w.Header().Set("X-Handed-Over", to+rep.Name)
		w.WriteHeader(http.StatusOK)
		return true
	}
}

func decline(http.ResponseWriter, *http.Request, *response.Representation) bool { return false }

// An interceptor that answers is the last that is asked; the innermost is first.
func TestInterceptors(t *testing.T) {
	for _, tt := range []struct {
		reason             string
		inner, outer       response.Interceptor
		method             string
		header             []string
		status             int
		handedOver, ranges string
	}{
		{"answered", handOver("/in/"), nil, "GET", nil, 200, "/in/a.txt", ""},
		{"answered, HEAD", handOver("/in/"), nil, "HEAD", nil, 200, "/in/a.txt", ""},
		{"the innermost holds", handOver("/in/"), handOver("/out/"), "GET", nil, 200, "/in/a.txt", ""},
		{"one declines", decline, handOver("/out/"), "GET", nil, 200, "/out/a.txt", ""},
		{"all decline", decline, decline, "GET", nil, 200, "", "bytes"},
		{"conditions are not looked at", handOver("/in/"), nil, "GET", []string{"If-Match", `"other"`}, 200, "/in/a.txt", ""},
		{"nor are ranges", handOver("/in/"), nil, "GET", []string{"Range", "bytes=99-"}, 200, "/in/a.txt", ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
				srv.Handler = intercepting(tt.inner, send(files.NewContentFile("Hello", "a.txt"), response.Options{}))
				if tt.outer != nil {
					srv.Handler = intercepting(tt.outer, srv.Handler)
				}
				answer := srv.Do(t, tt.method, "/", tt.header...)
				got := []string{answer.Header.Get("X-Handed-Over"), answer.Header.Get("Accept-Ranges"), answer.Header.Get("Content-Disposition")}
				want := []string{tt.handedOver, tt.ranges, `attachment; filename="a.txt"`}
				if diff := cmp.Diff(want, got); diff != "" || answer.Status != tt.status || answer.Err != nil {
					t.Errorf("status %d, %v, want %d; header (-want +got):\n%s", answer.Status, answer.Err, tt.status, diff)
				}
				if (answer.Body == "") != (tt.handedOver != "") {
					t.Errorf("body %q", answer.Body)
				}
			})
		})
	}
}

// What an interceptor is told, and what it makes of that.
func TestRepresentation(t *testing.T) {
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("Hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	onDisk := open(t, path)
	f := files.NewDescribedFile(onDisk)
	f.Name, f.ModTime, f.ETag, f.ContentType, f.Encoding = "b.csv", modTime, `"v1"`, "text/x-mine", "gzip"
	var outcome response.Outcome
	opts := response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }}
	h := intercepting(func(w http.ResponseWriter, r *http.Request, rep *response.Representation) bool {
		url, err := rep.URL(r.Context())
		got := []any{rep.Name, rep.Size, rep.ModTime, rep.ETag, rep.ContentType, rep.Encoding, rep.OnDisk == onDisk, url, err}
		want := []any{"b.csv", int64(5), modTime, `"v1"`, "text/x-caller", "gzip", true, "", error(nil)}
		if diff := cmp.Diff(fmt.Sprint(want...), fmt.Sprint(got...)); diff != "" {
			t.Errorf("representation (-want +got):\n%s", diff)
		}
		rep.SetHeader(w)
		w.WriteHeader(http.StatusOK)
		return true
	}, send(f, opts))
	answer := servertest.Record(after(http.Header{"Content-Type": {"text/x-caller"}}, h), "GET", "/")
	want := http.Header{
		"Content-Type": {"text/x-caller"}, "Content-Encoding": {"gzip"}, "Vary": {"Accept-Encoding"}, "Etag": {`"v1"`},
		"Content-Disposition": {`attachment; filename="b.csv"`}, "X-Content-Type-Options": {"nosniff"},
		"Last-Modified": {"Tue, 03 Feb 2026 04:05:06 GMT"},
	}
	if diff := cmp.Diff(want, answer.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if outcome.Ending != response.HandedOver || outcome.Status != 200 || outcome.Ending == response.Complete || outcome.Err != nil {
		t.Errorf("outcome %+v, want one that was handed over", outcome)
	}
	if _, err := onDisk.Stat(); err == nil {
		t.Error("the file is still open")
	}
}

func TestRepresentationURL(t *testing.T) {
	for _, url := range []string{"", "https://bucket.example/a"} {
		servertest.Record(intercepting(func(_ http.ResponseWriter, r *http.Request, rep *response.Representation) bool {
			if got, err := rep.URL(r.Context()); got != url || err != nil {
				t.Errorf("URL() = %q, %v, want %q", got, err, url)
			}
			return false
		}, send(atURL{files.NewContentFile("", "a"), url}, response.Options{})), "GET", "/")
	}
}

// An interceptor chooses which conditions are evaluated here.
func TestAnswerConditions(t *testing.T) {
	const old, later = "Thu, 01 Jan 2026 00:00:00 GMT", "Sun, 01 Mar 2026 00:00:00 GMT"
	all := []string{"If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"}
	for _, tt := range []struct {
		reason string
		fields []string
		header []string
		want   int // 0: not answered
	}{
		{"false", all, []string{"If-Match", `"v2"`}, 412},
		{"true", all, []string{"If-Match", `"v1"`}, 0},
		{"left to another", all[1:], []string{"If-Match", `"v2"`}, 0},
		{"by date", all, []string{"If-Unmodified-Since", old}, 412},
		{"by date, left to another", []string{"If-Modified-Since"}, []string{"If-Unmodified-Since", old}, 0},
		{"the client has it", all, []string{"If-None-Match", `"v1"`}, 304},
		{"the client has it, left to another", []string{"If-Modified-Since"}, []string{"If-None-Match", `"v1"`}, 0},
		{"not modified", []string{"If-Modified-Since"}, []string{"If-Modified-Since", later}, 304},
		{"modified", []string{"If-Modified-Since"}, []string{"If-Modified-Since", old}, 0},
		{"a date beside a tag is ignored, whoever looks at the tag", []string{"If-Modified-Since"}, []string{"If-None-Match", `"v2"`, "If-Modified-Since", later}, 0},
		{"the same of the other pair", []string{"If-Unmodified-Since"}, []string{"If-Match", `"v1"`, "If-Unmodified-Since", old}, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			f := files.NewContentFile("Hello", "a.txt")
			f.ETag, f.ModTime = `"v1"`, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
			var outcome response.Outcome
			got := servertest.Record(intercepting(func(w http.ResponseWriter, r *http.Request, rep *response.Representation) bool {
				if rep.AnswerConditions(w, r, tt.fields...) {
					return true
				}
				return handOver("/")(w, r, rep)
			}, send(f, response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }})), "GET", "/", tt.header...)
			want := tt.want
			if want == 0 {
				want = 200
			}
			if got.Status != want || outcome.Status != want || (outcome.Ending == response.HandedOver) != (tt.want == 0) {
				t.Errorf("status %d, outcome %+v, want %d", got.Status, outcome, want)
			}
			if handedOver := got.Header.Get("X-Handed-Over") != ""; handedOver != (tt.want == 0) {
				t.Errorf("handed over: %v", handedOver)
			}
		})
	}
}

// An error answer to a condition is not in the coding of the file.
func TestAnswerConditionsOfCodedContent(t *testing.T) {
	f := files.NewContentFile("\x1f\x8b", "a.gz")
	f.ETag = `"v1"`
	srv := servertest.Start(t, servertest.HTTP11, after(http.Header{"Content-Encoding": {"gzip"}},
		intercepting(func(w http.ResponseWriter, r *http.Request, rep *response.Representation) bool {
			return rep.AnswerConditions(w, r, "If-Match")
		}, send(f, response.Options{}))))
	got := srv.Do(t, "GET", "/", "If-Match", `"v2"`, "Accept-Encoding", "gzip")
	got.CheckError(t, 412)
	if coding := got.Header.Get("Content-Encoding"); coding != "" {
		t.Errorf("the error answer is text, and says that it is in %q", coding)
	}
}

// An interceptor that panics leaves a clean error, and a closed file.
func TestInterceptorThatPanics(t *testing.T) {
	servertest.CaptureLog(t)
	rec := httptest.NewRecorder()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic does not go on")
			}
		}()
		intercepting(func(w http.ResponseWriter, _ *http.Request, rep *response.Representation) bool {
			rep.SetHeader(w)
			panic("interceptor")
		}, send(files.NewContentFile("Hello", "a.txt"), response.Options{})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	}()
	if rec.Code != 500 || rec.Header().Get("Etag") != "" {
		t.Errorf("status %d, header %v", rec.Code, rec.Header())
	}
}

// What cannot be described is nobody's to take.
func TestInterceptorIsNotAskedOfWhatFails(t *testing.T) {
	servertest.CaptureLog(t)
	servertest.Record(intercepting(func(http.ResponseWriter, *http.Request, *response.Representation) bool {
		t.Error("the interceptor was asked")
		return false
	}, send(statless{err: fs.ErrNotExist}, response.Options{})), "GET", "/").CheckError(t, 404)
}
