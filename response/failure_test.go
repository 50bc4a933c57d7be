package response_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// errBroken is the cause of what fails. Its text is for the log alone.
var errBroken = errors.New("secret: database is down")

// logBook is what was logged, a line for each record.
type logBook struct {
	mu      sync.Mutex
	records []string
}

// captureLogs collects what slog.Default gets until the test ends, so that test
// must not be parallel.
func captureLogs(t *testing.T) *logBook {
	logs, logger := &logBook{}, slog.Default()
	out, flags := log.Writer(), log.Flags() // SetDefault takes these, too
	slog.SetDefault(slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(out)
		log.SetFlags(flags)
	})
	return logs
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, string(p))
	return len(p), nil
}

func (l *logBook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.records...)
}

func (l *logBook) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = nil
}

// countedFile counts how often it is closed.
type countedFile struct {
	*files.VirtualFile
	closed *atomic.Int32
}

func (f countedFile) Close() error {
	f.closed.Add(1)
	return f.VirtualFile.Close()
}

func counted(file *files.VirtualFile) (countedFile, *atomic.Int32) {
	closed := new(atomic.Int32)
	return countedFile{file, closed}, closed
}

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

// producing returns a file that yields content in small pieces, and then ends as
// end does: with an error, or a panic.
func producing(size int, end func() error) *files.VirtualFile {
	return files.NewVirtualFile(files.NewStringIteratorIO2(func(yield func(string, error) bool) {
		for piece := range chunks(text(size), 100) {
			if size > 0 && !yield(piece, nil) {
				return
			}
		}
		if err := end(); err != nil {
			yield("", err)
		}
	}), "a.txt")
}

func fails() error  { return errBroken }
func panics() error { panic(errBroken) }

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

// whole is a handler that sends file with all the metadata that there are, and
// with fields that a middleware set.
func whole(file *files.VirtualFile, closed *atomic.Int32) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file.ETag, file.ModTime = `"v1"`, time.Now().Add(-time.Hour)
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Header().Set("Content-Language", "en")
		w.Header().Set("Expires", "Tue, 03 Feb 2037 04:05:06 GMT")
		send(countedFile{file, closed}, response.Options{Encoding: "x-own"}).ServeHTTP(w, r)
	})
}

func TestFailureBeforeTheFirstByte(t *testing.T) {
	logs := captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, stack := range stacks {
			for _, tt := range failures {
				for _, size := range []int{0, 1, 1000, bufferSize} {
					t.Run(fmt.Sprintf("%s/%s/after %d bytes", stack.name, tt.reason, size), func(t *testing.T) {
						logs.reset()
						var closed atomic.Int32
						got := srv.request(t, "GET", stack.wrap(whole(tt.file(size), &closed)))
						if got.status == http.StatusOK && size == bufferSize && got.err != nil {
							return // a reader fills the buffer before it is asked again
						}
						checkError(t, got, http.StatusInternalServerError)
						want := 1
						if tt.panics {
							want = 0 // it goes on, and is logged where it ends
						}
						if lines := logs.lines(); len(lines) != want || want == 1 && !strings.Contains(lines[0], tt.log) {
							t.Errorf("log: %q, want %d line with %q", lines, want, tt.log)
						}
						if closed.Load() != 1 {
							t.Errorf("the file was closed %d times", closed.Load())
						}
					})
				}
			}
		}
	})
}

// checkError checks an error answer: nothing in it is of the file.
func checkError(t *testing.T, got reply, status int) {
	t.Helper()
	if got.status != status || got.body != http.StatusText(status)+"\n" {
		t.Errorf("%d %q, %v", got.status, got.body, got.err)
	}
	got.header.Del("Date")
	got.header.Del("Connection")
	want := http.Header{
		"Cache-Control":          {"no-store"},
		"Content-Length":         {fmt.Sprint(len(http.StatusText(status)) + 1)},
		"Content-Type":           {"text/plain; charset=utf-8"},
		"X-Content-Type-Options": {"nosniff"},
	}
	if diff := cmp.Diff(want, got.header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestFailureAfterTheFirstByte(t *testing.T) {
	const size = 1 << 20
	logs := captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, stack := range stacks {
			for _, tt := range failures {
				t.Run(stack.name+"/"+tt.reason, func(t *testing.T) {
					logs.reset()
					var closed atomic.Int32
					got := srv.request(t, "GET", stack.wrap(whole(tt.file(size), &closed)))
					if got.status != http.StatusOK || got.err == nil {
						t.Errorf("%d, %d bytes, %v, want 200 and an error", got.status, len(got.body), got.err)
					}
					if got.body == "" || !strings.HasPrefix(text(size), got.body) {
						t.Errorf("the %d bytes that came are not the first of the content", len(got.body))
					}
					lines := logs.lines()
					if tt.log != "" && (len(lines) != 1 || !strings.Contains(lines[0], tt.log) || !strings.Contains(lines[0], "level=ERROR")) {
						t.Errorf("log: %q, want one error with %q", lines, tt.log)
					}
					if tt.log != "" && tt.panics && !strings.Contains(lines[0], "stack=") {
						t.Errorf("log: %q, want the stack of the panic", lines)
					}
					if closed.Load() != 1 {
						t.Errorf("the file was closed %d times", closed.Load())
					}
				})
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
			captureLogs(t)
			defer func() {
				if got := recover(); got != tt.want {
					t.Errorf("panic: %v, want %v", got, tt.want)
				}
			}()
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
			send(producing(tt.size, panics), response.Options{}).ServeHTTP(w, r)
		})
	}
}

// deadline is a context whose time is over when the test says so.
type deadline struct {
	context.Context
	done chan struct{}
}

func (d deadline) Done() <-chan struct{} { return d.done }

func (d deadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// timeouts are what a generator makes of a context that ended.
var timeouts = []struct {
	reason string
	end    func(ctx context.Context, yield func(string, error) bool)
}{
	{"and the generator says so", func(ctx context.Context, yield func(string, error) bool) { yield("", ctx.Err()) }},
	{"and the generator does not care", func(_ context.Context, yield func(string, error) bool) {
		for yield("more", nil) {
		}
	}},
	{"and the generator returns without a word", func(context.Context, func(string, error) bool) {}},
}

func TestContextThatEndsEarly(t *testing.T) {
	logs := captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, tt := range timeouts {
			for _, size := range []int{0, 10, 1 << 20} {
				t.Run(fmt.Sprintf("%s/after %d bytes", tt.reason, size), func(t *testing.T) {
					logs.reset()
					got := srv.request(t, "GET", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						ctx := deadline{r.Context(), make(chan struct{})}
						file := files.NewVirtualFile(files.NewStringIteratorIO2(func(yield func(string, error) bool) {
							if yield(text(size), nil) {
								close(ctx.done)
								tt.end(ctx, yield)
							}
						}), "a.txt")
						send(file, response.Options{FlushInterval: time.Hour}).ServeHTTP(w, r.WithContext(ctx))
					}))
					if size <= bufferSize && got.status != http.StatusInternalServerError {
						t.Errorf("before the first byte: %d %q, %v", got.status, got.body, got.err)
					}
					if size > bufferSize && (got.status != http.StatusOK || got.err == nil) {
						t.Errorf("after the first byte: %d, %d bytes, %v, want an error", got.status, len(got.body), got.err)
					}
					if want := context.DeadlineExceeded.Error(); len(logs.lines()) != 1 || !strings.Contains(logs.lines()[0], want) {
						t.Errorf("log: %q, want one line with %q", logs.lines(), want)
					}
				})
			}
		}
	})
}

func TestChiTimeout(t *testing.T) {
	captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, tt := range timeouts {
			t.Run(tt.reason, func(t *testing.T) {
				got := srv.request(t, "GET", middleware.Timeout(20*time.Millisecond)(
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						file := files.NewVirtualFile(files.NewStringIteratorIO2(func(yield func(string, error) bool) {
							yield("some", nil)
							<-r.Context().Done()
							tt.end(r.Context(), yield)
						}), "a.txt")
						send(file, response.Options{FlushInterval: time.Millisecond}).ServeHTTP(w, r)
					})))
				// How much has left by then is a matter of the machine.
				if got.status != http.StatusInternalServerError && got.err == nil {
					t.Errorf("%d %q, as if complete", got.status, got.body)
				}
			})
		}
	})
}

func TestClientThatLeaves(t *testing.T) {
	piece := text(1000)
	endless := func(yield func(string) bool) { // or nearly: a test that fails must end, too
		for begun := time.Now(); time.Since(begun) < 10*time.Second && yield(piece); {
		}
	}
	for _, tt := range []struct {
		reason string
		// file is told when the client has gone, and calls stopped when its
		// producer returns.
		file func(ctx context.Context, stopped func()) *files.VirtualFile
	}{
		{"a busy generator", func(_ context.Context, stopped func()) *files.VirtualFile {
			return generated(func(yield func(string) bool) {
				defer stopped()
				endless(yield)
			})
		}},
		{"a generator that waits for the request's context", func(ctx context.Context, stopped func()) *files.VirtualFile {
			return generated(func(yield func(string) bool) {
				defer stopped()
				yield(piece)
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
				}
				endless(yield)
			})
		}},
		{"a function", func(_ context.Context, stopped func()) *files.VirtualFile {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				defer stopped()
				var err error
				endless(func(piece string) bool {
					_, err = io.WriteString(w, piece)
					return err == nil
				})
				return err
			}), "a.txt")
		}},
		{"a generator that is read, not pushed", func(_ context.Context, stopped func()) *files.VirtualFile {
			reader := files.NewStringIteratorIO(func(yield func(string) bool) {
				defer stopped()
				endless(yield)
			})
			return files.NewVirtualFile(struct{ io.ReadCloser }{reader}, "a.txt")
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := captureLogs(t)
			running := goleak.IgnoreCurrent()
			overEachProtocol(t, func(t *testing.T, srv *wire) {
				stopped := make(chan struct{})
				var closed atomic.Int32
				srv.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					file := tt.file(r.Context(), func() { close(stopped) })
					send(countedFile{file, &closed}, response.Options{}).ServeHTTP(w, r)
				})
				resp, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.CopyN(io.Discard, resp.Body, 100); err != nil {
					t.Fatal(err)
				}
				resp.Body.Close() // a body that is not at its end: the client leaves
				select {
				case <-stopped:
				case <-time.After(time.Second):
					t.Fatal("the producer still runs a second later")
				}
				srv.handlers.Wait()
				if closed.Load() != 1 {
					t.Errorf("the file was closed %d times", closed.Load())
				}
				for _, line := range logs.lines() {
					if !strings.Contains(line, "level=DEBUG") {
						t.Errorf("clients leave all the time, but the log says %s", line)
					}
				}
			})
			goleak.VerifyNone(t, running)
		})
	}
}

// A client can be gone before the server knows.
func TestClientThatCannotBeWrittenTo(t *testing.T) {
	logs := captureLogs(t)
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panic: %v, want http.ErrAbortHandler", got)
		}
		if lines := logs.lines(); len(lines) != 1 || !strings.Contains(lines[0], "level=DEBUG") || !strings.Contains(lines[0], "broken pipe") {
			t.Errorf("log: %q, want one line for those who debug", lines)
		}
	}()
	send(generated(chunks(text(1000), 10)), response.Options{}).ServeHTTP(goneWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
}

type goneWriter struct{ http.ResponseWriter }

func (goneWriter) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestHandleErrorOfAFailureBeforeTheFirstByte(t *testing.T) {
	logs := captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		logs.reset()
		var closed atomic.Int32
		got := srv.request(t, "GET", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", `"v1"`)
			resp := response.New(countedFile{producing(1000, fails), &closed}, response.Options{})
			resp.HandleError = func(w http.ResponseWriter, _ *http.Request, err error) {
				if err != errBroken {
					t.Errorf("the error is %v", err)
				}
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "sorry")
			}
			resp.ServeHTTP(w, r)
		}))
		if got.status != http.StatusTeapot || got.body != "sorry" {
			t.Errorf("%d %q, %v", got.status, got.body, got.err)
		}
		for _, key := range []string{"Etag", "Content-Disposition", "Accept-Ranges", "Last-Modified"} {
			if _, has := got.header[key]; has {
				t.Errorf("the error answer has %s: %q", key, got.header[key])
			}
		}
		if len(logs.lines()) != 0 || closed.Load() != 1 {
			t.Errorf("log: %q, and the file was closed %d times", logs.lines(), closed.Load())
		}
	})
}

func TestStatThatFails(t *testing.T) {
	for _, tt := range []struct {
		reason string
		err    error
		want   int
	}{
		{"in whatever way", errBroken, http.StatusInternalServerError},
		{"because the file has gone", fs.ErrNotExist, http.StatusNotFound},
		{"because it may not be read", &fs.PathError{Op: "stat", Path: "/secret", Err: fs.ErrPermission}, http.StatusForbidden},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			captureLogs(t)
			w := httptest.NewRecorder()
			send(statless{err: tt.err}, response.Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			checkError(t, reply{status: w.Code, header: w.Header(), body: w.Body.String()}, tt.want)
		})
	}
}

type statless struct {
	fs.File
	err error
}

func (f statless) Stat() (fs.FileInfo, error) { return nil, f.err }
func (f statless) Close() error               { return nil }

func TestError(t *testing.T) {
	for _, tt := range []struct {
		reason string
		err    error
		want   int
		level  string
	}{
		{"not there", fs.ErrNotExist, http.StatusNotFound, "INFO"},
		{"not there, says the system", &fs.PathError{Op: "open", Path: "/secret", Err: fs.ErrNotExist}, http.StatusNotFound, "INFO"},
		{"not there, wrapped", fmt.Errorf("secret: %w", fs.ErrNotExist), http.StatusNotFound, "INFO"},
		{"not allowed", fmt.Errorf("secret: %w", fs.ErrPermission), http.StatusForbidden, "INFO"},
		{"anything else", errBroken, http.StatusInternalServerError, "ERROR"},
		{"a context that is not the request's", context.Canceled, http.StatusInternalServerError, "ERROR"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := captureLogs(t)
			w := httptest.NewRecorder()
			for _, key := range []string{"Etag", "Last-Modified", "Content-Disposition", "Accept-Ranges", "Content-Encoding", "Content-Length"} {
				w.Header().Set(key, "of the file")
			}
			response.Error(w, httptest.NewRequest("GET", "/path", nil), tt.err)
			checkError(t, reply{status: w.Code, header: w.Header(), body: w.Body.String()}, tt.want)
			lines := logs.lines()
			if len(lines) != 1 || !strings.Contains(lines[0], tt.err.Error()) ||
				!strings.Contains(lines[0], "level="+tt.level) || !strings.Contains(lines[0], "/path") {
				t.Errorf("log: %q, want one line of level %s with the error and the path", lines, tt.level)
			}
		})
	}
}
