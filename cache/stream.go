package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
)

// stream is the content of a copy that grows: one writer appends to it, and any
// number of readers read it, each at its own place. It knows nothing of generators
// or keys.
//
// The bytes go to a draft, in large pieces, and the latest of them are in a chunk
// of memory before. So the writer waits for the disk, and for nobody. Readers take
// no lock of the writer's: they see how much there is, and read the file or the
// chunk, which is never written over.
//
// If the draft fails (no room, an I/O error), the copy is lost, and the download is
// not: the bytes go by way of the chunk only, and the writer waits with the next one
// until all readers have taken it.
type stream struct {
	draft *draft
	size  int64 // declared; -1: not known

	// What readers see. The writer changes it in such an order that every byte
	// below ready can be found: below stored in the file, above it in the tail.
	ready  atomic.Int64
	stored atomic.Int64
	tail   atomic.Pointer[chunk]
	over   atomic.Bool           // no more will come
	failed atomic.Pointer[error] // why the content will never be whole
	lost   atomic.Pointer[error] // why the copy will never be whole, though the content may be
	bell   bell

	// unsure: what is there may have to be made again, see redo. seen is then how
	// much of it readers may have had.
	unsure atomic.Bool
	seen   atomic.Int64

	writing sync.Mutex // held by the writer; guards there and filled
	there   int64
	filled  int // bytes of the tail

	mu      sync.Mutex // guards readers. Before it comes writing
	readers map[*reader]struct{}
	moved   chan struct{} // a reader has moved or left, or all is over
}

type chunk struct {
	off  int64
	data [chunkSize]byte
}

// Small pieces are gathered in a chunk. Larger ones go to the file as they are,
// a stretch at a time, so that readers see them soon.
const (
	chunkSize = 64 << 10
	stretch   = 256 << 10
)

func newStream(d *draft, size int64) *stream {
	return &stream{draft: d, size: size, readers: make(map[*reader]struct{}), moved: make(chan struct{}, 1)}
}

// Write appends p.
func (s *stream) Write(p []byte) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for {
		switch failure := s.failed.Load(); {
		case failure != nil:
			return n, *failure
		case s.over.Load():
			return n, fs.ErrClosed
		case n == len(p):
			return n, nil
		}
		rest := p[n:]
		if all := s.there + int64(len(rest)); s.size >= 0 && all > s.size {
			s.fail(fmt.Errorf("the content has %d bytes or more, not %d as declared", all, s.size))
			continue
		}
		if s.filled == chunkSize {
			if err := s.turn(); err != nil {
				s.fail(err)
				continue
			}
		}
		n += s.take(rest)
		s.publish()
	}
}

// take appends the beginning of p.
func (s *stream) take(p []byte) (n int) {
	if s.filled == 0 && len(p) >= chunkSize && s.lost.Load() == nil {
		n = s.store(p[:min(len(p), stretch)])
		s.there += int64(n)
		return n
	}
	t := s.tail.Load()
	if t == nil {
		t = &chunk{off: s.there}
		s.tail.Store(t)
	}
	n = copy(t.data[s.filled:], p)
	s.filled += n
	s.there += int64(n)
	return n
}

// store appends p to the file, or less if that fails.
func (s *stream) store(p []byte) int {
	n, err := s.draft.Write(p)
	s.stored.Add(int64(n))
	if err != nil {
		s.lose(err)
	}
	return n
}

// turn makes room for a new chunk: what is in the tail goes to the file, or else to
// all readers.
func (s *stream) turn() error {
	if s.flush(); s.lost.Load() == nil {
		return nil
	}
	return s.passOn()
}

// flush brings what is in the tail to the file.
func (s *stream) flush() {
	if t := s.tail.Load(); t != nil && s.lost.Load() == nil {
		if s.store(t.data[:s.filled]); s.lost.Load() == nil {
			s.tail.Store(nil)
			s.filled = 0
		}
	}
}

// publish shows readers what is there. The last byte of a declared size is shown
// when the content has ended well: a wrong length must not look right.
func (s *stream) publish() {
	ready := s.there
	if s.size >= 0 && !s.over.Load() {
		ready = max(0, min(ready, s.size-1))
	}
	s.ready.Store(ready)
	s.bell.ring()
}

// end says that no more will come; err: why not all is there, nil if it is. It
// returns why the content is not whole.
func (s *stream) end(err error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.flush()
	if err == nil && s.size >= 0 && s.there < s.size {
		err = fmt.Errorf("the content has %d bytes, not %d as declared", s.there, s.size)
	}
	if err != nil {
		s.fail(err)
	}
	failure := s.failed.Load()
	if failure == nil {
		s.ready.Store(s.there)
	}
	s.over.Store(true)
	s.bell.ringNow()
	if failure != nil {
		return *failure
	}
	return nil
}

// fail ends the stream for its readers, and for its writer at its next Write. The
// first failure counts, and none once all is there.
func (s *stream) fail(err error) {
	if !s.over.Load() {
		s.failed.CompareAndSwap(nil, &err)
	}
	s.bell.ringNow()
	s.nudge()
}

// lose says that the copy will not be whole.
func (s *stream) lose(err error) {
	s.lost.CompareAndSwap(nil, &err)
	s.nudge()
}

// nudge makes a writer that waits for readers look again.
func (s *stream) nudge() {
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

// isWhole reports whether all is there, in the file. Size and hash do not change
// after that.
func (s *stream) isWhole() bool {
	return s.over.Load() && s.failed.Load() == nil && s.lost.Load() == nil
}

// whole returns the size and the hash of what is whole.
func (s *stream) whole() (size int64, hash string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.there, hashText(s.draft.hash)
}

// brokenError is what readers get when the content has failed. The cause is logged
// once, and not once more for each of them. It is in the chain because the status
// of an answer that has not begun depends on it.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return "cache: generating the content has failed" }
func (e *brokenError) Unwrap() error { return e.cause }

// lostError is what a reader gets that needs bytes of a copy that is lost.
type lostError struct{ cause error }

func (e *lostError) Error() string { return "cache: the file of a copy has failed: " + e.cause.Error() }
func (e *lostError) Unwrap() error { return e.cause }

func isLost(err error) bool {
	var lost *lostError
	return errors.As(err, &lost)
}

// readAt reads at least one byte at off, and waits for it while ctx lasts. The
// error is io.EOF at the end of the content.
func (s *stream) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	for {
		over := s.over.Load() // before ready: there is no more after that
		ready := s.ready.Load()
		switch failure := s.failed.Load(); {
		case failure != nil:
			return 0, &brokenError{*failure}
		case off < ready:
			if n, err := s.copyAt(p[:min(int64(len(p)), ready-off)], off); n > 0 || err != nil {
				return n, err
			}
			continue // it was on its way from the chunk to the file
		case over:
			return 0, io.EOF
		case ctx.Err() != nil:
			return 0, ctx.Err()
		}
		s.bell.wait(ctx, func() bool { return off < s.ready.Load() || s.over.Load() || s.failed.Load() != nil })
	}
}

// copyAt copies what is there, all that p has room for, or less. 0, nil: try again.
func (s *stream) copyAt(p []byte, off int64) (int, error) {
	lost := s.lost.Load() // before the others: they hardly change after it
	stored := s.stored.Load()
	if off < stored {
		p = p[:min(int64(len(p)), stored-off)]
		if s.unsure.Load() && !s.see(off+int64(len(p))) {
			return 0, nil
		}
		n, err := readStored(s.draft, p, off)
		if err != nil {
			s.lose(err)
			return n, &lostError{err}
		}
		return n, nil
	}
	t := s.tail.Load()
	if t == nil || off < t.off || off >= t.off+chunkSize {
		if lost != nil && t != nil && off < t.off {
			return 0, &lostError{*lost} // it has passed
		}
		return 0, nil
	}
	p = p[:min(int64(len(p)), t.off+chunkSize-off)]
	if s.unsure.Load() && !s.see(off+int64(len(p))) {
		return 0, nil
	}
	return copy(p, t.data[off-t.off:]), nil
}

// see remembers that a reader may have had all up to end; false: it is not there
// any more.
func (s *stream) see(end int64) bool {
	for seen := s.seen.Load(); seen < end && !s.seen.CompareAndSwap(seen, end); seen = s.seen.Load() {
	}
	return s.ready.Load() >= end
}

// redo makes the content be written from its beginning again, since what is there
// was not finished. What readers may have had stays: the writer that redo returns
// expects the same bytes there.
func (s *stream) redo() *again {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.ready.Store(0)
	seen := min(s.seen.Load(), s.there)
	s.flush()
	lost := s.lost.Load()
	if lost == nil {
		if err := s.draft.cut(seen); err != nil {
			s.lose(err)
			lost = &err
		}
	}
	if lost != nil && seen > 0 {
		s.fail(*lost)
	}
	s.tail.Store(nil)
	s.filled, s.there = 0, seen
	s.stored.Store(seen)
	s.publish()
	s.unsure.Store(false)
	return &again{stream: s, left: seen}
}

// again is the writer of content of which readers have had the beginning.
type again struct {
	stream *stream
	at     int64
	left   int64 // bytes that are to come again
}

var errDiffers = errors.New("the generator does not make the bytes that the bucket had begun with")

// Write compares p with what is there, and appends the rest.
func (a *again) Write(p []byte) (n int, err error) {
	buf := make([]byte, min(chunkSize, a.left))
	for n < len(p) && a.left > 0 {
		was := buf[:min(len(buf), len(p)-n, int(a.left))]
		_, err := a.stream.draft.ReadAt(was, a.at)
		if err == nil && string(was) != string(p[n:n+len(was)]) {
			err = errDiffers
		}
		if err != nil {
			a.stream.fail(err) // though the generator may ignore it
			return n, err
		}
		a.stream.draft.hash.Write(was)
		n, a.at, a.left = n+len(was), a.at+int64(len(was)), a.left-int64(len(was))
	}
	more, err := a.stream.Write(p[n:])
	return n + more, err
}

// done says that no more will come.
func (a *again) done() {
	if a.left > 0 {
		a.stream.fail(errDiffers)
	}
}

// readStored reads what must be in a file at off. The file may have been shortened,
// and where it ends then is not the end of the content.
func readStored(file io.ReaderAt, p []byte, off int64) (int, error) {
	n, err := file.ReadAt(p, off)
	switch {
	case n > 0:
		err = nil // a failure comes again
	case err == io.EOF:
		err = fmt.Errorf("cache: the file of a copy was shortened: %w", io.ErrUnexpectedEOF)
	}
	return n, err
}
