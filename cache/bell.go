package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// bell wakes the readers that wait for more of a copy that grows. The writer
// rings for each piece, and must not pay for the number of readers: to wake one
// takes about a microsecond, and then all of them want the processor. So the more
// there are, the less often they are woken. The zero value is ready for use.
//
// mu guards the fields below it, and is held for nothing else.
type bell struct {
	waiting   atomic.Int32
	scheduled atomic.Bool // a timer will ring

	mu    sync.Mutex
	round chan struct{} // closed when it rings; nil: no reader waits
	rung  time.Time     // when it rang
	timer *time.Timer
}

const (
	minPause  = 500 * time.Microsecond // between two rings
	wakePause = 20 * time.Microsecond  // for each reader that waits
)

// ring wakes all who wait, soon.
func (b *bell) ring() {
	if b.waiting.Load() == 0 || b.scheduled.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	pause := time.Until(b.rung.Add(max(minPause, time.Duration(b.waiting.Load())*wakePause)))
	if pause <= 0 {
		b.strike()
		return
	}
	b.scheduled.Store(true)
	b.timer = time.AfterFunc(pause, b.ringNow)
}

// ringNow wakes all who wait.
func (b *bell) ringNow() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
	b.scheduled.Store(false)
	b.strike()
}

// strike wakes, under mu, all who wait.
func (b *bell) strike() {
	b.rung = time.Now()
	if b.round != nil {
		close(b.round)
		b.round = nil
	}
}

// wait returns when it rings, or ctx ends, or at once if ready says that there is
// no need to wait.
func (b *bell) wait(ctx context.Context, ready func() bool) {
	b.waiting.Add(1) // before ready is asked, and ring asks after there is more
	defer b.waiting.Add(-1)
	b.mu.Lock()
	if b.round == nil {
		b.round = make(chan struct{})
	}
	round := b.round
	b.mu.Unlock()
	if ready() {
		return
	}
	select {
	case <-round:
	case <-ctx.Done():
	}
}
