package cache

import (
	"cmp"
	"container/list"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
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

// openKept opens the copy of that identity that is kept; nil: there is none.
func (c *Cache) openKept(id string) (*os.File, copyName) {
	name, ok := c.touch(id)
	if ok {
		if f := c.open(name); f != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.stats.Hits++
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

func (c *Cache) expired(name copyName) bool {
	return c.MaxAge > 0 && time.Since(time.Unix(0, name.made)) >= c.MaxAge
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

// remove takes a file away. One that another process has taken away is no error.
func (c *Cache) remove(path string) error {
	err := c.Root.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keep makes a whole copy one that is kept, and no crash can undo it then. If
// that is not possible it is logged, and the copy goes with its readers.
func (c *Cache) keep(r *run) (copyName, bool) {
	name := copyName{id: r.id, made: cmp.Or(r.made, time.Now().UnixNano()), size: r.length()}
	if r.gen.info.etag == "" {
		name.tag = r.tag
	}
	err := c.persist(r, name)
	switch {
	case errors.Is(err, errForgotten):
		return name, false
	case err != nil:
		slog.WarnContext(r.gen.ctx, "downloadview: a copy cannot be kept", "err", err, "file", r.gen.name(), "bytes", name.size)
		return name, false
	}
	return name, true
}

var errForgotten = errors.New("the copy was removed while it was made")

// persist brings the temporary file of a run to its final name. What has that name
// is whole: the bytes are on disk before the name is.
func (c *Cache) persist(r *run, name copyName) error {
	if c.MaxBytes > 0 && name.size > c.MaxBytes {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.large) >= maxLarge || c.large == nil {
			c.large = make(map[string]struct{})
		}
		c.large[r.id] = struct{}{}
		return errLarge
	}
	if t := r.gen.info.modTime; !t.IsZero() {
		// A front server tells clients the file's own time.
		if err := c.Root.Chtimes(r.temp, time.Time{}, t); err != nil {
			return err
		}
	}
	if err := r.file.Sync(); err != nil {
		return err
	}
	if err := c.rename(r, name); err != nil {
		return err
	}
	c.syncDir(shard(r.id))
	return nil
}

// maxLarge is how many identities are remembered to be larger than MaxBytes.
const maxLarge = 1000

// rename gives the file of a run its final name.
func (c *Cache) rename(r *run, name copyName) error {
	c.disk.Lock()
	defer c.disk.Unlock()
	dir := shard(r.id)
	if err := c.Root.Mkdir(dir, 0o777); err == nil {
		c.syncDir(".")
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := c.Root.Rename(r.temp, name.path()); err != nil {
		return err
	}
	c.mu.Lock()
	if r.forgotten {
		c.mu.Unlock()
		return errors.Join(errForgotten, c.remove(name.path()))
	}
	c.stats.Growing -= name.size
	c.enter(name)
	c.unlist(r)
	c.mu.Unlock()
	for _, other := range c.list(dir, func(n copyName) bool { return n.id == r.id && n != name }) {
		c.remove(other.path())
	}
	c.evict()
	return nil
}

// syncDir makes the names in a directory outlast a crash. Not every system can;
// without it, a crash may cost a copy, and nothing else.
func (c *Cache) syncDir(dir string) {
	if d, err := c.Root.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// discard is the end of a copy that is not kept.
func (c *Cache) discard(r *run, err error) {
	c.remove(r.temp)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unlist(r)
	c.stats.Growing -= r.length()
	switch {
	case err == nil:
	case errors.Is(err, errAbandoned), errors.Is(err, errClosed):
		c.stats.Abandoned++
	default:
		c.stats.Failed++
	}
}

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
