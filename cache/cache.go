package cache

import (
	"container/list"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/zeebo/xxh3"
)

// Cache keeps what was generated, in a directory. Set the fields before it is
// used; Root is the only one that it needs. It is then safe for concurrent use,
// and must not be copied. Several caches, of several processes too, may share a
// directory.
type Cache struct {
	// Root is the directory that the cache owns. What is in it and was not made
	// by a cache is left alone. The caller closes it, after the cache.
	Root *os.Root

	// MaxBytes is how much the copies may take, those that still grow included:
	// the least recently used go first. A copy that is being read is not lost to
	// its reader. What alone is larger than this is sent, but not kept. 0: no
	// limit.
	MaxBytes int64

	// MaxAge is how long a copy is good, from when it was finished; 0: no limit.
	MaxAge time.Duration

	// Linger is how long a generator goes on when its last reader has left,
	// before it is stopped and what it has made thrown away. 0: not at all;
	// negative: to its end.
	Linger time.Duration

	// Bucket has the copies of all machines; nil: there is none.
	Bucket Bucket

	begin sync.Once
	work  sync.WaitGroup // the goroutines of runs

	// disk is held by whoever lists copies, makes one, or takes one away. It goes
	// before mu, which goes before that of a run.
	disk  sync.Mutex
	swept time.Time

	mu      sync.Mutex
	closed  bool
	running map[string]*run          // what can be joined, by identity
	runs    map[*run]struct{}        // all whose goroutines have not ended
	kept    map[string]*list.Element // of order, by identity
	order   list.List                // of copyName, the most recently used first
	large   map[string]struct{}      // what turned out to be larger than MaxBytes
	mute    bool                     // it was logged that the directory cannot be written
	stats   Stats
}

// File returns the copy that is kept of what open describes, or one that grows
// while it is read. The key is the author's name for the content: all that it
// depends on has to be in it, see the package documentation. ctx is that of the
// request. Who has the file closes it.
//
// open returns the file that has the content, as a view's GetFile does. It is
// called once by each call of File, and what its file says of itself describes the
// copy: so it should be cheap, and leave the work to the file's first Read or
// WriteTo. An error of open is returned as it is. The content is only generated if
// there is no copy of this key and version, and if the file that File returns is
// read. The version is the entity tag; for content that has none, the
// modification time; and for content that has neither, all there ever is.
//
// The context that open gets has the values of ctx, but goes on when the request
// ends: it is cancelled when nobody wants the content any more, and when the file
// was closed. What open returns must depend on this context and not on that of the
// request. The file is closed once. It is read in another goroutine.
//
// A finished copy is a file on disk: it unwraps to an [*os.File] (see
// [files.Unwrapper]). Its tag is the generator's or else made of its bytes. One
// that grows can be read from its beginning, and everywhere if the generator
// declares a size and a strong tag; a read waits for what is not there yet, while
// ctx lasts. If generating fails, every read fails, and nothing is kept.
//
// A cache that cannot work, for want of space or permission in its directory, is
// no error: the content is then sent without it.
func (c *Cache) File(ctx context.Context, key string, open func(context.Context) (fs.File, error)) (fs.File, error) {
	if c.Root == nil {
		return nil, errors.New("cache: the cache has no Root")
	}
	c.begin.Do(c.sweep)
	gen, err := newGenerator(ctx, key, open)
	if err != nil {
		return nil, err
	}
	if r := c.joinWhole(ctx, gen.id); r != nil {
		if !r.awaitStored(ctx) {
			gen.close()
			return &file{cache: c, ctx: ctx, info: gen.info.whole(r.length(), r.tag), parts: true, source: r}, nil
		}
		r.close()
	}
	if f, name := c.openKept(gen.id); f != nil {
		gen.close()
		return &kept{f, gen.info.whole(name.size, name.tag)}, nil
	}
	return &file{cache: c, ctx: ctx, info: gen.info, parts: gen.info.canRange(), gen: gen}, nil
}

// attach finds the source for a file that is read for the first time. The
// generator is taken over.
func (c *Cache) attach(ctx context.Context, gen *generator) (source, error) {
	if r := c.join(gen.id); r != nil {
		gen.close()
		return newReader(ctx, r), nil
	}
	if f, _ := c.openKept(gen.id); f != nil {
		gen.close()
		return finished{f}, nil
	}
	r, err := c.start(gen)
	switch {
	case err != nil:
		return newDirect(ctx, gen), nil
	case r == nil: // somebody else was faster
		return c.attach(ctx, gen)
	}
	return newReader(ctx, r), nil
}

// joinWhole adds a reader to a run that is over but whose copy is not kept yet;
// nil: there is none.
func (c *Cache) joinWhole(ctx context.Context, id string) *reader {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.running[id]
	if r == nil || !r.isWhole() {
		return nil
	}
	c.stats.Joined++
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

// start starts a run, which has one reader. It returns nil if there is a run or a
// copy by now, and an error if there can be none.
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
	if err != nil && !c.mute {
		slog.WarnContext(gen.ctx, "downloadview: the cache's directory cannot be written, content is sent without it", "err", err)
	}
	c.mute = err != nil
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

// Close stops the runs, and returns when their goroutines have ended. Their
// readers see a broken download, so first let those finish (see
// [net/http.Server.Shutdown]). After it, content is sent without the cache, and
// copies that are kept are still served. It never fails.
func (c *Cache) Close() error {
	c.mu.Lock()
	c.closed = true
	for r := range c.runs {
		r.fail(errClosed)
		r.gen.cancel()
	}
	c.mu.Unlock()
	c.work.Wait()
	return nil
}
