package files

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"iter"
)

// StringIteratorIO is a reader over generated pieces of text, to be put into a
// [VirtualFile].
//
// The generator starts with the first Read or WriteTo, never before. WriteTo
// runs it in the caller's goroutine and is the fast road; Read suspends it
// between calls. After some reading, WriteTo goes on where Read stopped. Close
// stops a generator that was started, and its deferred functions run. The
// methods are not safe for concurrent use.
//
// In django-downloadview: TextIteratorIO, once StringIteratorIO.
type StringIteratorIO struct{ iteratorIO[string] }

// BytesIteratorIO is [StringIteratorIO] for pieces of bytes. A piece is no longer
// used when the generator is asked for the next, so that may be in the same memory.
//
// In django-downloadview: BytesIteratorIO.
type BytesIteratorIO struct{ iteratorIO[[]byte] }

var (
	_ io.ReadCloser = (*StringIteratorIO)(nil)
	_ io.WriterTo   = (*StringIteratorIO)(nil)
	_ io.ReadCloser = (*BytesIteratorIO)(nil)
	_ io.WriterTo   = (*BytesIteratorIO)(nil)
)

// NewStringIteratorIO returns a reader over the pieces of seq. A nil seq panics.
func NewStringIteratorIO(seq iter.Seq[string]) *StringIteratorIO {
	it := NewStringIteratorIO2(infallible(seq))
	it.plain = seq
	return it
}

// NewStringIteratorIO2 returns a reader over the pieces of seq, which can fail:
// the first error that it yields ends the content, is what Read or WriteTo
// returns, and the piece beside it is ignored. A nil seq panics.
func NewStringIteratorIO2(seq iter.Seq2[string, error]) *StringIteratorIO {
	return &StringIteratorIO{newIteratorIO(seq, stringWriter)}
}

// NewBytesIteratorIO returns a reader over the pieces of seq. A nil seq panics.
func NewBytesIteratorIO(seq iter.Seq[[]byte]) *BytesIteratorIO {
	it := NewBytesIteratorIO2(infallible(seq))
	it.plain = seq
	return it
}

// NewBytesIteratorIO2 returns a reader over the pieces of seq, which can fail as
// that of [NewStringIteratorIO2] can. A nil seq panics.
func NewBytesIteratorIO2(seq iter.Seq2[[]byte, error]) *BytesIteratorIO {
	return &BytesIteratorIO{newIteratorIO(seq, bytesWriter)}
}

// infallible gives the pieces of seq an error that is always nil.
func infallible[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	if seq == nil {
		return nil // for newIteratorIO to refuse
	}
	return func(yield func(T, error) bool) {
		for piece := range seq {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

// stringWriter returns what writes a string to w, found out once instead of for
// each piece.
func stringWriter(w io.Writer) func(string) (int, error) {
	if sw, ok := w.(io.StringWriter); ok {
		return sw.WriteString
	}
	return func(s string) (int, error) { return w.Write(view(s)) }
}

func bytesWriter(w io.Writer) func([]byte) (int, error) { return w.Write }

// iteratorIO is a reader over generated pieces. The generator runs once, for a
// sequence may be good for no more than that. It goes through these states:
//
//	not started   next == nil, err == nil
//	being read    next != nil, err == nil; rest is what Read has left of a piece
//	over          err != nil: io.EOF, the generator's error, or that of a push
type iteratorIO[T ~string | ~[]byte] struct {
	seq    iter.Seq2[T, error]
	plain  iter.Seq[T] // seq, if it cannot fail: to be pushed without a detour
	writer func(io.Writer) func(T) (int, error)

	next func() (T, error, bool)
	stop func()
	rest T
	err  error
}

// errInterrupted is what is left to read of a generation that a panic ended.
var errInterrupted = errors.New("files: the generator was interrupted")

func newIteratorIO[T ~string | ~[]byte](seq iter.Seq2[T, error], writer func(io.Writer) func(T) (int, error)) iteratorIO[T] {
	if seq == nil {
		panic("files: the sequence to read from is nil")
	}
	return iteratorIO[T]{seq: seq, writer: writer}
}

// Read implements [io.Reader]. It returns at most one piece at a time.
func (it *iteratorIO[T]) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(it.rest) == 0 {
		if it.err != nil {
			return 0, it.err
		}
		if it.next == nil {
			it.next, it.stop = iter.Pull2(it.seq)
		}
		it.err = errInterrupted // until next returns
		piece, err, ok := it.next()
		if !ok {
			err = io.EOF
		}
		if err != nil {
			it.end(err)
			return 0, err
		}
		it.rest, it.err = piece, nil
	}
	n := copy(p, it.rest)
	it.rest = it.rest[n:]
	return n, nil
}

// WriteTo pushes what has not been read yet into w, piece by piece, as long as
// w takes it. An empty piece is written, too: a generator that waits can yield
// one to find out whether the client is still there.
func (it *iteratorIO[T]) WriteTo(w io.Writer) (int64, error) {
	if it.err == io.EOF {
		return 0, nil
	}
	if it.err != nil {
		return 0, it.err
	}
	it.err = errInterrupted // until the end is reached
	var written int64
	var err error
	switch write := it.writer(w); {
	case it.next != nil:
		written, err = pushFallible(it.unread, write)
	case it.plain == nil:
		written, err = pushFallible(it.seq, write)
	default:
		written, err = push(it.plain, write)
	}
	it.end(cmp.Or(err, io.EOF))
	return written, err
}

// push writes the pieces of seq until a write fails. All short rows come this
// way: a call more for each is a tenth of what they cost.
func push[T ~string | ~[]byte](seq iter.Seq[T], write func(T) (int, error)) (written int64, err error) {
	for piece := range seq {
		n, err := write(piece)
		written += int64(n)
		if err != nil || n < len(piece) {
			return written, cmp.Or(err, io.ErrShortWrite)
		}
	}
	return written, nil
}

// pushFallible is push for pieces with errors, the first of which ends it.
func pushFallible[T ~string | ~[]byte](seq iter.Seq2[T, error], write func(T) (int, error)) (written int64, err error) {
	for piece, err := range seq {
		if err != nil {
			return written, err
		}
		n, err := write(piece)
		written += int64(n)
		if err != nil || n < len(piece) {
			return written, cmp.Or(err, io.ErrShortWrite)
		}
	}
	return written, nil
}

// unread yields what Read has left: the end of its piece, then the pieces after.
func (it *iteratorIO[T]) unread(yield func(T, error) bool) {
	piece, err, ok := it.rest, error(nil), true
	for ok && yield(piece, err) {
		piece, err, ok = it.next()
	}
}

// Close stops the generator if it was started; nothing can be read afterwards.
// It returns nil; closing twice is harmless.
func (it *iteratorIO[T]) Close() error {
	it.end(fs.ErrClosed)
	return nil
}

// end stops the generator if it is suspended; err is the state from now on.
func (it *iteratorIO[T]) end(err error) {
	if it.stop != nil {
		it.stop()
	}
	var none T
	it.next, it.stop, it.rest, it.err = nil, nil, none, err
}
