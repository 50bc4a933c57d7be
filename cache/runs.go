package cache

import (
	"cmp"
	"errors"
	"time"
)

// start starts a run, with or without a first reader. It returns nothing if there
// is a run or a copy by now, and an error if there can be none.
func (c *Cache) start(gen *generator, read bool) (*run, *reader, error) {
	if c.background.Err() != nil {
		return nil, nil, errClosed
	}
	d, err := c.store.create(gen.id, gen.about.Size)
	if err != nil {
		return nil, nil, err
	}
	c.muted.Store(false)
	r := newRun(gen, d, c.opts.Linger)
	r.stream.unsure.Store(c.depot != nil)
	var rd *reader
	if read {
		rd = r.join()
	} else {
		r.keepOn()
	}
	if !c.runs.enlist(r, &c.store.index, func() { c.make(r) }) {
		d.discard()
		d.close()
		return nil, nil, nil
	}
	return r, rd, nil
}

// make is the goroutine of a run.
func (c *Cache) make(r *run) {
	err := errGoexit
	defer func() { c.finish(r, err) }()
	err = guard(func() error { return r.produce(c.depot) })
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
		r.logFailure(err, unkept)
	}
	if unkept == nil && r.made == 0 && c.depot != nil {
		c.depot.lacks(name) // before a Remove does not see the run any more
		if d.unwanted.Load() {
			c.depot.forget(r.gen.id) // before another run of it can begin
		}
	}
	c.runs.settle(r, err, unkept)
	c.share()
	c.tidy()
	r.bury()
}
