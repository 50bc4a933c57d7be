package downloadtest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/stored"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// watch is a view that sees what becomes of another view's files. The other's
// hooks are called with its own files. It is not the subject of the test: it
// sees what no client can see.
type watch struct {
	view  views.DownloadView
	alter func(fs.File) fs.File // exchanges the files; nil: they stay
	flush bool                  // every piece at once

	mu              sync.Mutex
	files           []*watched
	returned        map[fs.File]bool // by GetFile, ever; only pointers
	reused          bool             // GetFile returned one of them again
	asked, modified bool
	endings         []response.Ending
	unlimited       bool
}

var _ views.DownloadView = (*watch)(nil)

// seen returns the files that were opened since it was called last.
func (w *watch) seen() []*watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.files
	w.files = nil
	return seen
}

// hasReused reports whether GetFile returned one file for two requests.
func (w *watch) hasReused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reused
}

// verdict returns what WasModifiedSince said last, if it was asked.
func (w *watch) verdict() (modified, asked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.modified, w.asked
}

// GetFile returns the view's file in a wrapper.
func (w *watch) GetFile(r *http.Request) (fs.File, error) {
	file, err := w.view.GetFile(r)
	if err != nil {
		return nil, err
	}
	f := &watched{File: file, original: file}
	if w.alter != nil {
		f.File = w.alter(file)
	}
	f.bottom = f.File
	for inner := files.Unwrap(f.bottom); inner != nil; inner = files.Unwrap(f.bottom) {
		f.bottom = inner
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files = append(w.files, f)
	if reflect.ValueOf(file).Kind() == reflect.Pointer {
		w.reused = w.reused || w.returned[file]
		if w.returned == nil {
			w.returned = map[fs.File]bool{}
		}
		w.returned[file] = true
	}
	return f, nil
}

// WasModifiedSince is the view's.
func (w *watch) WasModifiedSince(r *http.Request, file fs.File, since time.Time) bool {
	modified := w.view.WasModifiedSince(r, unwrap(file), since)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked, w.modified = true, modified
	return modified
}

// GetOptions is the view's, with an OnDone and a Limiter that are watched, too.
func (w *watch) GetOptions(r *http.Request, file fs.File) (opts response.Options) {
	if v, ok := w.view.(interface {
		GetOptions(r *http.Request, file fs.File) response.Options
	}); ok {
		opts = v.GetOptions(r, unwrap(file))
	}
	if w.flush {
		opts.FlushInterval = -1
	}
	limiter := &watchedLimiter{Limiter: opts.Limiter}
	if opts.Limiter != nil {
		opts.Limiter = limiter
	}
	onDone := opts.OnDone
	opts.OnDone = func(r *http.Request, o response.Outcome) {
		w.end(o, opts.Limiter != nil && o.Ending == response.Complete && o.Bytes != limiter.asked)
		if onDone != nil {
			onDone(r, o)
		}
	}
	return opts
}

// end notes how a download ended.
func (w *watch) end(o response.Outcome, unlimited bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endings = append(w.endings, o.Ending)
	w.unlimited = w.unlimited || unlimited
}

// ended returns how the downloads ended since it was called last, and whether
// bytes were ever sent past a Limiter.
func (w *watch) ended() (endings []response.Ending, unlimited bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	endings, w.endings = w.endings, nil
	return endings, w.unlimited
}

// watchedLimiter counts the bytes of one download.
type watchedLimiter struct {
	response.Limiter
	asked int64
}

func (l *watchedLimiter) WaitN(ctx context.Context, n int) error {
	l.asked += int64(n)
	return l.Limiter.WaitN(ctx, n)
}

// HandleError is the view's.
func (w *watch) HandleError(rw http.ResponseWriter, r *http.Request, err error) {
	if v, ok := w.view.(interface {
		HandleError(w http.ResponseWriter, r *http.Request, err error)
	}); ok {
		v.HandleError(rw, r, err)
		return
	}
	response.Error(rw, r, err)
}

// unwrap returns the file that the view knows.
func unwrap(file fs.File) fs.File {
	if f, ok := file.(*watched); ok {
		return f.original
	}
	return file
}

// watched is a file that records its use. It has all the optional methods that
// package files names. Methods that the file inside cannot carry out return
// [errors.ErrUnsupported].
type watched struct {
	fs.File
	original fs.File // what the view returned
	bottom   fs.File // the file with the bytes, below all wrappers

	mu      sync.Mutex
	unknown bool // Stat gave no size that could be sent ahead
	read    bool
	closed  int
}

var (
	_ io.ReadSeeker        = (*watched)(nil)
	_ io.ReaderAt          = (*watched)(nil)
	_ io.WriterTo          = (*watched)(nil)
	_ files.ModifiedSincer = (*watched)(nil)
)

// done returns the use of the file so far.
func (f *watched) done() (unknown, read bool, closed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unknown, f.read, f.closed
}

// Unwrap lets an *os.File be sent by sendfile(2). Of such a file the response
// reads nothing by way of the methods below; of any other it reads all.
func (f *watched) Unwrap() fs.File {
	if _, ok := f.bottom.(*os.File); ok {
		return f.File
	}
	return nil
}

func (f *watched) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unknown = err != nil || files.Size(info) < 0
	return info, err
}

func (f *watched) noteRead() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = true
}

func (f *watched) Read(p []byte) (int, error) {
	f.noteRead()
	return f.bottom.Read(p)
}

func (f *watched) WriteTo(w io.Writer) (int64, error) {
	f.noteRead()
	return own.Copy(w, f.bottom)
}

func (f *watched) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > 0 { // else it is a question whether the file can
		f.noteRead()
	}
	if r, ok := own.ReaderAt(f.bottom); ok {
		return r.ReadAt(p, off)
	}
	return 0, errors.ErrUnsupported
}

func (f *watched) Seek(offset int64, whence int) (int64, error) {
	if s, ok := f.bottom.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, errors.ErrUnsupported
}

func (f *watched) InMemory() bool { return stored.IsInMemory(f.bottom) }

func (f *watched) WasModifiedSince(since time.Time) (bool, error) {
	return files.WasModifiedSince(f.File, since)
}

func (f *watched) Close() error {
	f.mu.Lock()
	f.closed++
	f.mu.Unlock()
	return f.File.Close()
}
