package cache

import (
	"errors"
	"sync/atomic"
	"time"
)

// place is where a reader is.
type place struct {
	next atomic.Int64 // where it reads next: a chunk that begins later waits for it
	left atomic.Bool  // it was left behind
}

// canJoin reports, under mu, whether the content may still be had from its
// beginning.
func (s *stream) canJoin() bool {
	t := s.tail.Load()
	return s.failed.Load() == nil && (s.lost.Load() == nil || t == nil || t.off <= s.stored.Load())
}

// attach adds, under mu, a reader; nil: it comes too late.
func (s *stream) attach() *place {
	if !s.canJoin() {
		return nil
	}
	p := new(place)
	s.places[p] = struct{}{}
	s.crowd.Store(int32(len(s.places)))
	return p
}

// detach removes, under mu, a reader.
func (s *stream) detach(p *place) {
	delete(s.places, p)
	s.crowd.Store(int32(len(s.places)))
	s.nudge()
}

// passOn returns when all readers have taken the bytes in the tail. They are gone
// then. A reader that does not move is left behind while others wait.
func (s *stream) passOn() error {
	timer := time.NewTimer(stallPatience)
	defer timer.Stop()
	for patient := true; ; {
		switch behind, waiting := s.passed(); {
		case s.failed.Load() != nil:
			return *s.failed.Load()
		case behind == 0 && waiting == 0:
			return *s.lost.Load() // without readers, and without a copy
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
	for p := range s.places {
		if p.next.Load() < s.there {
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
	for p := range s.places {
		if p.next.Load() < s.there {
			p.left.Store(true)
			delete(s.places, p)
		}
	}
}

// nudge makes a writer that waits for readers look again.
func (s *stream) nudge() {
	select {
	case s.moved <- struct{}{}:
	default:
	}
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
