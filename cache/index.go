package cache

import (
	"container/heap"
	"strings"
	"sync"
)

// index is what the process knows of the copies in the directory, and in which
// order they were used. The directory is the truth: other processes change it, too,
// and a sweep corrects the index.
//
// mu guards the index alone. No other lock is taken under it, and the disk is not
// asked. The zero value is an empty index.
type index struct {
	mu     sync.Mutex
	shards map[string]map[string]*entry // by directory, then by identity
	order  byUse
	bytes  int64 // of all copies
	uses   int64
}

// entry is one copy of an index.
type entry struct {
	copyName
	used    int64 // grows with each use; for a copy that was not used yet: when it was made
	at      int   // in byUse
	checked bool  // its bytes were compared with its hash, or were written by this process
}

// firstUse is later than the time of any copy that was not used yet.
const firstUse = 1 << 62

// enter records a copy; the one of the same identity, if there is one, is struck.
func (x *index) enter(name copyName, used, checked bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	dir := shard(name.id)
	if old := x.shards[dir][name.id]; old != nil {
		x.drop(old)
	}
	e := &entry{copyName: name, used: min(name.made, firstUse-1), checked: checked}
	if used {
		x.uses++
		e.used = firstUse + x.uses
	}
	if x.shards == nil {
		x.shards = make(map[string]map[string]*entry)
	}
	if x.shards[dir] == nil {
		x.shards[dir] = make(map[string]*entry)
	}
	x.shards[dir][name.id] = e
	heap.Push(&x.order, e)
	x.bytes += name.size
}

// drop removes, under mu, an entry.
func (x *index) drop(e *entry) {
	dir := shard(e.id)
	if delete(x.shards[dir], e.id); len(x.shards[dir]) == 0 {
		delete(x.shards, dir)
	}
	heap.Remove(&x.order, e.at)
	x.bytes -= e.size
}

// strike removes a copy; false: the index does not have it.
func (x *index) strike(name copyName) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.shards[shard(name.id)][name.id]
	if e == nil || e.copyName != name {
		return false
	}
	x.drop(e)
	return true
}

// use returns the copy of an identity, and makes it the one that was used last.
func (x *index) use(id string) (copyName, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.shards[shard(id)][id]
	if e == nil {
		return copyName{}, false
	}
	x.uses++
	e.used = firstUse + x.uses
	heap.Fix(&x.order, e.at)
	return e.copyName, true
}

// check reports whether a copy is still to be compared with its hash, once.
func (x *index) check(name copyName) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.shards[shard(name.id)][name.id]
	if e == nil || e.checked {
		return false
	}
	e.checked = true
	return true
}

// oldest returns the least recently used copy.
func (x *index) oldest() (copyName, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.order) == 0 {
		return copyName{}, false
	}
	return x.order[0].copyName, true
}

// matching returns the copies in a directory whose identities begin with prefix.
func (x *index) matching(dir, prefix string) (found []copyName) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, e := range x.shards[dir] {
		if strings.HasPrefix(id, prefix) {
			found = append(found, e.copyName)
		}
	}
	return found
}

// dirs returns the directories that have copies.
func (x *index) dirs() (dirs []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for dir := range x.shards {
		dirs = append(dirs, dir)
	}
	return dirs
}

// size returns how many copies there are, and their bytes.
func (x *index) size() (copies int, bytes int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.order), x.bytes
}

// byUse is a heap of copies, the least recently used first.
type byUse []*entry

func (h byUse) Len() int           { return len(h) }
func (h byUse) Less(i, j int) bool { return h[i].used < h[j].used }
func (h byUse) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].at, h[j].at = i, j }
func (h *byUse) Push(e any)        { e.(*entry).at = len(*h); *h = append(*h, e.(*entry)) }

func (h *byUse) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
