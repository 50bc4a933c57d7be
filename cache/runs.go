package cache

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"time"
)

// start starts a run, with or without a first reader. It returns nothing if there
// is a run or a copy by now, and an error if there can be none.
func (c *Cache) start(gen *generator, read bool) (*run, *reader, error) {
	d, err := c.create(gen)
	if err != nil {
		return nil, nil, err
	}
	r := newRun(gen, d, c.opts.Linger)
	r.stream.unsure.Store(c.depot != nil)
	var rd *reader
	if read {
		rd = r.join()
	} else {
		r.keepOn()
	}
	if !c.enlist(r) {
		d.discard()
		d.close()
		return nil, nil, nil
	}
	return r, rd, nil
}

// enlist starts the goroutine of a run; false: there is another run by now, or a
// copy: two requests may both have missed.
func (c *Cache) enlist(r *run) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := r.gen.id
	_, kept := c.store.index.use(id)
	if other := c.running[id]; c.closed || kept || other != nil && other.canJoin() {
		return false
	}
	c.running[id], c.runs[r] = r, struct{}{}
	delete(c.failed, prefixOf(id))
	c.stats.Misses++
	c.work.Go(func() { c.make(r) })
	return true
}

// create begins the draft of a run.
func (c *Cache) create(gen *generator) (*draft, error) {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	d, err := c.store.create(gen.id, gen.about.Size)
	if err == nil {
		c.muted.Store(false)
	}
	return d, err
}

// make is the goroutine of a run.
func (c *Cache) make(r *run) {
	err := errGoexit
	defer func() { c.finish(r, err) }()
	err = guard(func() error { return c.produce(r) })
}

// produce takes the copy from the bucket, or else from the generator.
func (c *Cache) produce(r *run) error {
	var to io.Writer = r.stream
	if c.depot != nil {
		made, err := c.depot.fetch(r.gen.ctx, r.gen.id, r.stream.size, r.stream)
		if err == nil {
			r.made = made
			c.count(&c.stats.Fetched)
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) && r.gen.ctx.Err() == nil {
			slog.WarnContext(r.gen.ctx, "downloadview: a copy cannot be taken from the bucket, it is generated",
				"err", err, "file", r.gen.about.Name)
		}
		rest := r.stream.redo()
		defer rest.done()
		to = rest
	}
	if failure := r.stream.failed.Load(); failure != nil {
		return *failure
	}
	_, err := r.gen.push(to)
	return err
}

// finish deals with the copy when its producer has ended with err.
func (c *Cache) finish(r *run, err error) {
	closed := r.gen.closeFile()
	d := r.stream.draft
	if err = r.stream.end(err); errors.Is(err, errDiffers) {
		c.depot.avoid(r.gen.id)
	}
	var name copyName
	unkept := err
	switch lost := r.stream.lost.Load(); {
	case err != nil:
	case !closed:
		unkept = errUnclosed
	case lost != nil:
		unkept = *lost
	default:
		name, unkept = d.keep(cmp.Or(r.made, time.Now().UnixNano()), r.gen.about.ModTime)
	}
	if unkept != nil {
		d.discard()
		c.logFailure(r, err, unkept)
	}
	if unkept == nil && r.made == 0 && c.depot != nil {
		c.depot.lacks(name) // before a Remove does not see the run any more
	}
	c.settle(r, err, unkept)
	c.share()
	c.tidy()
	r.bury()
}

var (
	errClosed   = errors.New("the cache was closed")
	errGoexit   = errors.New("the generator ended its goroutine")
	errUnclosed = errors.New("the file that the copy is made of could not be closed")
)

// logFailure logs why a copy is not kept; err: why its content is not whole.
func (c *Cache) logFailure(r *run, err, unkept error) {
	level, message := slog.LevelWarn, "downloadview: a copy cannot be kept"
	switch {
	case errors.Is(err, errAbandoned), errors.Is(err, errClosed), errors.Is(unkept, errUnwanted), errors.Is(unkept, errUnclosed):
		level = slog.LevelDebug // no fault, or logged before
	case err != nil:
		level, message = slog.LevelError, "downloadview: generating a copy has failed, it is not kept"
	}
	slog.Log(context.WithoutCancel(r.gen.ctx), level, message, "err", unkept, "file", r.gen.about.Name, "bytes", r.stream.ready.Load())
}

// settle records how a run has ended.
func (c *Cache) settle(r *run, err, unkept error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(r.settled)
	if c.depot != nil && r.stream.draft.unwanted.Load() {
		c.depot.forget(r.gen.id)
	}
	c.unlist(r)
	delete(c.runs, r)
	switch {
	case errors.Is(err, errAbandoned), errors.Is(err, errClosed):
		c.stats.Abandoned++
		return
	case errors.Is(unkept, errUnwanted), unkept == nil:
		return
	case err != nil:
		c.stats.Failed++
	}
	if len(c.failed) >= maxFailed {
		clear(c.failed)
	}
	s := r.status()
	s.State, s.Ended, s.Err = Failed, time.Now(), unkept
	c.failed[prefixOf(r.gen.id)] = s
}

// maxFailed is how many keys are remembered whose last run has failed.
const maxFailed = 1000

// unlist sees to it, under mu, that the run gets no more readers.
func (c *Cache) unlist(r *run) {
	if c.running[r.gen.id] == r {
		delete(c.running, r.gen.id)
	}
}
