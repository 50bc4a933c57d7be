package cache

import (
	"context"
	"io/fs"
	"os"
	"time"

	"github.com/zeebo/xxh3"
)

// Settle returns when no run is at work.
func (c *Cache) Settle() { c.runs.work.Wait() }

// Root returns the directory.
func (c *Cache) Root() *os.Root { return c.store.dir.root }

// HoldDisk keeps copies from being stored, as a slow disk does.
func (c *Cache) HoldDisk() (release func()) {
	for i := range c.store.dir.locks {
		c.store.dir.locks[i].Lock()
	}
	return func() {
		for i := range c.store.dir.locks {
			c.store.dir.locks[i].Unlock()
		}
	}
}

// HoldDir keeps the directory of the copy at path from being looked at.
func (c *Cache) HoldDir(path string) (release func()) { return c.store.dir.lock(path) }

const (
	OrphanAge      = orphanAge
	SweepInterval  = sweepInterval
	FetchPatience  = fetchPatience
	UploadPatience = uploadPatience
	StallPatience  = stallPatience
	HeaderSize     = headerSize
)

// ParseName reports whether s is the name of a copy.
func ParseName(s string) bool {
	_, ok := parseName(s)
	return ok
}

// ObjectName returns the name in a bucket of the copy at path in the directory.
func ObjectName(path string) string {
	name, _ := parseName(path[len("ke/"):])
	return objectPrefix + name.id
}

// CopyPath returns where in the directory a copy with this content would be that was
// made now.
func CopyPath(ctx context.Context, key, content string, open func(context.Context) (fs.File, error)) string {
	gen, err := newGenerator(ctx, ctx, key, open)
	if err != nil {
		panic(err)
	}
	defer gen.close()
	hash := xxh3.New()
	hash.WriteString(content)
	return copyName{id: gen.id, made: time.Now().UnixNano(), size: int64(len(content)), hash: hashText(hash)}.path()
}

// Starts reports whether a run would start for a request that has missed.
func (c *Cache) Starts(ctx context.Context, key string, open func(context.Context) (fs.File, error)) bool {
	gen, err := newGenerator(ctx, ctx, key, open)
	if err != nil {
		panic(err)
	}
	r, rd, err := c.start(gen, true)
	if r == nil && err == nil {
		gen.close()
	} else if rd != nil {
		rd.close()
	}
	return r != nil
}
