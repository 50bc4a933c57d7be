package cache

import (
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
)

// stream is the content of a copy that grows: one writer appends to it, and any
// number of readers read it, each at its own place. It knows nothing of generators
// or keys.
//
// The bytes go to a draft, in large pieces, and the latest of them are in a chunk
// of memory before. So the writer waits for the disk, and not for readers. Readers take
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

	// unsure: the bytes may have to be made again, see redo. seen is then how
	// much of it readers may have had.
	unsure atomic.Bool
	seen   atomic.Int64

	writing sync.Mutex // held by the writer; guards there and filled
	there   int64
	filled  int // bytes of the tail

	mu     sync.Mutex // guards places. Before it comes writing
	places map[*place]struct{}
	moved  chan struct{} // a reader has moved or left, or all is over
	crowd  atomic.Int32  // how many readers there are
	turns  chan struct{} // to copy, when they are many
}

func newStream(d *draft, size int64) *stream {
	return &stream{
		draft: d, size: size, places: make(map[*place]struct{}), moved: make(chan struct{}, 1),
		turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
	}
}

// Write appends p.
func (s *stream) Write(p []byte) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for n < len(p) {
		switch failure := s.failed.Load(); {
		case failure != nil:
			return n, *failure
		case s.over.Load():
			return n, fs.ErrClosed
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
	return n, nil
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

// turn makes room for a new chunk: the tail goes to the file, or else to all readers.
func (s *stream) turn() error {
	if s.flush(); s.lost.Load() == nil {
		return nil
	}
	return s.passOn()
}

// flush brings the bytes in the tail to the file.
func (s *stream) flush() {
	if t := s.tail.Load(); t != nil && s.lost.Load() == nil {
		if s.store(t.data[:s.filled]); s.lost.Load() == nil {
			s.tail.Store(nil)
			s.filled = 0
		}
	}
}

// publish shows readers all bytes that are there. The last byte of a declared size is shown
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

// isWhole reports whether all is there, in the file. Size and hash do not change
// after that.
func (s *stream) isWhole() bool {
	return s.over.Load() && s.failed.Load() == nil && s.lost.Load() == nil
}

// whole returns the size and the hash of whole content.
func (s *stream) whole() (size int64, hash string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.there, hashText(s.draft.hash)
}
