package cache

import "errors"

// redo has the content written from its beginning again, since its first writer did
// not finish. The bytes that readers may have had stay: the writer that redo returns
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
	left   int64 // bytes that must come again
}

var errDiffers = errors.New("the generator does not make the bytes that the bucket had begun with")

// Write compares p with the bytes that are there, and appends the rest.
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
