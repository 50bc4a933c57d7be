package cache

import (
	"strings"
	"time"
)

// Stats are the counters of a cache.
type Stats struct {
	// Hits counts files that had a finished copy.
	Hits int64
	// Misses counts runs that were begun, for the first reader of a copy.
	Misses int64
	// Joined counts readers of a run that somebody else had begun.
	Joined int64
	// Bypassed counts readers of content that could not be kept.
	Bypassed int64
	// Fetched counts runs whose copy came from the bucket.
	Fetched int64
	// Failed counts runs that failed, and Abandoned those that ended because
	// nobody read any more, or because the cache was closed.
	Failed, Abandoned int64
	// Evicted counts copies that went because of MaxBytes.
	Evicted int64

	// Running is how many runs there are now, Copies how many finished copies,
	// Bytes what those take, and Growing what was written of the others.
	Running, Copies int
	Bytes, Growing  int64
}

// Stats returns the counters as they are now. Files that are only described, for
// HEAD or a 304, count as hits if there is a copy, and else not at all.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Running = len(c.running)
	return s
}

// count counts one more.
func (c *Cache) count(counter *int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*counter++
}

// Progress is how far a run is.
type Progress struct {
	Name    string    // of the file
	Begun   time.Time // when its first reader came
	Bytes   int64     // that are there
	Size    int64     // that there will be; -1: not known
	Readers int
}

// Progress returns how far the run is that makes a copy for key; false: there is
// none. If there are several, of several versions, it is the one that began last.
func (c *Cache) Progress(key string) (p Progress, ok bool) {
	prefix := keyPrefix(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.running {
		if strings.HasPrefix(id, prefix) && r.begun.After(p.Begun) {
			p, ok = Progress{r.gen.name(), r.begun, r.length(), r.size, r.readers}, true
		}
	}
	return p, ok
}
