package cache

import (
	"errors"
	"io/fs"
	"strings"
)

// Remove forgets all versions of what has that key: copies that are finished are
// removed, here and in the bucket, and those that grow are not kept, though their
// readers get them whole. Until it returns, a copy from before may still be served.
// Other processes may be making one at this moment.
func (c *Cache) Remove(key string) error { return c.removeAll(keyPrefix(key)) }

// Clear is Remove for all keys.
func (c *Cache) Clear() error { return c.removeAll("") }

// removeAll removes the copies whose identity begins with prefix.
func (c *Cache) removeAll(prefix string) error {
	if c.Root == nil {
		return errors.New("cache: the cache has no Root")
	}
	c.forget(prefix)
	err := c.removeShared(prefix)
	c.forget(prefix) // what was begun meanwhile may have come from the bucket
	return errors.Join(err, c.removeHere(prefix))
}

// forget sees that what grows is not kept, and that nobody joins it any more.
func (c *Cache) forget(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r := range c.runs {
		if strings.HasPrefix(r.id, prefix) {
			r.forgotten = true
			c.unlist(r)
		}
	}
}

func (c *Cache) removeHere(prefix string) (err error) {
	c.disk.Lock()
	defer c.disk.Unlock()
	dirs := c.names(".")
	if prefix != "" {
		dirs = []string{shard(prefix)}
	}
	for _, dir := range dirs {
		for _, name := range c.list(dir, func(n copyName) bool { return strings.HasPrefix(n.id, prefix) }) {
			if e := c.remove(name.path()); e != nil {
				err = errors.Join(err, e)
				continue
			}
			c.mu.Lock()
			c.strike(name.id)
			c.mu.Unlock()
		}
	}
	return err
}

// remove takes a file away. One that another process has taken away is no error.
func (c *Cache) remove(path string) error {
	err := c.Root.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
