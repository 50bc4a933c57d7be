package files

import (
	"io"
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
type StringIteratorIO struct{ it iteratorIO[string] }

// BytesIteratorIO is [StringIteratorIO] for pieces of bytes. A piece is no longer
// used when the generator is asked for the next, so that may be in the same memory.
//
// In django-downloadview: BytesIteratorIO.
type BytesIteratorIO struct{ it iteratorIO[[]byte] }

var (
	_ io.ReadCloser = (*StringIteratorIO)(nil)
	_ io.WriterTo   = (*StringIteratorIO)(nil)
	_ io.ReadCloser = (*BytesIteratorIO)(nil)
	_ io.WriterTo   = (*BytesIteratorIO)(nil)
)

// Strings are the sequences that [NewStringIteratorIO] takes: with errors and
// without.
type Strings interface {
	iter.Seq[string] | iter.Seq2[string, error] | func(yield func(string) bool) | func(yield func(string, error) bool)
}

// ByteSlices are the sequences that [NewBytesIteratorIO] takes: with errors and
// without.
type ByteSlices interface {
	iter.Seq[[]byte] | iter.Seq2[[]byte, error] | func(yield func([]byte) bool) | func(yield func([]byte, error) bool)
}

// NewStringIteratorIO returns a reader over the pieces of seq. The first error
// that seq yields ends the content: Read or WriteTo returns it, and the piece
// beside it is ignored. A nil seq panics.
func NewStringIteratorIO[S Strings](seq S) *StringIteratorIO {
	return &StringIteratorIO{newIteratorIO(seq, stringWriter)}
}

// NewBytesIteratorIO returns a reader over the pieces of seq, as
// [NewStringIteratorIO] does. A nil seq panics.
func NewBytesIteratorIO[S ByteSlices](seq S) *BytesIteratorIO {
	return &BytesIteratorIO{newIteratorIO(seq, bytesWriter)}
}

// Read implements [io.Reader]. It returns at most one piece at a time.
func (s *StringIteratorIO) Read(p []byte) (int, error) { return s.it.read(p) }

// WriteTo pushes the pieces that are left into w, as long as w takes them. An empty piece is written, too: a generator that waits can yield
// one to find out whether the client is still there.
func (s *StringIteratorIO) WriteTo(w io.Writer) (int64, error) { return s.it.writeTo(w) }

// Close stops the generator if it was started; nothing can be read afterwards.
// It returns nil; closing twice is harmless.
func (s *StringIteratorIO) Close() error { return s.it.close() }

// Read implements [io.Reader]. It returns at most one piece at a time.
func (b *BytesIteratorIO) Read(p []byte) (int, error) { return b.it.read(p) }

// WriteTo is as [StringIteratorIO.WriteTo].
func (b *BytesIteratorIO) WriteTo(w io.Writer) (int64, error) { return b.it.writeTo(w) }

// Close is as [StringIteratorIO.Close].
func (b *BytesIteratorIO) Close() error { return b.it.close() }
