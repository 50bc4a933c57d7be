package cache

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// orphanAge is how long a temporary file has not been written to when it
	// counts as that of a process that is no more.
	orphanAge = time.Hour

	// sweepInterval is how often the directory is looked at, if copies are made.
	sweepInterval = time.Minute
)

// list returns, under disk, the copies in a directory that match.
func (c *Cache) list(dir string, match func(copyName) bool) (found []copyName) {
	for _, s := range c.names(dir) {
		if name, ok := parseName(s); ok && shard(name.id) == dir && match(name) {
			found = append(found, name)
		}
	}
	return found
}

// names returns the names in a directory, as far as they can be had.
func (c *Cache) names(dir string) []string {
	d, err := c.Root.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	return names
}

// tidy sweeps, if that was some time ago.
func (c *Cache) tidy() {
	c.disk.Lock()
	due := time.Since(c.swept) >= sweepInterval
	c.disk.Unlock()
	if due {
		c.sweep()
	}
}

// sweep compares what is known with what is there, which other processes change,
// too; and takes away what is too old, what a crash has left, and what is too
// much.
func (c *Cache) sweep() {
	c.disk.Lock()
	defer c.disk.Unlock()
	c.swept = time.Now()
	newest := make(map[string]copyName)
	for _, dir := range c.names(".") {
		if strings.HasPrefix(dir, tempPrefix) {
			c.removeOrphan(dir)
			continue
		}
		for _, name := range c.list(dir, func(copyName) bool { return true }) {
			old, again := newest[name.id]
			switch {
			case c.expired(name), again && name.made <= old.made:
				c.remove(name.path())
				continue
			case again:
				c.remove(old.path())
			}
			newest[name.id] = name
		}
	}
	c.reconcile(newest)
	c.evict()
}

// removeOrphan removes a temporary file if nobody has written to it for long. If
// somebody still will, that copy is sent but not kept.
func (c *Cache) removeOrphan(temp string) {
	info, err := c.Root.Lstat(temp)
	if err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > orphanAge {
		c.remove(temp)
	}
}

// reconcile makes the record agree with what is there. What was not known counts
// as used when it was made, and before all that was.
func (c *Cache) reconcile(there map[string]copyName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, e := range c.kept {
		if there[id] != e.Value.(copyName) {
			c.strike(id)
		} else {
			delete(there, id)
		}
	}
	unknown := slices.SortedFunc(maps.Values(there), func(a, b copyName) int { return cmp.Compare(b.made, a.made) })
	for _, name := range unknown {
		c.enter(name)
		c.order.MoveToBack(c.kept[name.id])
	}
}
