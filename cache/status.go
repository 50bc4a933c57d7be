package cache

import (
	"time"
)

// State says whether a key has a copy, or a run that makes one.
type State int

const (
	None    State = iota // there is no copy, and no run makes one
	Running              // a run makes a copy
	Kept                 // there is a finished copy
	Failed               // the last run has failed, or its copy could not be kept
)

// String returns "none", "running", "kept", or "failed".
func (s State) String() string { return [...]string{"none", "running", "kept", "failed"}[s] }

// Status is the state of a key.
type Status struct {
	State   State
	Bytes   int64     // that are there
	Size    int64     // as declared; -1: not known
	Readers int       // of the run
	Began   time.Time // when the run began; zero: not known
	Ended   time.Time // when the copy was made, or the run failed
	Err     error     // why the last run failed, until the next begins
}

// status tells the state of a run.
func (r *run) status() Status {
	return Status{State: Running, Bytes: r.stream.ready.Load(), Size: r.stream.size, Readers: int(r.stream.crowd.Load()), Began: r.began}
}

// Stats are the counters of a cache.
type Stats struct {
	// Hits counts files that had a finished copy.
	Hits int64
	// Misses counts runs that were begun.
	Misses int64
	// Joined counts readers of a run that somebody else had begun.
	Joined int64
	// Bypassed counts readers of content of which no copy could be made.
	Bypassed int64
	// Fetched counts runs whose copy came from the bucket.
	Fetched int64
	// Failed counts runs whose content failed, and Abandoned runs that ended
	// for want of readers, or because the cache was closed.
	Failed, Abandoned int64
	// Evicted counts copies that went because of MaxBytes, or for want of space.
	Evicted int64

	// Running is how many runs there are now, Copies how many finished copies,
	// Bytes their size, and Growing the size of unfinished copies, except of
	// those larger than MaxBytes.
	Running, Copies int
	Bytes, Growing  int64
}
