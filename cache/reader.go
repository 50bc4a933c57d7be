package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// reader is one reader of a stream.
type reader struct {
	*place
	stream *stream
	leave  func()
}

func (r *reader) close() error {
	r.leave()
	return nil
}

// readAt reads at least one byte at off, and tells the writer how far the reader is.
func (r *reader) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	if r.left.Load() {
		return 0, &lostError{errLeftBehind}
	}
	r.move(off)
	n, err := r.read(ctx, p, off)
	r.move(off + int64(n))
	return n, err
}

func (r *reader) move(next int64) {
	if r.next.Swap(next) != next && r.stream.lost.Load() != nil {
		r.stream.nudge()
	}
}

// read reads at least one byte at off, and waits for it while ctx lasts. The
// error is io.EOF at the end of the content.
func (r *reader) read(ctx context.Context, p []byte, off int64) (int, error) {
	s := r.stream
	for {
		over := s.over.Load() // before ready: there is no more after that
		ready := s.ready.Load()
		switch failure := s.failed.Load(); {
		case failure != nil:
			return 0, &brokenError{*failure}
		case off < ready:
			n, err := r.copyInTurn(p[:min(int64(len(p)), ready-off)], off)
			if n > 0 || err != nil {
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

// copyInTurn is copyAt for a few readers at a time, when there are many: they must
// not stand between the writer and the processor.
func (r *reader) copyInTurn(p []byte, off int64) (int, error) {
	s := r.stream
	if s.crowd.Load() > crowded {
		s.turns <- struct{}{}
		defer func() { <-s.turns }()
	}
	return r.copyAt(p, off)
}

// crowded is how many readers may copy as they like.
const crowded = 50

// copyAt copies bytes at off that are there. It may be fewer than p has room for. 0,
// nil: try again.
func (r *reader) copyAt(p []byte, off int64) (int, error) {
	s := r.stream
	lost := s.lost.Load() // before the others: they hardly change after it
	stored := s.stored.Load()
	if off < stored {
		p = p[:min(int64(len(p)), stored-off)]
		if s.unsure.Load() && !r.see(off+int64(len(p))) {
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
	if s.unsure.Load() && !r.see(off+int64(len(p))) {
		return 0, nil
	}
	return copy(p, t.data[off-t.off:]), nil
}

// see remembers that a reader may have had all up to end; false: it is not there
// any more.
func (r *reader) see(end int64) bool {
	s := r.stream
	for seen := s.seen.Load(); seen < end && !s.seen.CompareAndSwap(seen, end); seen = s.seen.Load() {
	}
	return s.ready.Load() >= end
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
