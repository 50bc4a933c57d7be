package response_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// sendfileRest is how much of a file may go another way than by sendfile: net/http
// copies the first 512 bytes, which it could tell a type from.
const sendfileRest = response.LastStretch + 512

// sendfileWriter is a ResponseWriter that knows a short cut for files, as that of
// net/http does.
type sendfileWriter struct {
	*httptest.ResponseRecorder
	readFrom func(w io.Writer, src io.Reader) (int64, error) // nil: io.Copy

	sent      int64 // by the short cut
	longest   int64 // piece
	deadlines int
	others    []string // types of what came by ReadFrom and is no file
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
		return w.readFrom(w.ResponseRecorder, src)
	}
	n, err = io.Copy(w.ResponseRecorder, src)
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
	value  string // of Range
	status int
	parts  [][2]int // from, to
}{
	{"the whole file", "", 200, [][2]int{{0, 1 << 20}}},
	{"from the beginning on", "bytes=0-", 206, [][2]int{{0, 1 << 20}}},
	{"from the middle on", "bytes=300000-", 206, [][2]int{{300_000, 1 << 20}}},
	{"in the middle", "bytes=300000-799999", 206, [][2]int{{300_000, 800_000}}},
	{"the end", "bytes=-500000", 206, [][2]int{{1<<20 - 500_000, 1 << 20}}},
	{"three parts, with a step backward", "bytes=600000-999999,400-500,1000-299999", 206, [][2]int{{600_000, 1_000_000}, {400, 501}, {1000, 300_000}}},
}

func TestSendfile(t *testing.T) {
	content, dir := sendfileContent(t, 1<<20)
	for kind, open := range sendfileFiles {
		for _, tt := range sendfileTests {
			t.Run(kind+"/"+tt.reason, func(t *testing.T) {
				w := &sendfileWriter{ResponseRecorder: httptest.NewRecorder()}
				serveSendfile(t, w, open(t, dir), response.Options{}, tt.value)
				if got := sendfileParts(t, w.Result()); w.Code != tt.status || !slices.Equal(got, cutParts(content, tt.parts)) {
					t.Errorf("status %d, want %d; or the content is another", w.Code, tt.status)
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
				w := httptest.NewRecorder()
				serveSendfile(t, struct{ http.ResponseWriter }{w}, open(t, dir), response.Options{}, tt.value)
				if got := sendfileParts(t, w.Result()); w.Code != tt.status || !slices.Equal(got, cutParts(content, tt.parts)) {
					t.Errorf("status %d, want %d; or the content is another", w.Code, tt.status)
				}
			})
		}
	}
}

func serveSendfile(t *testing.T, w http.ResponseWriter, file fs.File, opts response.Options, rangeValue string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	if rangeValue != "" {
		r.Header.Set("Range", rangeValue)
	}
	response.New(file, opts).ServeHTTP(w, r)
}

func cutParts(content []byte, parts [][2]int) (pieces []string) {
	for _, part := range parts {
		pieces = append(pieces, string(content[part[0]:part[1]]))
	}
	return pieces
}

// sendfileParts returns the body of resp, or the parts of it if it has some.
func sendfileParts(t *testing.T, resp *http.Response) (parts []string) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if mediaType != "multipart/byteranges" {
		body, err := io.ReadAll(resp.Body)
		if err != nil || strconv.Itoa(len(body)) != resp.Header.Get("Content-Length") {
			t.Fatalf("%d bytes (%v), Content-Length %s", len(body), err, resp.Header.Get("Content-Length"))
		}
		return []string{string(body)}
	}
	for r := multipart.NewReader(resp.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(body))
	}
}

// With a write deadline that moves, a client has its time for each piece.
func TestSendfileWriteTimeout(t *testing.T) {
	content, dir := sendfileContent(t, 1<<20)
	w := &sendfileWriter{ResponseRecorder: httptest.NewRecorder()}
	serveSendfile(t, w, sendfileFiles["os.File"](t, dir), response.Options{WriteTimeout: time.Minute}, "")
	if !bytes.Equal(w.Body.Bytes(), content) {
		t.Error("the content is another")
	}
	const piece = 256 << 10
	if w.longest > piece || w.deadlines < len(content)/piece || w.sent < int64(len(content)-sendfileRest) {
		t.Errorf("pieces of up to %d bytes, %d in all, the deadline moved %d times; want pieces of %d and a deadline for each",
			w.longest, w.sent, w.deadlines, piece)
	}
}

// Whatever goes wrong on the short cut, the client sees it.
func TestSendfileFailures(t *testing.T) {
	_, dir := sendfileContent(t, 1<<20)
	copySome := func(err error) func(io.Writer, io.Reader) (int64, error) {
		return func(w io.Writer, src io.Reader) (int64, error) {
			n, _ := io.CopyN(w, src, 100_000)
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
			w := &sendfileWriter{ResponseRecorder: httptest.NewRecorder(), readFrom: tt.readFrom}
			var outcome response.Outcome
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("panic %v, want http.ErrAbortHandler", v)
				}
				if outcome.Complete || outcome.Bytes != 100_000 || outcome.Err == nil || !errors.Is(outcome.Err, tt.is) && tt.is != nil {
					t.Errorf("outcome %+v, want 100000 bytes and %v", outcome, tt.is)
				}
			}()
			serveSendfile(t, w, sendfileFiles["os.File"](t, dir), response.Options{
				OnDone: func(_ *http.Request, o response.Outcome) { outcome = o },
			}, "")
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
	_, dir := sendfileContent(t, 1<<20)
	for _, size := range []int64{1<<20 - 1, 1<<20 + 1} {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("panic %v, want a 500", v)
				}
			}()
			f := files.NewDescribedFile(sendfileFiles["os.File"](t, dir))
			f.Size = size
			w := &sendfileWriter{ResponseRecorder: httptest.NewRecorder()}
			serveSendfile(t, w, f, response.Options{}, "")
			if w.Code != 500 || w.sent > 0 {
				t.Errorf("status %d after %d bytes, want 500", w.Code, w.sent)
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
		w := &sendfileWriter{ResponseRecorder: httptest.NewRecorder()}
		f := sizelessFile{sendfileFiles["os.File"](t, dir).(*os.File)}
		serveSendfile(t, w, f, response.Options{}, "")
		if got := w.Header().Get("Content-Length"); w.Code != 200 || got != strconv.Itoa(size) || !bytes.Equal(w.Body.Bytes(), content) {
			t.Errorf("status %d, Content-Length %s, %d bytes; want 200 with all %d", w.Code, got, w.Body.Len(), size)
		}
	}
}

// A file that has content and says that it has none, as those of /proc do, is an
// error, not an empty file.
func TestFileThatClaimsToBeEmpty(t *testing.T) {
	f, err := os.Open("/proc/version")
	if err != nil {
		cannotRun(t, "only Linux has files of this kind", err)
	}
	w := httptest.NewRecorder()
	serveSendfile(t, w, f, response.Options{}, "")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "Linux") {
		t.Errorf("status %d, %q, want 500", w.Code, w.Body)
	}
}

// cannotRun skips a test for want of something on this machine. In CI everything
// is there, so that it fails.
func cannotRun(t *testing.T, reason string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: %v", reason, err)
	}
	t.Skipf("%s: %v", reason, err)
}

var sendfileResult = regexp.MustCompile(`(?m)sendfile.* = (\d+)$`)

// TestSendfileSystemCall looks at the system calls of a server and its client,
// which this test is, too, when it is run by strace.
func TestSendfileSystemCall(t *testing.T) {
	const size, traced = 8 << 20, "DOWNLOADVIEW_TEST_TRACED"
	if dir := os.Getenv(traced); dir != "" {
		downloadTwice(t, dir)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		cannotRun(t, "strace is not installed", err)
	}
	_, dir := sendfileContent(t, size)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-e", "trace=sendfile", "-o", trace,
		os.Args[0], "-test.run=^TestSendfileSystemCall$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), traced+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "PTRACE") {
			cannotRun(t, "this machine does not allow strace", fmt.Errorf("%w: %s", err, out))
		}
		t.Fatalf("%v\n%s", err, out)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, match := range sendfileResult.FindAllSubmatch(calls, -1) {
		n, err := strconv.Atoi(string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if want := size + size/2 - 2*sendfileRest; total < want {
		t.Errorf("%d bytes by sendfile(2), want at least %d; the calls were:\n%s", total, want, calls)
	}
}

// downloadTwice downloads the whole file in dir and its second half.
func downloadTwice(t *testing.T, dir string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response.New(sendfileFiles["StorageFile"](t, dir), response.Options{}).ServeHTTP(w, r)
	}))
	defer srv.Close()
	for value, want := range map[string]int64{"bytes=0-": 8 << 20, "bytes=4194304-": 4 << 20} {
		req, err := http.NewRequest("GET", srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", value)
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if n != want || err != nil {
			t.Errorf("%d bytes, %v, want %d", n, err, want)
		}
	}
}
