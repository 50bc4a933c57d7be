package cache

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"
)

// store keeps finished copies in a directory, within bounds. It knows nothing of
// generators or readers. See draft.go for how a copy comes into it, and sweep.go
// for how it is kept in order.
//
// mu guards the fields below it, and is held for nothing else. The locks of the
// directory come before it and before the lock of the index.
type store struct {
	dir      directory
	index    index
	maxBytes int64          // 0: no limit
	maxAge   time.Duration  // 0: no limit
	found    func(copyName) // told of each copy that somebody else has made; may be nil

	growing atomic.Int64 // bytes of drafts, except of drafts too large to keep
	evicted atomic.Int64
	swept   atomic.Bool // once

	checking sync.Mutex // one check at a time

	mu    sync.Mutex
	large map[string]struct{} // identities that turned out to be larger than maxBytes
	full  time.Time           // until then there was no room
}

// open opens the copy of an identity, or returns nil, nil. It is the last used copy
// then.
func (s *store) open(id string) (f *os.File, name copyName, err error) {
	if name, ok := s.index.use(id); ok && !s.expired(name) {
		if f, err := s.dir.open(name); err == nil || isBusy(err) {
			return f, name, err
		}
	}
	// Another process may have made one, or have replaced this.
	defer s.dir.lock(id)()
	copies, err := s.dir.list(shard(id), id)
	if err != nil {
		return nil, copyName{}, err
	}
	slices.SortFunc(copies, func(a, b copyName) int { return cmp.Compare(b.made, a.made) })
	for _, name := range copies {
		if s.expired(name) {
			continue
		}
		if f, err := s.dir.open(name); err == nil {
			s.index.enter(name, true, false)
			s.tell(name)
			return f, name, nil
		}
	}
	for _, name := range s.index.matching(shard(id), id) {
		s.index.strike(name)
	}
	return nil, copyName{}, nil
}

// newest returns the newest copy of a key without asking the disk, once the first
// sweep is over.
func (s *store) newest(prefix string) (newest copyName) {
	copies := s.index.matching(shard(prefix), prefix)
	if len(copies) == 0 && !s.swept.Load() {
		copies, _ = s.dir.list(shard(prefix), prefix)
	}
	for _, name := range copies {
		if name.made > newest.made && !s.expired(name) {
			newest = name
		}
	}
	return newest
}

// expired reports whether a copy is too old; or too young, if the clock has been
// wrong.
func (s *store) expired(name copyName) bool {
	return s.maxAge > 0 && time.Since(time.Unix(0, name.made)).Abs() >= s.maxAge
}

// tell tells of a copy that somebody else has made.
func (s *store) tell(name copyName) {
	if s.found != nil {
		s.found(name)
	}
}

// trim removes the least recently used copies until the others fit.
func (s *store) trim() {
	for s.maxBytes > 0 {
		_, bytes := s.index.size()
		if bytes+s.growing.Load() <= s.maxBytes || !s.evict() {
			return
		}
	}
}

// withRoom calls f, and again without the least recently used copy while f says
// that the disk is full. If it stays so, no draft is begun for a while.
func (s *store) withRoom(f func() error) error {
	for {
		err := f()
		if !isFull(err) {
			return err
		}
		if !s.evict() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.full = time.Now().Add(fullPause)
			return err
		}
	}
}

// fullPause is how long requests pass by when the disk is full.
const fullPause = 10 * time.Second

// evict removes the least recently used copy; false: the index is empty.
func (s *store) evict() bool {
	for {
		name, ok := s.index.oldest()
		if !ok {
			return false
		}
		if s.drop(name) {
			s.evicted.Add(1)
			return true
		} // else somebody was faster
	}
}

// drop removes a copy that the index has; false: it does not have it any more.
func (s *store) drop(name copyName) bool {
	defer s.dir.lock(name.id)()
	if !s.index.strike(name) {
		return false
	}
	s.dir.remove(name.path())
	return true
}

// removeAll removes all copies whose identities begin with prefix.
func (s *store) removeAll(prefix string) (err error) {
	s.mu.Lock()
	maps.DeleteFunc(s.large, func(id string, _ struct{}) bool { return strings.HasPrefix(id, prefix) })
	s.mu.Unlock()
	dirs := []string{}
	if prefix != "" {
		dirs = append(dirs, shard(prefix))
	} else if dirs, err = s.dir.names("."); err != nil {
		return err
	}
	for _, dir := range dirs {
		if len(dir) == shardDigits {
			err = errors.Join(err, s.removeIn(dir, prefix))
		}
	}
	return err
}

func (s *store) removeIn(dir, prefix string) error {
	defer s.dir.lock(dir)()
	copies, err := s.dir.list(dir, prefix)
	for _, name := range copies {
		if e := s.dir.remove(name.path()); e != nil {
			err = errors.Join(err, e)
			continue
		}
		s.index.strike(name)
	}
	return err
}

// check compares a copy with the hash in its name, and removes it if its bytes are
// not the ones that were written.
func (s *store) check(ctx context.Context, name copyName) {
	s.checking.Lock()
	defer s.checking.Unlock()
	f, err := s.dir.open(name)
	if err != nil {
		return
	}
	defer f.Close()
	hash, buf := xxh3.New(), make([]byte, min(name.size+1, 256<<10))
	for err == nil && ctx.Err() == nil {
		var n int
		n, err = f.Read(buf)
		hash.Write(buf[:n])
	}
	if ctx.Err() != nil || err == io.EOF && hashText(hash) == name.hash {
		return
	}
	slog.ErrorContext(ctx, "downloadview: a kept copy has rotted on disk, it is removed", "err", err, "copy", name.path())
	s.drop(name)
}
