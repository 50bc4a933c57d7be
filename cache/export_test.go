package cache

// Settle returns when no run is at work.
func (c *Cache) Settle() { c.work.Wait() }

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
