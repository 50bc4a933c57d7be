package files

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"iter"

	"github.com/go-downloadview/downloadview/internal/own"
)

// infallible gives the pieces of seq an error that is always nil.
func infallible[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
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
	if sw, ok := own.Method[io.StringWriter](w); ok {
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
//	over          err != nil: io.EOF, the error of the generator or of a push
type iteratorIO[T ~string | ~[]byte] struct {
	seq    iter.Seq2[T, error]
	plain  iter.Seq[T] // instead of seq if it cannot fail: to be pushed without a detour
	writer func(io.Writer) func(T) (int, error)

	next func() (T, error, bool)
	stop func()
	rest T
	err  error

	// Of a push. They are here, and not variables of it, since a loop over a
	// sequence makes each of those an allocation.
	written int64
	failure error
}

// errInterrupted is the error of all reads after a panic has ended the generator.
var errInterrupted = errors.New("files: the generator was interrupted")

// newIteratorIO returns a reader over seq, one of the sequences of Strings or
// ByteSlices.
func newIteratorIO[T ~string | ~[]byte](seq any, writer func(io.Writer) func(T) (int, error)) iteratorIO[T] {
	it := iteratorIO[T]{writer: writer}
	switch seq := seq.(type) {
	case iter.Seq[T]:
		it.plain = seq
	case func(func(T) bool):
		it.plain = seq
	case iter.Seq2[T, error]:
		it.seq = seq
	case func(func(T, error) bool):
		it.seq = seq
	}
	if it.plain == nil && it.seq == nil {
		panic("files: the sequence to read from is nil")
	}
	return it
}

// read returns at most one piece at a time.
func (it *iteratorIO[T]) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(it.rest) == 0 {
		if it.err != nil {
			return 0, it.err
		}
		if it.next == nil {
			if it.plain != nil {
				it.seq = infallible(it.plain)
			}
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

// writeTo pushes the pieces that are left, from where read stopped.
func (it *iteratorIO[T]) writeTo(w io.Writer) (int64, error) {
	if it.err == io.EOF {
		return 0, nil
	}
	if it.err != nil {
		return 0, it.err
	}
	it.err = errInterrupted // until the end is reached
	it.written, it.failure = 0, nil
	switch write := it.writer(w); {
	case it.next != nil:
		it.pushFallible(it.unread, write)
	case it.plain == nil:
		it.pushFallible(it.seq, write)
	default:
		it.push(write)
	}
	it.end(cmp.Or(it.failure, io.EOF))
	return it.written, it.failure
}

// push writes the pieces of plain until a write fails. All short rows come this
// way: a call more for each would cost a tenth more.
func (it *iteratorIO[T]) push(write func(T) (int, error)) {
	for piece := range it.plain {
		n, err := write(piece)
		it.written += int64(n)
		if err != nil || n < len(piece) {
			it.failure = cmp.Or(err, io.ErrShortWrite)
			return
		}
	}
}

// pushFallible is push for pieces with errors, the first of which ends it.
func (it *iteratorIO[T]) pushFallible(seq iter.Seq2[T, error], write func(T) (int, error)) {
	for piece, err := range seq {
		if err != nil {
			it.failure = err
			return
		}
		n, err := write(piece)
		it.written += int64(n)
		if err != nil || n < len(piece) {
			it.failure = cmp.Or(err, io.ErrShortWrite)
			return
		}
	}
}

// unread yields what Read has left: the end of its piece, then the pieces after.
func (it *iteratorIO[T]) unread(yield func(T, error) bool) {
	piece, err, ok := it.rest, error(nil), true
	for ok && yield(piece, err) {
		piece, err, ok = it.next()
	}
}

// close stops the generator, and lets nothing be read any more.
func (it *iteratorIO[T]) close() error {
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
