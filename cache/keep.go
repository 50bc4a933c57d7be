package cache

import (
	"cmp"
	"container/list"
	"os"
	"slices"
	"time"
)

// openKept opens the copy of that identity that is kept; nil: there is none.
func (c *Cache) openKept(id string) (*os.File, copyName) {
	name, ok := c.touch(id)
	if ok {
		if f := c.open(name); f != nil {
			c.count(&c.stats.Hits)
			return f, name
		}
	}
	// Another process may have made one, or have replaced this.
	c.disk.Lock()
	defer c.disk.Unlock()
	found := c.list(shard(id), func(n copyName) bool { return n.id == id && !c.expired(n) })
	slices.SortFunc(found, func(a, b copyName) int { return cmp.Compare(b.made, a.made) })
	for _, name := range found {
		if f := c.open(name); f != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.enter(name)
			c.stats.Hits++
			return f, name
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strike(id)
	return nil, copyName{}
}

// touch makes the copy the one that was used last.
func (c *Cache) touch(id string) (copyName, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.kept[id]
	if e == nil || c.expired(e.Value.(copyName)) {
		return copyName{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(copyName), true
}

// open opens a copy; nil: it is not there, or damaged.
func (c *Cache) open(name copyName) *os.File {
	f, err := c.Root.Open(name.path())
	if err != nil {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Size() != name.size || !info.Mode().IsRegular() {
		f.Close()
		return nil
	}
	return f
}

// expired reports whether a copy is too old; or too young, if the clock has been
// wrong.
func (c *Cache) expired(name copyName) bool {
	return c.MaxAge > 0 && time.Since(time.Unix(0, name.made)).Abs() >= c.MaxAge
}

// enter records, under mu, a copy as the one that was used last.
func (c *Cache) enter(name copyName) {
	c.strike(name.id)
	if c.kept == nil {
		c.kept = make(map[string]*list.Element)
	}
	c.kept[name.id] = c.order.PushFront(name)
	c.stats.Copies++
	c.stats.Bytes += name.size
}

// strike removes, under mu, the record of a copy.
func (c *Cache) strike(id string) {
	if e := c.kept[id]; e != nil {
		delete(c.kept, id)
		c.order.Remove(e)
		c.stats.Copies--
		c.stats.Bytes -= e.Value.(copyName).size
	}
}

// grow takes n bytes more of copies that grow into account.
func (c *Cache) grow(n int64) {
	c.mu.Lock()
	c.stats.Growing += n
	full := c.full()
	c.mu.Unlock()
	if full {
		c.disk.Lock()
		defer c.disk.Unlock()
		c.evict()
	}
}

// full reports, under mu, whether copies have to go.
func (c *Cache) full() bool {
	return c.MaxBytes > 0 && c.stats.Bytes+c.stats.Growing > c.MaxBytes && c.order.Len() > 0
}

// evict takes copies away, under disk, until the others fit.
func (c *Cache) evict() {
	for {
		c.mu.Lock()
		if !c.full() {
			c.mu.Unlock()
			return
		}
		name := c.order.Back().Value.(copyName)
		c.strike(name.id)
		c.stats.Evicted++
		c.mu.Unlock()
		c.remove(name.path())
	}
}
