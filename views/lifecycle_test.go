package views_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// dirFile says that it is a directory.
type dirFile struct{ fs.File }

func (f dirFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return dirInfo{info}, err
}

type dirInfo struct{ fs.FileInfo }

func (dirInfo) IsDir() bool { return true }

// countedView serves a counted file. Its hooks panic if they are told to.
type countedView struct {
	views.VirtualDownloadView
	file   func() *servertest.CountedFile
	panics string // in which hook
}

func (v countedView) GetFile(r *http.Request) (fs.File, error) { return v.file(), nil }

func (v countedView) GetOptions(r *http.Request, file fs.File) response.Options {
	if v.panics == "GetOptions" {
		panic("out of cheese")
	}
	return v.VirtualDownloadView.GetOptions(r, file)
}

func (v countedView) WasModifiedSince(r *http.Request, file fs.File, since time.Time) bool {
	if v.panics == "WasModifiedSince" {
		panic("out of cheese")
	}
	return v.VirtualDownloadView.WasModifiedSince(r, file, since)
}

func (v countedView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	if v.panics == "HandleError" {
		panic("out of cheese")
	}
	v.VirtualDownloadView.HandleError(w, r, err)
}

func TestFileIsClosedOnce(t *testing.T) {
	servertest.CaptureLog(t)
	long := strings.Repeat("Hello world!\n", 100_000)
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	generating := func(content string, end func() error) func(w io.Writer) error {
		return func(w io.Writer) error {
			if _, err := io.WriteString(w, content); err != nil {
				return err
			}
			return end()
		}
	}
	good := func() error { return nil }
	bad := func() error { return errors.New("database is down") }
	panics := func() error { panic("out of cheese") }

	for _, tt := range []struct {
		reason string
		write  func(w io.Writer) error
		dir    bool
		panics string
		method string
		header []string
		leave  bool // the client does not read to the end
		want   int  // 0: none arrives
		broken bool // after the status
	}{
		{reason: "all of it", write: generating(long, good), want: 200},
		{reason: "HEAD", write: generating(long, good), method: "HEAD", want: 200},
		{reason: "not modified", write: generating(long, good), header: []string{"If-Modified-Since", modTime.Format(http.TimeFormat)}, want: 304},
		{reason: "a directory", write: generating("", good), dir: true, want: 404},
		{reason: "fails at once", write: generating("", bad), want: 500},
		{reason: "fails at once, and so does HandleError", write: generating("", bad), panics: "HandleError", want: 500},
		{reason: "fails later", write: generating(long, bad), want: 200, broken: true},
		{reason: "panics at once", write: generating("", panics), want: 500},
		{reason: "panics later", write: generating(long, panics), want: 200, broken: true},
		{reason: "GetOptions panics", write: generating(long, good), panics: "GetOptions"},
		{reason: "WasModifiedSince panics", write: generating(long, good), panics: "WasModifiedSince",
			header: []string{"If-Modified-Since", modTime.Format(http.TimeFormat)}, want: 500},
		{reason: "the client leaves", write: generating(strings.Repeat(long, 50), good), leave: true, want: 200},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			var file *servertest.CountedFile
			view := countedView{panics: tt.panics, file: func() *servertest.CountedFile {
				virtual := files.NewVirtualFile(files.NewWriterIO(tt.write), "a.txt")
				virtual.ModTime = modTime
				file = servertest.Count(virtual)
				if tt.dir {
					file = servertest.Count(dirFile{virtual})
				}
				file.CloseErr = errors.New("cannot be closed")
				return file
			}}
			servertest.OverEach(t, views.AsView(view), func(t *testing.T, srv *servertest.Server) {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				method := tt.method
				if method == "" {
					method = "GET"
				}
				req, err := http.NewRequestWithContext(ctx, method, srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(tt.header); i += 2 {
					req.Header.Set(tt.header[i], tt.header[i+1])
				}
				resp, err := srv.Client().Do(req)
				switch {
				case tt.want == 0:
					if err == nil {
						resp.Body.Close()
						t.Errorf("%s, want no answer at all", resp.Status)
					}
				case err != nil:
					t.Errorf("%v, want %d", err, tt.want)
				default:
					if tt.leave {
						leave()
					}
					_, err := io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if broken := tt.broken || tt.leave; resp.StatusCode != tt.want || tt.want == 200 && (err != nil) != broken {
						t.Errorf("%s, %v, want %d, broken off: %v", resp.Status, err, tt.want, broken)
					}
				}
				srv.Wait()
				if got := file.Closed(); got != 1 {
					t.Errorf("the file was closed %d times", got)
				}
			})
		})
	}
}
