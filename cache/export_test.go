package cache

import (
	"context"
	"io/fs"
	"time"
)

// Settle returns when no run is at work.
func (c *Cache) Settle() { c.work.Wait() }

// HoldDisk keeps copies from being stored, as a slow disk does.
func (c *Cache) HoldDisk() (release func()) {
	c.disk.Lock()
	return c.disk.Unlock
}

const (
	OrphanAge      = orphanAge
	SweepInterval  = sweepInterval
	FetchPatience  = fetchPatience
	UploadPatience = uploadPatience
)

// ParseName reports whether s is the name of a copy.
func ParseName(s string) bool {
	_, ok := parseName(s)
	return ok
}

// ObjectName returns the name in a bucket of the copy at path in Root.
func ObjectName(path string) string {
	name, _ := parseName(path[len("ke/"):])
	return objectPrefix + name.id
}

// CopyPath returns where in Root a copy of size bytes would be that was made now;
// it has a tag of its own.
func CopyPath(ctx context.Context, key string, size int64, open func(context.Context) (fs.File, error)) string {
	gen, err := newGenerator(ctx, key, open)
	if err != nil {
		panic(err)
	}
	defer gen.close()
	return copyName{id: gen.id, made: time.Now().UnixNano(), size: size}.path()
}

// Starts reports whether a run would start for a request that has missed.
func (c *Cache) Starts(ctx context.Context, key string, open func(context.Context) (fs.File, error)) bool {
	gen, err := newGenerator(ctx, key, open)
	if err != nil {
		panic(err)
	}
	r, err := c.start(gen)
	if r == nil && err == nil {
		gen.close()
	}
	return r != nil
}
