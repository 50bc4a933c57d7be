package cache

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"
)

// draft is a copy that is being made. Its file becomes one of the store when it is
// whole. It has one writer; ReadAt is safe for concurrent use.
type draft struct {
	store    *store
	id       string
	file     *os.File
	temp     string // its name
	size     int64
	hash     *xxh3.Hasher // of the bytes
	large    bool         // too large to be kept: no copy is evicted for it
	unwanted atomic.Bool  // it was removed before it was whole
}

var (
	errLarge    = errors.New("the content is larger than MaxBytes")
	errUnwanted = errors.New("the copy was removed while it was made")
	errFull     = errors.New("there was no room a moment ago")
)

// create begins a draft of size bytes; -1: not known.
func (s *store) create(id string, size int64) (*draft, error) {
	d := &draft{store: s, id: id, hash: xxh3.New()}
	s.mu.Lock()
	_, d.large = s.large[id]
	full := time.Until(s.full) > 0
	s.mu.Unlock()
	if full {
		return nil, errFull
	}
	d.large = d.large || s.maxBytes > 0 && size > s.maxBytes
	err := s.withRoom(func() (err error) {
		d.file, d.temp, err = s.dir.createTemp()
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Write appends p. For want of room, old copies go.
func (d *draft) Write(p []byte) (n int, err error) {
	err = d.store.withRoom(func() error {
		more, err := d.file.WriteAt(p[n:], d.size+int64(n))
		n += more
		return err
	})
	d.hash.Write(p[:n])
	d.grow(int64(n))
	return n, err
}

// grow takes n bytes more into account. A draft that is alone too large to be kept
// is remembered, and does not count: nothing goes for it any more.
func (d *draft) grow(n int64) {
	s := d.store
	d.size += n
	switch {
	case d.large:
		return
	case s.maxBytes > 0 && d.size > s.maxBytes:
		s.growing.Add(n - d.size)
		d.large = true
		s.mu.Lock()
		if len(s.large) >= maxLarge || s.large == nil {
			s.large = make(map[string]struct{})
		}
		s.large[d.id] = struct{}{}
		s.mu.Unlock()
	default:
		s.growing.Add(n)
		s.trim()
	}
}

// maxLarge is how many identities are remembered to be larger than MaxBytes.
const maxLarge = 1000

// ReadAt reads written bytes.
func (d *draft) ReadAt(p []byte, off int64) (int, error) { return d.file.ReadAt(p, off) }

// cut removes all but the first n bytes. The hash begins anew, also for those.
func (d *draft) cut(n int64) error {
	if !d.large {
		d.store.growing.Add(n - d.size)
	}
	d.size = n
	d.hash.Reset()
	return d.file.Truncate(n)
}

// keep gives the draft, which is whole, its final name: it is a copy of the store
// then. A file of such a name is whole, since its bytes are on disk before its name.
func (d *draft) keep(made int64, modTime time.Time) (copyName, error) {
	s := d.store
	name := copyName{id: d.id, made: made, size: d.size, hash: hashText(d.hash)}
	if d.large {
		return name, errLarge
	}
	if !modTime.IsZero() {
		// A front server tells clients the file's own time. Another one there
		// is no loss of data.
		_ = s.dir.root.Chtimes(d.temp, time.Time{}, modTime)
	}
	if err := d.file.Sync(); err != nil && !isRefused(err) {
		return name, err
	}
	if err := s.withRoom(func() error { return s.dir.makeDir(shard(d.id)) }); err != nil {
		return name, err
	}
	if err := s.withRoom(func() error { return d.place(name) }); err != nil {
		return name, err
	}
	s.growing.Add(-d.size)
	s.dir.sync(shard(d.id))
	s.trim()
	return name, nil
}

// place renames the file, in place of older copies of the same identity.
func (d *draft) place(name copyName) error {
	s := d.store
	defer s.dir.lock(name.id)()
	if err := s.dir.root.Rename(d.temp, name.path()); err != nil {
		return err
	}
	if d.unwanted.Load() {
		return errors.Join(errUnwanted, s.dir.remove(name.path()))
	}
	older, _ := s.dir.list(shard(name.id), name.id)
	for _, other := range older {
		if other != name {
			s.dir.remove(other.path())
		}
	}
	s.index.enter(name, true, true)
	return nil
}

// discard removes the file of a draft that was not kept. It can still be read until
// it is closed.
func (d *draft) discard() {
	d.store.dir.remove(d.temp)
	if !d.large {
		d.store.growing.Add(-d.size)
	}
}

// close closes the file.
func (d *draft) close() { d.file.Close() } // a copy that is kept was synced
