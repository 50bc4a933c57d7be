package cache

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a cache. The zero value has no bounds.
type Options struct {
	// MaxBytes is how much the copies may take, growing ones included:
	// the least recently used go first. A copy that is being read is not lost to
	// its reader. A copy that alone is larger than this is not kept, and nothing
	// is evicted for it: all who ask while it is made share it. 0: no limit.
	MaxBytes int64

	// MaxAge is how long a copy is good, from when it was finished; 0: no limit.
	MaxAge time.Duration

	// Linger is how long a generator goes on when its last reader has left,
	// before it is stopped and its copy thrown away. 0: 10 s; negative: to its
	// end.
	Linger time.Duration

	// Bucket has the copies of all machines. It may be nil.
	Bucket Bucket

	// RunContext says which of a request's values a run has, by a context that
	// is derived from the background; nil: none. When that context ends, the run
	// does. The request's own context never goes along: routers and frameworks
	// use its values again when the request has ended.
	RunContext func(request context.Context) context.Context
}

// Cache keeps generated content in a directory. Make it with [New]. It is safe
// for concurrent use. Several caches, of several processes too, may share a
// directory.
type Cache struct {
	opts  Options
	runs  registry
	store store
	depot *depot // nil: there is no bucket

	background context.Context // of sweeps and uploads; Close ends it
	stop       context.CancelFunc
	muted      atomic.Bool // it was logged that no copies can be made

	sweeping  sync.Mutex // guards nextSweep
	nextSweep time.Time
}

const (
	defaultLinger = 10 * time.Second

	// busyPatience is how long a request waits for a descriptor, at most.
	busyPatience = time.Second
)

// New returns a cache over a directory, which it owns from now on. Files
// in it that no cache has made are left alone. The caller closes root, after the
// cache.
func New(root *os.Root, opts Options) (*Cache, error) {
	switch {
	case root == nil:
		return nil, errors.New("cache: the root is nil")
	case opts.MaxBytes < 0:
		return nil, errors.New("cache: MaxBytes is negative")
	case opts.MaxAge < 0:
		return nil, errors.New("cache: MaxAge is negative")
	}
	opts.Linger = cmp.Or(opts.Linger, defaultLinger)
	c := &Cache{opts: opts}
	c.runs.running, c.runs.all, c.runs.failed = make(map[string]*run), make(map[*run]struct{}), make(map[string]Status)
	s := &c.store
	s.dir.root, s.maxBytes, s.maxAge = root, opts.MaxBytes, opts.MaxAge
	if opts.Bucket != nil {
		c.depot = &depot{bucket: opts.Bucket, expired: s.expired, open: s.dir.open}
		s.found = c.depot.lacks
	}
	c.background, c.stop = context.WithCancel(context.Background())
	c.tidy()
	return c, nil
}

// File returns the copy that is kept of what open describes, or one that grows
// while it is read. The key is the author's name for the content: all that it
// depends on has to be in it, see the package documentation. ctx is the request's.
// The caller closes the file.
//
// open returns the file that has the content, as a view's GetFile does. It is
// called once by each call of File, and what its file says of itself describes the
// copy. So it should be cheap, and leave the work to the file's first Read or
// WriteTo. An error of open is returned as it is. The content is only generated if
// there is no copy of this key and version, and if the file that File returns is
// read. The version is the entity tag; for content that has none, the
// modification time; content that has neither has one version. If the tag cannot
// be had, File returns the error.
//
// The context that open gets has no values of ctx except by
// [Options.RunContext]. It goes on when the request ends: it is cancelled when
// no reader wants the content any more, and when the file was closed. The file of
// open must depend on this context and not on the request's. The file is closed
// once. It is read in another goroutine.
//
// A finished copy is a file on disk: it unwraps to an [*os.File] (see
// [files.Unwrap]). Its tag is the generator's or else made of its bytes. One
// that grows can be read from its beginning, and everywhere if the generator
// declares a size and a strong tag; a read waits for bytes that are still to be made, while
// ctx lasts. If generating fails, every read fails, and nothing is kept.
//
// A cache that cannot keep anything, for want of space or permission in its
// directory, is no error: the content is then sent without a copy.
func (c *Cache) File(ctx context.Context, key string, open func(context.Context) (fs.File, error)) (fs.File, error) {
	gen, err := c.describe(ctx, key, open)
	if err != nil {
		return nil, err
	}
	if r := c.runs.find(gen.id); r != nil && r.stream.isWhole() && !r.await(ctx) {
		if rd := r.join(); rd != nil {
			gen.close()
			c.runs.count(&c.runs.stats.Joined)
			return &file{ctx: ctx, about: gen.whole(r.stream.whole()), parts: true, source: rd}, nil
		}
	}
	if f, name, _ := c.openKept(ctx, gen.id); f != nil {
		gen.close()
		return &kept{f, gen.whole(name.size, name.hash)}, nil
	}
	return &file{ctx: ctx, about: gen.about, parts: gen.canRange(), gen: gen, attach: c.attach}, nil
}

// Start sees to it that there is a copy, or a run that makes one to its end,
// with or without readers. It calls open as [Cache.File] does, and does not wait for the run.
// The error says why no copy can be made. How the run goes on is for [Cache.Status].
func (c *Cache) Start(ctx context.Context, key string, open func(context.Context) (fs.File, error)) error {
	gen, err := c.describe(ctx, key, open)
	if err != nil {
		return err
	}
	for {
		if r := c.runs.find(gen.id); r != nil && r.keepOn() {
			gen.close()
			return nil
		}
		f, _, err := c.store.open(gen.id)
		if f != nil {
			f.Close()
			gen.close()
			return nil
		}
		if err == nil {
			r, _, e := c.start(gen, false)
			if r != nil {
				return nil
			}
			err = e
		}
		if err != nil {
			gen.close()
			return err
		}
	}
}

// Status tells the state of a key: of its newest run or copy, which may be out of
// date. It opens no copy, and counts as no use of one: a page may ask often. Of a
// copy that another process has made, it knows after a while. Err is for the log:
// it may say more than a client should know.
func (c *Cache) Status(key string) Status {
	prefix := keyPrefix(key)
	if s := c.runs.last(prefix); s.State == Running {
		return s
	} else if name := c.store.newest(prefix); s.State == Failed && s.Ended.UnixNano() > name.made {
		return s
	} else if name.id != "" {
		return Status{State: Kept, Bytes: name.size, Size: name.size, Ended: time.Unix(0, name.made)}
	}
	return Status{Size: -1}
}

// Stats returns the counters as they are now. Files that are only described, for
// HEAD or a 304, count as hits if there is a copy, and else not at all.
func (c *Cache) Stats() Stats {
	s := c.runs.counters()
	s.Evicted = c.store.evicted.Load()
	s.Copies, s.Bytes = c.store.index.size()
	s.Growing = c.store.growing.Load()
	return s
}

// Remove forgets all versions of the content with that key: finished copies are
// removed, here and in the bucket, and growing ones are not kept, though their
// readers get them whole. Until it returns, a copy from before may still be served.
// Other processes may be making one at this moment.
func (c *Cache) Remove(key string) error { return c.removeAll(keyPrefix(key)) }

// Clear is Remove for all keys.
func (c *Cache) Clear() error { return c.removeAll("") }

func (c *Cache) removeAll(prefix string) error {
	c.forget(prefix)
	err := c.store.removeAll(prefix)
	if c.depot == nil {
		return err
	}
	c.forget(prefix) // no upload of those begins now
	err = errors.Join(err, c.depot.remove(prefix))
	c.forget(prefix) // runs of the meantime may have their copy from the bucket
	return errors.Join(err, c.store.removeAll(prefix))
}

// forget sees to it that copies that grow, or are on their way to the bucket, are
// kept nowhere.
func (c *Cache) forget(prefix string) {
	c.runs.forget(prefix)
	if c.depot != nil {
		c.depot.forget(prefix)
	}
}

// Close stops the runs, and returns when their goroutines have ended. Their
// readers see a broken download, so first let those finish (see
// [net/http.Server.Shutdown]). After it, content is sent without a copy, and copies
// that are kept are still served. It never fails.
func (c *Cache) Close() error {
	c.stop()
	c.runs.close()
	c.runs.work.Wait()
	return nil
}

// describe calls open, with the context of a run.
func (c *Cache) describe(ctx context.Context, key string, open func(context.Context) (fs.File, error)) (*generator, error) {
	base := context.Background()
	if c.opts.RunContext != nil {
		base = c.opts.RunContext(ctx)
	}
	return newGenerator(ctx, base, key, open)
}

// attach finds the source for a file that is read for the first time. taken: the
// generator is the source's.
func (c *Cache) attach(ctx context.Context, gen *generator) (_ source, taken bool) {
	for {
		if r := c.runs.find(gen.id); r != nil {
			if rd := r.join(); rd != nil {
				c.runs.count(&c.runs.stats.Joined)
				return rd, false
			}
		}
		f, name, err := c.openKept(ctx, gen.id)
		if f != nil {
			return finished{f, name.size}, false
		}
		if err == nil {
			var rd *reader
			if _, rd, err = c.start(gen, true); rd != nil {
				return rd, true
			}
		}
		if err != nil {
			c.logBypass(gen, err)
			return newDirect(ctx, gen), true
		}
	}
}

// openKept opens a kept copy, or returns nil, nil. When too many files
// are open, it waits a moment for others to be closed.
func (c *Cache) openKept(ctx context.Context, id string) (*os.File, copyName, error) {
	c.tidy()
	for pause := busyPatience / 128; ; pause *= 2 {
		f, name, err := c.store.open(id)
		if f != nil {
			c.runs.count(&c.runs.stats.Hits)
			if c.store.index.check(name) {
				c.runs.spawn(func() { c.store.check(c.background, name) })
			}
			return f, name, nil
		}
		if !isBusy(err) || pause > busyPatience {
			return nil, name, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, name, ctx.Err()
		}
	}
}

// logBypass logs, once, that no copies can be made.
func (c *Cache) logBypass(gen *generator, err error) {
	c.runs.count(&c.runs.stats.Bypassed)
	switch {
	case errors.Is(err, errClosed), c.muted.Swap(true):
	case errors.Is(err, fs.ErrNotExist):
		slog.WarnContext(gen.ctx, "downloadview: the cache's directory was removed, content is sent without copies until the program is restarted", "err", err)
	default:
		slog.WarnContext(gen.ctx, "downloadview: the cache's directory cannot be written, content is sent without copies", "err", err)
	}
}
