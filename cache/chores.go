package cache

import "time"

const (
	// sweepInterval is how often the directory is swept, if it is used at all.
	sweepInterval = time.Minute
	// sweepShare bounds how much of the time a sweep may take: a twentieth.
	sweepShare = 20
)

// spawn calls f in a goroutine, unless the cache was closed.
func (c *Cache) spawn(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.work.Go(f)
	}
}

// tidy sweeps, in the background, if that was some time ago.
func (c *Cache) tidy() {
	c.mu.Lock()
	due := !time.Now().Before(c.nextSweep)
	if due {
		c.nextSweep = time.Now().Add(sweepInterval)
	}
	c.mu.Unlock()
	if !due {
		return
	}
	c.spawn(func() {
		begun := time.Now()
		_ = c.store.sweep(c.background) // the next sweep may do better
		c.share()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.nextSweep = time.Now().Add(max(sweepInterval, sweepShare*time.Since(begun)))
	})
}

// share uploads, in the background, what the bucket lacks.
func (c *Cache) share() {
	if c.depot != nil {
		c.spawn(func() { c.depot.share(c.background) })
	}
}
