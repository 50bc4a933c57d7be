package cache

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// registry knows the runs: who joins whom, and how the last one of a key has ended.
// It counts, and waits for all goroutines.
//
// mu guards the fields below it. It comes before the locks of runs and of the index.
// The disk and the bucket are not asked under it.
type registry struct {
	work sync.WaitGroup // all goroutines

	mu      sync.Mutex
	closed  bool
	running map[string]*run   // can be joined; by identity
	all     map[*run]struct{} // whose goroutines have not ended
	failed  map[string]Status // the last run that failed, by the prefix of a key
	stats   Stats
}

// find returns the run that makes the copy of an identity, or nil.
func (g *registry) find(id string) *run {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running[id]
}

// enlist starts the goroutine of a run; false: there is another run by now, or a
// copy: two requests may both have missed.
func (g *registry) enlist(r *run, copies *index, goroutine func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	id := r.gen.id
	_, kept := copies.use(id)
	if other := g.running[id]; g.closed || kept || other != nil && other.canJoin() {
		return false
	}
	g.running[id], g.all[r] = r, struct{}{}
	delete(g.failed, prefixOf(id))
	g.stats.Misses++
	g.work.Go(goroutine)
	return true
}

// forget sees to it that growing copies are not kept, and get no more readers.
func (g *registry) forget(prefix string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for r := range g.all {
		if strings.HasPrefix(r.gen.id, prefix) {
			r.stream.draft.unwanted.Store(true)
			g.unlist(r)
		}
	}
	for key := range g.failed {
		if strings.HasPrefix(key, prefix) {
			delete(g.failed, key)
		}
	}
}

// unlist sees to it, under mu, that the run gets no more readers.
func (g *registry) unlist(r *run) {
	if g.running[r.gen.id] == r {
		delete(g.running, r.gen.id)
	}
}

// settle records how a run has ended. err: why its content is not whole; unkept: why
// its copy is not kept.
func (g *registry) settle(r *run, err, unkept error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer close(r.settled)
	g.unlist(r)
	delete(g.all, r)
	if r.made != 0 {
		g.stats.Fetched++
	}
	switch {
	case errors.Is(err, errAbandoned), errors.Is(err, errClosed):
		g.stats.Abandoned++
		return
	case errors.Is(unkept, errUnwanted), unkept == nil:
		return
	case err != nil:
		g.stats.Failed++
	}
	if len(g.failed) >= maxFailed {
		clear(g.failed)
	}
	s := r.status()
	s.State, s.Ended, s.Err = Failed, time.Now(), unkept
	g.failed[prefixOf(r.gen.id)] = s
}

// maxFailed is how many keys are remembered whose last run has failed.
const maxFailed = 1000

// last tells of the run of a key that began last, if it goes on, or if it has failed.
func (g *registry) last(prefix string) Status {
	g.mu.Lock()
	defer g.mu.Unlock()
	var newest *run
	for id, r := range g.running {
		if strings.HasPrefix(id, prefix) && (newest == nil || r.began.After(newest.began)) {
			newest = r
		}
	}
	if newest == nil {
		return g.failed[prefix]
	}
	return newest.status()
}

// counters returns the counters of the runs.
func (g *registry) counters() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Running = len(g.running)
	return s
}

// count counts one more.
func (g *registry) count(counter *int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*counter++
}

// spawn calls f in a goroutine, unless the cache was closed.
func (g *registry) spawn(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.work.Go(f)
	}
}

// close stops the runs. No goroutine begins after it.
func (g *registry) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for r := range g.all {
		r.stop(errClosed)
	}
}
