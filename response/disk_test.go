package response_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// sendfileRest is how much of a file may go another way than by sendfile: net/http
// copies the first 512 bytes, which it could tell a type from.
const sendfileRest = response.LastStretch + 512

// sendfileWriter is a ResponseWriter that knows a short cut for files, as that of
// net/http does.
type sendfileWriter struct {
	http.ResponseWriter
	readFrom func(w io.Writer, src io.Reader) (int64, error) // nil: io.Copy

	sent      int64 // by the short cut
	longest   int64 // piece
	deadlines int
	others    []string // types of what came by ReadFrom and is no file
}

// wrap has h write to w, which passes it on.
func (w *sendfileWriter) wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ResponseWriter = rw
		h.ServeHTTP(w, r)
	})
}

func (w *sendfileWriter) SetWriteDeadline(time.Time) error { w.deadlines++; return nil }

// ReadFrom notes whether src is what net/http sends by sendfile(2): nothing but an
// *os.File, or an *io.LimitedReader with one in it.
func (w *sendfileWriter) ReadFrom(src io.Reader) (n int64, err error) {
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		w.others = append(w.others, fmt.Sprintf("%T", src))
	} else if _, ok := limited.R.(*os.File); !ok {
		w.others = append(w.others, fmt.Sprintf("%T of %T", src, limited.R))
	} else {
		w.longest = max(w.longest, limited.N)
	}
	if w.readFrom != nil {
		return w.readFrom(w.ResponseWriter, src)
	}
	n, err = io.Copy(w.ResponseWriter, src)
	w.sent += n
	return n, err
}

// sendfileContent returns content, and a directory with a file of it.
func sendfileContent(t *testing.T, size int) (content []byte, dir string) {
	t.Helper()
	for i := 0; len(content) < size; i++ {
		content = fmt.Appendf(content, "%07d\n", i)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "content.txt"), content[:size], 0o600); err != nil {
		t.Fatal(err)
	}
	return content[:size], dir
}

// sendfileFiles open a file of the operating system in each way that there is.
var sendfileFiles = map[string]func(t *testing.T, dir string) fs.File{
	"os.File": func(t *testing.T, dir string) fs.File {
		return mustStored(os.Open(filepath.Join(dir, "content.txt")))(t)
	},
	"of an os.Root": func(t *testing.T, dir string) fs.File {
		return mustStored(os.OpenInRoot(dir, "content.txt"))(t)
	},
	"StorageFile": func(t *testing.T, dir string) fs.File {
		return mustStored(files.OpenStorageFile(t.Context(), os.DirFS(dir), "content.txt"))(t)
	},
	"DescribedFile of a StorageFile": func(t *testing.T, dir string) fs.File {
		f := files.NewDescribedFile(mustStored(files.OpenStorageFile(t.Context(), os.DirFS(dir), "content.txt"))(t))
		f.Name = "described.txt"
		return f
	},
}

func mustStored[F fs.File](file F, err error) func(*testing.T) F {
	return func(t *testing.T) F {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
}

var sendfileTests = []struct {
	reason string
	fields []string
	status int
	parts  [][2]int // from, to
}{
	{"the whole file", nil, 200, [][2]int{{0, 1 << 20}}},
	{"from the beginning on", []string{"Range", "bytes=0-"}, 206, [][2]int{{0, 1 << 20}}},
	{"from the middle on", []string{"Range", "bytes=300000-"}, 206, [][2]int{{300_000, 1 << 20}}},
	{"in the middle", []string{"Range", "bytes=300000-799999"}, 206, [][2]int{{300_000, 800_000}}},
	{"the end", []string{"Range", "bytes=-500000"}, 206, [][2]int{{1<<20 - 500_000, 1 << 20}}},
	{"three parts, with a step backward", []string{"Range", "bytes=600000-999999,400-500,1000-299999"}, 206, [][2]int{{600_000, 1_000_000}, {400, 501}, {1000, 300_000}}},
}

func TestSendfile(t *testing.T) {
	content, dir := sendfileContent(t, 1<<20)
	for kind, open := range sendfileFiles {
		for _, tt := range sendfileTests {
			t.Run(kind+"/"+tt.reason, func(t *testing.T) {
				w := &sendfileWriter{}
				got := servertest.Record(w.wrap(send(open(t, dir), response.Options{})), "GET", "/", tt.fields...)
				if got.Status != tt.status || !slices.Equal(sendfileParts(t, got), cutParts(content, tt.parts)) {
					t.Errorf("status %d, want %d; or the content is another", got.Status, tt.status)
				}
				if len(w.others) > 0 {
					t.Errorf("net/http would not send by sendfile(2): %q", w.others)
				}
				want := int64(0)
				for _, part := range tt.parts {
					want += int64(max(part[1]-part[0]-sendfileRest, 0))
				}
				if w.sent < want {
					t.Errorf("%d bytes by the short cut, want at least %d", w.sent, want)
				}
			})
		}
	}
}

// A wrapper that knows no short cut gets the same bytes by Write.
func TestSendfileWithoutReadFrom(t *testing.T) {
	content, dir := sendfileContent(t, 1<<20)
	for kind, open := range sendfileFiles {
		for _, tt := range sendfileTests {
			t.Run(kind+"/"+tt.reason, func(t *testing.T) {
				got := servertest.Record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					send(open(t, dir), response.Options{}).ServeHTTP(struct{ http.ResponseWriter }{w}, r)
				}), "GET", "/", tt.fields...)
				if got.Status != tt.status || !slices.Equal(sendfileParts(t, got), cutParts(content, tt.parts)) {
					t.Errorf("status %d, want %d; or the content is another", got.Status, tt.status)
				}
			})
		}
	}
}

func cutParts(content []byte, parts [][2]int) (pieces []string) {
	for _, part := range parts {
		pieces = append(pieces, string(content[part[0]:part[1]]))
	}
	return pieces
}

// sendfileParts returns the body of an answer, or the parts of it if it has some.
func sendfileParts(t *testing.T, got servertest.Answer) (parts []string) {
	t.Helper()
	if got.Length != int64(len(got.Body)) {
		t.Fatalf("%d bytes, Content-Length %d", len(got.Body), got.Length)
	}
	if got.Status != 206 || got.Header.Get("Content-Range") != "" {
		return []string{got.Body}
	}
	for _, part := range readParts(t, got) {
		parts = append(parts, part.Body)
	}
	return parts
}

// With a write deadline that moves, a client has its time for each piece.
func TestSendfileWriteTimeout(t *testing.T) {
	content, dir := sendfileContent(t, 1<<20)
	w := &sendfileWriter{}
	file := sendfileFiles["os.File"](t, dir)
	servertest.Record(w.wrap(send(file, response.Options{WriteTimeout: time.Minute})), "GET", "/").Check(t, 200, string(content))
	const piece = 256 << 10
	if w.longest > piece || w.deadlines < len(content)/piece || w.sent < int64(len(content)-sendfileRest) {
		t.Errorf("pieces of up to %d bytes, %d in all, the deadline moved %d times; want pieces of %d and a deadline for each",
			w.longest, w.sent, w.deadlines, piece)
	}
}

// Whatever goes wrong on the short cut, the client sees it.
func TestSendfileFailures(t *testing.T) {
	servertest.CaptureLog(t)
	_, dir := sendfileContent(t, 1<<20)
	copySome := func(err error) func(io.Writer, io.Reader) (int64, error) {
		return func(w io.Writer, src io.Reader) (int64, error) {
			n, _ := io.CopyN(w, src, 100_000)
			if err == nil {
				_, _ = io.Copy(io.Discard, src) // there is no more
			}
			return n, err
		}
	}
	for _, tt := range []struct {
		readFrom func(io.Writer, io.Reader) (int64, error)
		is       error
		reason   string
	}{
		{copySome(errBrokenPipe), errBrokenPipe, "the client has left"},
		{copySome(&fs.PathError{Op: "read", Path: "content.txt", Err: errBrokenDisk}), errBrokenDisk, "the disk is broken"},
		{copySome(nil), nil, "the file ends too early, which is no error of a copy"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			w := &sendfileWriter{readFrom: tt.readFrom}
			var outcome response.Outcome
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("panic %v, want http.ErrAbortHandler", v)
				}
				if outcome.Ending == response.Complete || outcome.Bytes != 100_000 || outcome.Err == nil || !errors.Is(outcome.Err, tt.is) && tt.is != nil {
					t.Errorf("outcome %+v, want 100000 bytes and %v", outcome, tt.is)
				}
			}()
			servertest.Record(w.wrap(send(sendfileFiles["os.File"](t, dir), response.Options{
				OnDone: func(_ *http.Request, o response.Outcome) { outcome = o },
			})), "GET", "/")
		})
	}
}

var (
	errBrokenPipe = errors.New("broken pipe")
	errBrokenDisk = errors.New("input/output error")
)

// A file that is not as long as its description says is not begun: it is known
// in time.
func TestSendfileOfWrongSize(t *testing.T) {
	servertest.CaptureLog(t)
	_, dir := sendfileContent(t, 1<<20)
	for _, size := range []int64{1<<20 - 1, 1<<20 + 1} {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			f := files.NewDescribedFile(sendfileFiles["os.File"](t, dir))
			f.Size = size
			w := &sendfileWriter{}
			servertest.Record(w.wrap(send(f, response.Options{})), "GET", "/").CheckError(t, 500)
			if w.sent > 0 {
				t.Errorf("%d bytes by the short cut, want none", w.sent)
			}
		})
	}
}

// sizelessFile has the bytes of a file on disk, and does not say how many.
type sizelessFile struct{ *os.File }

func (f sizelessFile) Unwrap() fs.File { return f.File }

func (f sizelessFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return sizelessInfo{info}, err
}

type sizelessInfo struct{ fs.FileInfo }

func (sizelessInfo) Size() int64       { return -1 }
func (sizelessInfo) Mode() fs.FileMode { return fs.ModeIrregular | 0o444 }

// A wrapper need not know the size of a file on disk: the system does.
func TestFileOnDiskOfUndeclaredSize(t *testing.T) {
	for _, size := range append(slices.Clone(sizes), 1<<20) {
		content, dir := sendfileContent(t, size)
		f := sizelessFile{sendfileFiles["os.File"](t, dir).(*os.File)}
		got := servertest.Record((&sendfileWriter{}).wrap(send(f, response.Options{})), "GET", "/")
		if got.Check(t, 200, string(content)); got.Length != int64(size) {
			t.Errorf("Content-Length %d, want %d", got.Length, size)
		}
	}
}

// A file that has content and says that it has none, as those of /proc do, is an
// error, not an empty file.
func TestFileThatClaimsToBeEmpty(t *testing.T) {
	servertest.CaptureLog(t)
	f, err := os.Open("/proc/version")
	if err != nil {
		cannotRun(t, "only Linux has files of this kind", err)
	}
	servertest.Record(send(f, response.Options{}), "GET", "/").CheckError(t, http.StatusInternalServerError)
}
