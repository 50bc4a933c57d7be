package cache

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/zeebo/xxh3"
)

// joinWhole adds a reader to a run that is over but whose copy is not kept yet;
// nil: there is none.
func (c *Cache) joinWhole(ctx context.Context, id string) *reader {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.running[id]
	if r == nil || !r.isWhole() {
		return nil
	}
	r.readers++
	return newReader(ctx, r)
}

// join adds a reader to the run that makes the copy; nil: there is none.
func (c *Cache) join(id string) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.joinable(id)
	if r == nil {
		return nil
	}
	c.stats.Joined++
	r.readers++
	if r.linger != nil {
		r.linger.Stop()
	}
	return r
}

// joinable returns, under mu, the run that makes the copy, unless it has failed.
func (c *Cache) joinable(id string) *run {
	r := c.running[id]
	if r == nil || r.failure() != nil {
		return nil
	}
	return r
}

// start starts a run, which has one reader. It returns nil, nil if there is a run or
// a copy by now, and an error if there can be none.
func (c *Cache) start(gen *generator) (*run, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.joinable(gen.id) != nil || c.kept[gen.id] != nil {
		return nil, nil // looked at again: two requests may both have missed
	}
	temp := newTempName()
	file, err := c.create(gen, temp)
	if err != nil {
		c.stats.Bypassed++
		return nil, err
	}
	r := &run{
		cache: c, gen: gen, id: gen.id, size: gen.info.size, begun: time.Now(), temp: temp, file: file,
		readers: 1, alive: true, hash: xxh3.New(), stored: make(chan struct{}),
	}
	r.changed.L = &r.mu
	if c.running == nil {
		c.running, c.runs = make(map[string]*run), make(map[*run]struct{})
	}
	c.running[r.id], c.runs[r] = r, struct{}{}
	c.stats.Misses++
	c.work.Add(1)
	go r.work()
	return r, nil
}

// create creates, under mu, the file that a copy is to grow in.
func (c *Cache) create(gen *generator, temp string) (*os.File, error) {
	if c.closed {
		return nil, errClosed
	}
	if _, large := c.large[gen.id]; large || c.MaxBytes > 0 && gen.info.size > c.MaxBytes {
		return nil, errLarge
	}
	file, err := c.Root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		c.muted.Store(false)
	}
	return file, err
}

var errLarge = errors.New("the content is larger than MaxBytes")

// leave takes a reader from a run. With the last one the run ends, or soon.
func (c *Cache) leave(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.readers--
	c.release(r)
	if r.readers > 0 || !r.alive || c.Linger < 0 {
		return
	}
	if c.Linger == 0 {
		c.abandon(r)
		return
	}
	r.linger = time.AfterFunc(c.Linger, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.readers == 0 {
			c.abandon(r)
		}
	})
}

// abandon stops, under mu, a run that nobody reads, unless all is there.
func (c *Cache) abandon(r *run) {
	if r.isWhole() {
		return
	}
	r.fail(errAbandoned)
	r.gen.cancel()
	c.unlist(r)
}

// unlist sees, under mu, that nobody joins the run any more.
func (c *Cache) unlist(r *run) {
	if c.running[r.id] == r {
		delete(c.running, r.id)
	}
}

// bury is the end of a run's goroutine.
func (c *Cache) bury(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, r)
	r.alive = false
	if r.linger != nil {
		r.linger.Stop()
	}
	c.release(r)
}

// release closes, under mu, the file of a run that nobody needs any more.
func (c *Cache) release(r *run) {
	if r.readers == 0 && !r.alive {
		r.file.Close() // nothing is lost with it: a copy that is kept was synced
	}
}
