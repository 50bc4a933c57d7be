package response_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// wire is a server and a client of it.
type wire struct {
	*httptest.Server
	handler  http.Handler   // of the next request
	handlers sync.WaitGroup // requests in the hands of one
}

// overEachProtocol runs test over HTTP/1.1 and HTTP/2.
func overEachProtocol(t *testing.T, test func(t *testing.T, srv *wire)) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			srv := &wire{}
			srv.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				srv.handlers.Add(1)
				defer srv.handlers.Done()
				if r.Proto != proto {
					t.Errorf("the request came by %s", r.Proto)
				}
				srv.handler.ServeHTTP(w, r)
			}))
			srv.Config.ErrorLog = log.New(io.Discard, "", 0)
			if srv.EnableHTTP2 = proto == "HTTP/2.0"; srv.EnableHTTP2 {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			transport := srv.Client().Transport.(*http.Transport)
			transport.DisableCompression = true
			// A connection that was used before and breaks makes the client
			// send its request again.
			transport.DisableKeepAlives = proto == "HTTP/1.1"
			test(t, srv)
		})
	}
}

// reply is what a client has after a request.
type reply struct {
	status int
	header http.Header
	length int64
	body   string
	err    error // why the client knows that it is not complete
}

// request has h answer one request, and waits until h has returned, too.
func (srv *wire) request(t *testing.T, method string, h http.Handler) reply {
	t.Helper()
	req, err := http.NewRequest(method, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	srv.handler = h
	defer srv.handlers.Wait()
	resp, err := srv.Client().Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, resp.ContentLength, string(body), err}
}

// send returns a handler that answers with file.
func send(file fs.File, opts response.Options) http.Handler { return response.New(file, opts) }

// generated returns a file of generated pieces.
func generated(seq iter.Seq[string]) *files.VirtualFile {
	return files.NewVirtualFile(files.NewStringIteratorIO(seq), "a.txt")
}

// text returns size bytes, at most 2 MiB, that differ from place to place.
func text(size int) string { return numbers()[:size] }

var numbers = sync.OnceValue(func() string {
	var b strings.Builder
	for i := 0; b.Len() < 2<<20; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.String()
})

// chunks yields s in pieces of size bytes.
func chunks(s string, size int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(s) > size {
			if !yield(s[:size]) {
				return
			}
			s = s[size:]
		}
		yield(s)
	}
}

// producers are the ways in which content comes; all give s.
var producers = []struct {
	name string
	file func(s string) *files.VirtualFile
}{
	{"in memory", func(s string) *files.VirtualFile { return files.NewVirtualFile(strings.NewReader(s), "a.txt") }},
	{"one piece", func(s string) *files.VirtualFile { return generated(chunks(s, len(s))) }},
	{"short pieces", func(s string) *files.VirtualFile { return generated(chunks(s, 7)) }},
	{"pieces of half a buffer", func(s string) *files.VirtualFile { return generated(chunks(s, bufferSize/2)) }},
	{"pieces of more than a buffer", func(s string) *files.VirtualFile { return generated(chunks(s, bufferSize+1)) }},
	{"a function", func(s string) *files.VirtualFile {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			_, err := io.Copy(w, struct{ io.Reader }{strings.NewReader(s)})
			return err
		}), "a.txt")
	}},
	{"a reader", func(s string) *files.VirtualFile {
		return files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(s)}, "a.txt")
	}},
	{"a reader that gives half of what it is asked for", func(s string) *files.VirtualFile {
		return files.NewVirtualFile(iotest.HalfReader(strings.NewReader(s)), "a.txt")
	}},
	{"a reader that ends with its last bytes", func(s string) *files.VirtualFile {
		return files.NewVirtualFile(iotest.DataErrReader(strings.NewReader(s)), "a.txt")
	}},
}

// bufferSize is what generated content is gathered to before it is sent.
const bufferSize = response.BufferSize

// sizes are some, and those where the buffer is full, or nearly.
var sizes = []int{0, 1, 100, bufferSize - 1, bufferSize, bufferSize + 1, 2 * bufferSize, 3*bufferSize + 5}

func TestContentArrivesWhole(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, producer := range producers {
			for _, size := range sizes {
				for _, declared := range []int64{-1, int64(size)} {
					want := text(size)
					file := producer.file(want)
					file.Size = declared
					got := srv.request(t, "GET", send(file, response.Options{}))
					if got.status != http.StatusOK || got.body != want || got.err != nil ||
						declared >= 0 && got.length != declared {
						t.Errorf("%s, %d bytes, declared %d: %d, %d bytes, Content-Length %d, %v",
							producer.name, size, declared, got.status, len(got.body), got.length, got.err)
					}
				}
			}
		}
	})
}

func TestWrongSizeNeverLooksComplete(t *testing.T) {
	logs := captureLogs(t)
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, producer := range producers {
			for _, size := range sizes {
				for _, off := range []int{-bufferSize, -1, 1, bufferSize} {
					if size+off < 0 {
						continue
					}
					logs.reset()
					file, closed := counted(producer.file(text(size + off)))
					file.VirtualFile.Size = int64(size)
					got := srv.request(t, "GET", send(file, response.Options{}))
					if got.status != http.StatusInternalServerError && got.err == nil {
						t.Errorf("%s, %d bytes, declared %d: %d, %d bytes, as if complete",
							producer.name, size+off, size, got.status, len(got.body))
					}
					if want := "than its declared size"; len(logs.lines()) != 1 || !strings.Contains(logs.lines()[0], want) {
						t.Errorf("%s, %d bytes, declared %d: log %q, want one line with %q",
							producer.name, size+off, size, logs.lines(), want)
					}
					if closed.Load() != 1 {
						t.Errorf("%s: closed %d times", producer.name, closed.Load())
					}
				}
			}
		}
	})
}

// Whoever downloads small things likes to see how long they are, even if that
// was not known when they began.
func TestSmallContentOfUnknownSizeHasALength(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, size := range []int{0, 1, 5000, bufferSize} {
			got := srv.request(t, "GET", send(generated(chunks(text(size), 50)), response.Options{}))
			if got.length != int64(size) || len(got.body) != size {
				t.Errorf("%d bytes: Content-Length %d, and %d bytes came", size, got.length, len(got.body))
			}
		}
	})
}

// A length that turns up late is not that of what a coder in front makes of it.
func TestSmallContentIsEncodedInFront(t *testing.T) {
	const want = "Hello world!"
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for name, file := range map[string]fs.File{
			"known":   files.NewContentFile(want, "a.txt"),
			"unknown": generated(chunks(want, 3)),
		} {
			got := srv.request(t, "GET", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				zw := gzip.NewWriter(w)
				defer zw.Close()
				send(file, response.Options{}).ServeHTTP(gzipWriter{w, zw}, r)
			}))
			zr, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil || got.err != nil {
				t.Errorf("size %s: %v, %v", name, err, got.err)
				continue
			}
			if body, err := io.ReadAll(zr); string(body) != want || err != nil {
				t.Errorf("size %s: %q, %v", name, body, err)
			}
		}
	})
}

type gzipWriter struct {
	http.ResponseWriter
	zw *gzip.Writer
}

func (w gzipWriter) Write(p []byte) (int, error) { return w.zw.Write(p) }

// The piece that a generator yields before a pause arrives while it pauses.
func TestPausedGenerator(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, interval := range []time.Duration{0, time.Millisecond, -1} {
			arrived := make(chan struct{})
			srv.handler = send(generated(func(yield func(string) bool) {
				if yield("before ") {
					<-arrived // closed when the client has read that
					yield("after")
				}
			}), response.Options{FlushInterval: interval})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // if it does not
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := srv.Client().Do(req)
			if err != nil {
				close(arrived)
				t.Fatal(err)
			}
			before := make([]byte, len("before "))
			_, err = io.ReadFull(resp.Body, before)
			close(arrived)
			after, afterErr := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(before) != "before " || err != nil || string(after) != "after" || afterErr != nil {
				t.Errorf("FlushInterval %v: %q, %v, then %q, %v", interval, before, err, after, afterErr)
			}
		}
	})
}

func TestFlushInterval(t *testing.T) {
	for _, tt := range []struct {
		reason   string
		interval time.Duration
		wait     time.Duration // that is how long content waits; the clock is synctest's
	}{
		{"zero is the default", 0, 100 * time.Millisecond},
		{"shorter", 5 * time.Millisecond, 5 * time.Millisecond},
		{"longer", time.Hour, time.Hour},
		{"negative: no waiting", -1, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &flushWriter{ResponseWriter: httptest.NewRecorder()}
				arrived := func() string { synctest.Wait(); return w.arrived() }
				file := generated(func(yield func(string) bool) {
					for _, want := range []string{"one ", "one two "} { // the timer starts anew
						before := arrived()
						yield(want[len(before):])
						if tt.wait > 0 {
							time.Sleep(tt.wait - 1) // by synctest's clock: it takes no time
							if got := arrived(); got != before {
								t.Errorf("too early: %q", got)
							}
							time.Sleep(time.Nanosecond) // by synctest's clock
						}
						if got := arrived(); got != want {
							t.Errorf("%q arrived, want %q", got, want)
						}
					}
				})
				send(file, response.Options{FlushInterval: tt.interval}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			})
		})
	}
}

// flushWriter is a ResponseWriter that holds back what was not flushed.
type flushWriter struct {
	http.ResponseWriter
	mu          sync.Mutex
	taken, sent string
}

func (w *flushWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken += string(p)
	return len(p), nil
}

func (w *flushWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = w.taken
}

func (w *flushWriter) arrived() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// What a timer sends can meet a writer that panics, in a goroutine where nobody
// would recover.
func TestPanicOfAWriterDuringAPause(t *testing.T) {
	logs := captureLogs(t)
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler {
				t.Errorf("the handler ended with %v, want http.ErrAbortHandler", v)
			}
			if len(logs.lines()) != 1 || !strings.Contains(logs.lines()[0], "broken writer") {
				t.Errorf("log: %q", logs.lines())
			}
		}()
		file := generated(func(yield func(string) bool) {
			yield("before ")
			time.Sleep(time.Second) // by synctest's clock: the timer has run then
			if yield("after") {
				t.Error("the generator is still asked for more")
			}
		})
		send(file, response.Options{}).ServeHTTP(brokenWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
	})
}

type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { panic("broken writer") }

func TestHead(t *testing.T) {
	never := func(func(string) bool) { t.Error("the generator was started") }
	stored := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(stored, []byte(text(100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	overEachProtocol(t, func(t *testing.T, srv *wire) {
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
				get := srv.request(t, "GET", send(tt.file("GET"), response.Options{}))
				head := srv.request(t, "HEAD", send(tt.file("HEAD"), response.Options{}))
				get.header.Del("Date")
				head.header.Del("Date")
				if diff := cmp.Diff(get.header, head.header); diff != "" || head.status != get.status {
					t.Errorf("%d, then %d; headers (-GET +HEAD):\n%s", get.status, head.status, diff)
				}
				if head.body != "" || head.err != nil {
					t.Errorf("the body of HEAD: %q, %v", head.body, head.err)
				}
				if get.header.Get("Content-Disposition") == "" || get.err != nil {
					t.Errorf("GET: %v, %v", get.header, get.err)
				}
			})
		}
	})
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// plainWriter hides all that a ResponseWriter can do beyond its interface.
type plainWriter struct{ w http.ResponseWriter }

func (p plainWriter) Header() http.Header         { return p.w.Header() }
func (p plainWriter) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p plainWriter) WriteHeader(status int)      { p.w.WriteHeader(status) }

func TestPlainWriter(t *testing.T) {
	want := text(300_000)
	stored := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(stored, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for name, file := range map[string]func() fs.File{
			"in memory": func() fs.File { return files.NewContentFile(want, "a.txt") },
			"generated": func() fs.File { return generated(chunks(want, 100)) },
			"a reader": func() fs.File {
				return files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(want)}, "a.txt")
			},
			"a stored file": func() fs.File { return open(t, stored) },
		} {
			for _, interval := range []time.Duration{0, -1} {
				got := srv.request(t, "GET", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					send(file(), response.Options{FlushInterval: interval}).ServeHTTP(plainWriter{w}, r)
				}))
				if got.status != http.StatusOK || got.body != want || got.err != nil {
					t.Errorf("%s, FlushInterval %v: %d, %d bytes, %v", name, interval, got.status, len(got.body), got.err)
				}
			}
		}
	})
}

func TestWhatTheCallerSetWins(t *testing.T) {
	mine := map[string]string{
		"Cache-Control":       "max-age=60",
		"Content-Disposition": `inline; filename="mine.txt"`,
		"Content-Type":        "text/x-mine",
		"Etag":                `"mine"`,
		"Last-Modified":       "Tue, 03 Feb 2026 04:05:06 GMT",
		"X-Request-Id":        "mine",
	}
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		for _, method := range []string{"GET", "HEAD"} {
			got := srv.request(t, method, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for key, value := range mine {
					w.Header().Set(key, value)
				}
				file := files.NewContentFile("Hello", "a.txt")
				file.ETag, file.ModTime = `"theirs"`, time.Now().Add(-time.Hour)
				opts := response.Options{Basename: "theirs.txt", ContentType: "text/x-theirs"}
				send(file, opts).ServeHTTP(w, r)
			}))
			for key, want := range mine {
				if diff := cmp.Diff([]string{want}, got.header[key]); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", method, key, diff)
				}
			}
			// Framing is not the caller's, and nosniff is for everybody.
			if got.length != 5 || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: Content-Length %d, X-Content-Type-Options %q", method, got.length, got.header["X-Content-Type-Options"])
			}
		}
	})
}

// A length of the caller's, of whatever, must not frame the content.
func TestContentLengthIsNotTheCallers(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		want := text(200_000)
		for name, file := range map[string]fs.File{
			"known":   files.NewContentFile(want, "a.txt"),
			"unknown": generated(chunks(want, 100)),
		} {
			got := srv.request(t, "GET", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "3")
				send(file, response.Options{}).ServeHTTP(w, r)
			}))
			if got.body != want || got.err != nil {
				t.Errorf("size %s: %d bytes, %v", name, len(got.body), got.err)
			}
		}
	})
}

// Downloads share a pool of buffers, and nothing else.
func TestConcurrentDownloads(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, srv *wire) {
		srv.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			line := r.URL.Path + "\n"
			send(generated(func(yield func(string) bool) {
				for range 100_000 / len(line) {
					if !yield(line) {
						return
					}
				}
			}), response.Options{FlushInterval: time.Microsecond}).ServeHTTP(w, r)
		})
		var clients sync.WaitGroup
		for i := range 20 {
			clients.Go(func() {
				line := fmt.Sprintf("/%d", i)
				resp, err := srv.Client().Get(srv.URL + line)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				if want := strings.Repeat(line+"\n", 100_000/len(line+"\n")); string(got) != want || err != nil {
					t.Errorf("%s: %d bytes, want %d, %v", line, len(got), len(want), err)
				}
			})
		}
		clients.Wait()
	})
}
