package files

import (
	"errors"
	"io"
	"iter"
)

// WriterIO is a reader over whatever a function writes: a csv.Writer, a
// template, a PDF library, an image encoder. Put it into a
// [VirtualFile]. It behaves as [StringIteratorIO] does: the function runs when
// the content is wanted, once, in the caller's goroutine.
type WriterIO struct{ it iteratorIO[[]byte] }

var (
	_ io.ReadCloser = (*WriterIO)(nil)
	_ io.WriterTo   = (*WriterIO)(nil)
)

// NewWriterIO returns a reader over what write writes to w. If write returns an
// error, so does Read or WriteTo, after the content that was written before.
//
// When the client has left, every Write to w fails; write should then return,
// with any error. It must write in the goroutine that it was called in, and not
// after it has returned. A nil function panics.
func NewWriterIO(write func(w io.Writer) error) *WriterIO {
	if write == nil {
		panic("files: NewWriterIO: the function is nil")
	}
	return &WriterIO{newIteratorIO(pieces(write), bytesWriter)}
}

// Read implements [io.Reader].
func (w *WriterIO) Read(p []byte) (int, error) { return w.it.read(p) }

// WriteTo runs the function with w as its writer.
func (w *WriterIO) WriteTo(to io.Writer) (int64, error) { return w.it.writeTo(to) }

// Close stops the function if it was started. It returns nil; closing twice is
// harmless.
func (w *WriterIO) Close() error { return w.it.close() }

// pieces yields what write writes, in the pieces that it writes.
func pieces(write func(w io.Writer) error) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		w := &yieldWriter{yield: yield}
		err := write(w)
		if err != nil && !w.stopped {
			yield(nil, err)
		}
		w.stopped = true // a late Write fails, instead of ending the program
	}
}

// errStopped is the error of a Write that comes when the content is no longer wanted.
var errStopped = errors.New("files: the content is no longer wanted")

// yieldWriter yields each piece that is written to it.
type yieldWriter struct {
	yield   func([]byte, error) bool
	stopped bool // yield returned false, and must not be called again
}

func (w *yieldWriter) Write(p []byte) (int, error) {
	if w.stopped || !w.yield(p, nil) {
		w.stopped = true
		return 0, errStopped
	}
	return len(p), nil
}

func (w *yieldWriter) WriteString(s string) (int, error) { return w.Write(view(s)) }
