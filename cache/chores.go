package cache

import "time"

const (
	// sweepInterval is how often the directory is swept, if it is used at all.
	sweepInterval = time.Minute
	// sweepShare bounds how much of the time a sweep may take: a twentieth.
	sweepShare = 20
)

// tidy sweeps, in the background, if that was some time ago.
func (c *Cache) tidy() {
	c.sweeping.Lock()
	due := !time.Now().Before(c.nextSweep)
	if due {
		c.nextSweep = time.Now().Add(sweepInterval)
	}
	c.sweeping.Unlock()
	if !due {
		return
	}
	c.runs.spawn(func() {
		begun := time.Now()
		_ = c.store.sweep(c.background) // the next sweep may do better
		c.share()
		c.sweeping.Lock()
		defer c.sweeping.Unlock()
		c.nextSweep = time.Now().Add(max(sweepInterval, sweepShare*time.Since(begun)))
	})
}

// share uploads, in the background, what the bucket lacks.
func (c *Cache) share() {
	if c.depot != nil {
		c.runs.spawn(func() { c.depot.share(c.background) })
	}
}
