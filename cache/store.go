package cache

import (
	"cmp"
	"errors"
	"io/fs"
	"log/slog"
	"time"
)

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
	if t := r.gen.info.modTime; !t.IsZero() {
		// A front server tells clients the file's own time. Under disk, since a
		// temporary file that is old counts as an orphan.
		if err := c.Root.Chtimes(r.temp, time.Time{}, t); err != nil {
			return err
		}
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
