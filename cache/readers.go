package cache

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// reader is one reader of a stream.
type reader struct {
	stream *stream
	leave  func(*reader)
	next   atomic.Int64 // where it reads next: chunks that begin later wait for it
	left   atomic.Bool  // it was left behind
}

// readAt is stream.readAt, and tells the writer how far the reader is.
func (r *reader) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	if r.left.Load() {
		return 0, &lostError{errLeftBehind}
	}
	r.move(off)
	n, err := r.stream.readAt(ctx, p, off)
	r.move(off + int64(n))
	return n, err
}

func (r *reader) move(next int64) {
	if r.next.Swap(next) != next && r.stream.lost.Load() != nil {
		r.stream.nudge()
	}
}

func (r *reader) close() error {
	r.leave(r)
	return nil
}

// attach adds, under mu, a reader; nil: the content has failed, or its beginning is
// gone.
func (s *stream) attach(leave func(*reader)) *reader {
	if t := s.tail.Load(); s.failed.Load() != nil || s.lost.Load() != nil && t != nil && t.off > s.stored.Load() {
		return nil
	}
	r := &reader{stream: s, leave: leave}
	s.readers[r] = struct{}{}
	return r
}

// passOn returns when all readers have taken what is in the tail, which is lost to
// others then. A reader that does not move is left behind while others wait.
func (s *stream) passOn() error {
	timer := time.NewTimer(stallPatience)
	defer timer.Stop()
	for patient := true; ; {
		switch behind, waiting := s.passed(); {
		case s.failed.Load() != nil:
			return *s.failed.Load()
		case behind == 0 && waiting == 0:
			return *s.lost.Load() // nobody reads, and nothing can be kept
		case behind == 0:
			return nil
		case !patient && waiting > 0:
			s.leaveBehind()
			patient = true
			continue
		}
		select {
		case <-s.moved:
			timer.Reset(stallPatience)
		case <-timer.C:
			patient = false
			timer.Reset(stallPatience)
		}
	}
}

var errLeftBehind = errors.New("the reader was too slow for the others")

// stallPatience is how long others wait for a reader that does not move.
const stallPatience = 10 * time.Second

// passed counts the readers that have not taken all of the tail, and the others.
// If all have, there is no tail any more.
func (s *stream) passed() (behind, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.readers {
		if r.next.Load() < s.there {
			behind++
		} else {
			waiting++
		}
	}
	if behind == 0 && waiting > 0 {
		s.tail.Store(&chunk{off: s.there})
		s.filled = 0
	}
	return behind, waiting
}

// leaveBehind gives up the readers that have not taken all of the tail.
func (s *stream) leaveBehind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.readers {
		if r.next.Load() < s.there {
			r.left.Store(true)
			delete(s.readers, r)
		}
	}
}
