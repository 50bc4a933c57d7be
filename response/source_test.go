package response_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

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

// sizes are some, and those where the buffer is full, or nearly.
var sizes = []int{0, 1, 100, bufferSize - 1, bufferSize, bufferSize + 1, 2 * bufferSize, 3*bufferSize + 5}

func TestContentArrivesWhole(t *testing.T) {
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, producer := range producers {
			for _, size := range sizes {
				for _, declared := range []int64{-1, int64(size)} {
					want := text(size)
					file := producer.file(want)
					file.Size = declared
					srv.Handler = send(file, response.Options{})
					got := srv.Do(t, "GET", "/")
					if got.Status != http.StatusOK || got.Body != want || got.Err != nil ||
						declared >= 0 && got.Length != declared {
						t.Errorf("%s, %d bytes, declared %d: %d, %d bytes, Content-Length %d, %v",
							producer.name, size, declared, got.Status, len(got.Body), got.Length, got.Err)
					}
				}
			}
		}
	})
}

func TestWrongSizeNeverLooksComplete(t *testing.T) {
	logs := servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		check := func(reason string, taken func(fs.File) fs.File, f fs.File) {
			logs.Reset()
			file := servertest.Count(f)
			srv.Handler = send(taken(file), response.Options{})
			got := srv.Do(t, "GET", "/")
			if got.Status != http.StatusInternalServerError && got.Err == nil {
				t.Errorf("%s: %d, %d bytes, as if complete", reason, got.Status, len(got.Body))
			}
			if want := "than its declared size"; len(logs.Lines()) != 1 || !strings.Contains(logs.String(), want) {
				t.Errorf("%s: log %q, want one line with %q", reason, logs.Lines(), want)
			}
			if file.Closed() != 1 {
				t.Errorf("%s: closed %d times", reason, file.Closed())
			}
		}
		for _, producer := range producers {
			for _, size := range sizes {
				for _, off := range []int{-bufferSize, -1, 1, bufferSize} {
					if size+off < 0 {
						continue
					}
					for way, taken := range ways {
						file := producer.file(text(size + off))
						file.Size = int64(size)
						check(fmt.Sprintf("%s, %s, %d bytes, declared %d", producer.name, way, size+off, size), taken, file)
					}
				}
			}
		}
	})
}

// Whoever downloads small things likes to see how long they are, even if that
// was not known when they began.
func TestSmallContentOfUnknownSizeHasALength(t *testing.T) {
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, size := range []int{0, 1, 5000, bufferSize} {
			srv.Handler = send(generated(chunks(text(size), 50)), response.Options{})
			got := srv.Do(t, "GET", "/")
			if got.Length != int64(size) || len(got.Body) != size {
				t.Errorf("%d bytes: Content-Length %d, and %d bytes came", size, got.Length, len(got.Body))
			}
		}
	})
}

// The log says how long the content is, and how long it was said to be.
func TestLengthsInTheLog(t *testing.T) {
	for _, tt := range []struct {
		reason string
		size   int64
		fields []string
		want   []string
	}{
		{"shorter", 900_000, nil, []string{"500000", "900000"}},
		{"longer", 300_000, nil, []string{"300000", "300001"}},
		{"shorter, a range", 900_000, []string{"Range", "bytes=400000-899999"}, []string{"500000", "900000"}},
		{"longer, a range", 300_000, []string{"Range", "bytes=100000-"}, []string{"300000", "300001"}},
		{"shorter, several ranges", 900_000, []string{"Range", "bytes=0-9,400000-899999"}, []string{"500000", "900000"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			f := generated(chunks(text(500_000), 1))
			f.Size, f.ETag = tt.size, `"v1"`
			func() {
				defer func() { _ = recover() }()
				servertest.Record(send(f, response.Options{}), "GET", "/", tt.fields...)
			}()
			for _, want := range tt.want {
				if !strings.Contains(logs.String(), want) {
					t.Errorf("no %s in %s", want, logs)
				}
			}
		})
	}
}

// A ResponseWriter may have nothing beyond its interface.
func TestPlainWriter(t *testing.T) {
	want := text(300_000)
	stored := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(stored, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for name, file := range map[string]func() fs.File{
			"in memory": func() fs.File { return files.NewContentFile(want, "a.txt") },
			"generated": func() fs.File { return generated(chunks(want, 100)) },
			"a reader": func() fs.File {
				return files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(want)}, "a.txt")
			},
			"a stored file": func() fs.File { return open(t, stored) },
		} {
			for _, interval := range []time.Duration{0, -1} {
				srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					send(file(), response.Options{FlushInterval: interval}).ServeHTTP(struct{ http.ResponseWriter }{w}, r)
				})
				got := srv.Do(t, "GET", "/")
				if got.Status != http.StatusOK || got.Body != want || got.Err != nil {
					t.Errorf("%s, FlushInterval %v: %d, %d bytes, %v", name, interval, got.Status, len(got.Body), got.Err)
				}
			}
		}
	})
}

// Downloads share a pool of buffers, and nothing else.
func TestConcurrentDownloads(t *testing.T) {
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
