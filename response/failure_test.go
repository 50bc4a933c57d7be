package response_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// stacks are the middleware in front of a handler that fails.
var stacks = []struct {
	name string
	wrap func(http.Handler) http.Handler
}{
	{"bare", func(h http.Handler) http.Handler { return h }},
	{"chi's RequestID, Recoverer and Timeout", func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(middleware.RequestID, quietly, middleware.Recoverer, middleware.Timeout(time.Minute))
		r.Handle("/", h)
		return r
	}},
}

// quietly keeps Recoverer from printing what it recovers.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, middleware.WithLogEntry(r, noLogEntry{}))
	})
}

type noLogEntry struct{}

func (noLogEntry) Write(int, int, http.Header, time.Duration, any) {}
func (noLogEntry) Panic(any, []byte)                               {}

// failures are all ways to fail, by when that is. Each file has all the
// metadata that there are, which must not be in an error answer.
var failures = []struct {
	reason string
	file   func(size int) *files.VirtualFile // which fails after size bytes
	log    string                            // the cause in the log; empty: none before the first byte
	panics bool
}{
	{"a generator fails", func(size int) *files.VirtualFile { return producing(size, fails) }, errBroken.Error(), false},
	{"a generator panics", func(size int) *files.VirtualFile { return producing(size, panics) }, errBroken.Error(), true},
	{"a generator exits its goroutine", func(size int) *files.VirtualFile {
		return producing(size, func() error { runtime.Goexit(); return nil })
	}, "", true},
	{"a function fails", func(size int) *files.VirtualFile {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			_, _ = io.WriteString(w, text(size))
			return errBroken
		}), "a.txt")
	}, errBroken.Error(), false},
	{"a reader fails", func(size int) *files.VirtualFile {
		return files.NewVirtualFile(io.MultiReader(strings.NewReader(text(size)), iotest.ErrReader(errBroken)), "a.txt")
	}, errBroken.Error(), false},
	{"a reader gets stuck", func(size int) *files.VirtualFile {
		return files.NewVirtualFile(io.MultiReader(strings.NewReader(text(size)), stuck{}), "a.txt")
	}, io.ErrNoProgress.Error(), false},
	{"a generator yields less than Size", func(size int) *files.VirtualFile {
		file := generated(chunks(text(size), 100))
		file.Size = 2 << 20
		return file
	}, "shorter than its declared size", false},
}

// stuck is a reader that returns nothing, for ever.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// described returns file with all the metadata that there are.
func described(file *files.VirtualFile) *files.VirtualFile {
	file.ETag, file.ModTime = `"v1"`, time.Now().Add(-time.Hour)
	return file
}

// whole is a handler that sends file, with fields that a middleware set.
func whole(file fs.File) http.Handler {
	return after(http.Header{
		"Cache-Control": {"max-age=3600"}, "Content-Language": {"en"}, "Expires": {"Tue, 03 Feb 2037 04:05:06 GMT"},
	}, send(file, response.Options{Encoding: "x-own"}))
}

func TestFailureBeforeTheFirstByte(t *testing.T) {
	logs := servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, stack := range stacks {
			for _, tt := range failures {
				for _, size := range []int{0, 1, 1000, bufferSize} {
					for way, taken := range ways {
						t.Run(fmt.Sprintf("%s/%s, %s/after %d bytes", stack.name, tt.reason, way, size), func(t *testing.T) {
							logs.Reset()
							file := servertest.Count(described(tt.file(size)))
							srv.Handler = stack.wrap(whole(taken(file)))
							got := srv.Do(t, "GET", "/")
							if got.Status == http.StatusOK && size == bufferSize && got.Err != nil {
								return // a reader fills the buffer before it is asked again
							}
							checkError(t, got, http.StatusInternalServerError)
							want := 1
							if tt.panics {
								want = 0 // it goes on, and is logged where it ends
							}
							if lines := logs.Lines(); len(lines) != want || want == 1 && !strings.Contains(lines[0], tt.log) {
								t.Errorf("log: %q, want %d line with %q", lines, want, tt.log)
							}
							if file.Closed() != 1 {
								t.Errorf("the file was closed %d times", file.Closed())
							}
						})
					}
				}
			}
		}
	})
}

// checkError checks an error answer: nothing in it is of the file.
func checkError(t *testing.T, got servertest.Answer, status int) {
	t.Helper()
	// A panic goes on after it, which HTTP/2 tells the client.
	if got.Status != status || got.Body != http.StatusText(status)+"\n" {
		t.Errorf("%d %q, %v", got.Status, got.Body, got.Err)
	}
	got.Header.Del("Date")
	got.Header.Del("Connection")
	want := http.Header{
		"Cache-Control":          {"no-store"},
		"Content-Length":         {fmt.Sprint(len(http.StatusText(status)) + 1)},
		"Content-Type":           {"text/plain; charset=utf-8"},
		"X-Content-Type-Options": {"nosniff"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestFailureAfterTheFirstByte(t *testing.T) {
	const size = 1 << 20
	logs := servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, stack := range stacks {
			for _, tt := range failures {
				for way, taken := range ways {
					t.Run(stack.name+"/"+tt.reason+", "+way, func(t *testing.T) {
						logs.Reset()
						file := servertest.Count(described(tt.file(size)))
						srv.Handler = stack.wrap(whole(taken(file)))
						got := srv.Do(t, "GET", "/")
						got.CheckBroken(t, http.StatusOK)
						if got.Body == "" || !strings.HasPrefix(text(size), got.Body) {
							t.Errorf("the %d bytes that came are not the first of the content", len(got.Body))
						}
						lines := logs.Lines()
						if tt.log != "" && (len(lines) != 1 || !strings.Contains(lines[0], tt.log) || !strings.Contains(lines[0], "level=ERROR")) {
							t.Errorf("log: %q, want one error with %q", lines, tt.log)
						}
						if tt.log != "" && tt.panics && !strings.Contains(lines[0], "stack=") {
							t.Errorf("log: %q, want the stack of the panic", lines)
						}
						if file.Closed() != 1 {
							t.Errorf("the file was closed %d times", file.Closed())
						}
					})
				}
			}
		}
	})
}

// A panic is not this package's to swallow. But one that ends a body which is on
// its way must end the connection, too, and only http.ErrAbortHandler does that
// past whoever recovers.
func TestPanicGoesOn(t *testing.T) {
	for _, tt := range []struct {
		reason string
		size   int
		want   error
	}{
		{"as it is before the first byte", 10, errBroken},
		{"as http.ErrAbortHandler after it", 1 << 20, http.ErrAbortHandler},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			defer func() {
				if got := recover(); got != tt.want {
					t.Errorf("panic: %v, want %v", got, tt.want)
				}
			}()
			servertest.Record(send(producing(tt.size, panics), response.Options{}), "GET", "/")
		})
	}
}

func TestHandleErrorOfAFailureBeforeTheFirstByte(t *testing.T) {
	logs := servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		logs.Reset()
		file := servertest.Count(producing(1000, fails))
		srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", `"v1"`)
			resp := response.New(file, response.Options{})
			resp.HandleError = func(w http.ResponseWriter, _ *http.Request, err error) {
				if err != errBroken {
					t.Errorf("the error is %v", err)
				}
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "sorry")
			}
			resp.ServeHTTP(w, r)
		})
		got := srv.Do(t, "GET", "/")
		if got.Status != http.StatusTeapot || got.Body != "sorry" {
			t.Errorf("%d %q, %v", got.Status, got.Body, got.Err)
		}
		for _, key := range []string{"Etag", "Content-Disposition", "Accept-Ranges", "Last-Modified"} {
			if _, has := got.Header[key]; has {
				t.Errorf("the error answer has %s: %q", key, got.Header[key])
			}
		}
		if len(logs.Lines()) != 0 || file.Closed() != 1 {
			t.Errorf("log: %q, and the file was closed %d times", logs.Lines(), file.Closed())
		}
	})
}
