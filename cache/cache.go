package cache

import (
	"container/list"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
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
	stats   Stats

	muted atomic.Bool // it was logged that the directory cannot be written
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
// [files.Unwrap]). Its tag is the generator's or else made of its bytes. One
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
			c.count(&c.stats.Joined)
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
func (c *Cache) attach(ctx context.Context, gen *generator) source {
	for {
		if r := c.join(gen.id); r != nil {
			gen.close()
			return newReader(ctx, r)
		}
		if f, name := c.openKept(gen.id); f != nil {
			gen.close()
			return finished{f, name.size}
		}
		r, err := c.start(gen)
		if err != nil {
			c.logBypass(gen, err)
			return newDirect(ctx, gen)
		}
		if r != nil {
			return newReader(ctx, r)
		}
	}
}

// logBypass logs, once, that nothing can be kept. What is only too large is no
// fault of the directory.
func (c *Cache) logBypass(gen *generator, err error) {
	if errors.Is(err, errLarge) || errors.Is(err, errClosed) || c.muted.Swap(true) {
		return
	}
	slog.WarnContext(gen.ctx, "downloadview: the cache's directory cannot be written, content is sent without it", "err", err)
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
