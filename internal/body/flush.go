package body

import (
	"fmt"
	"time"
)

// arm sets the timer for the content in the buffer.
func (b *Writer) arm() error {
	switch {
	case b.check() != nil:
		return b.err
	case b.FlushInterval < 0:
		b.err = b.push()
		return b.err
	case b.FlushInterval == 0:
		b.armed.Store(true) // so that no write comes here again
	case b.armed.Load():
	case b.timer == nil:
		b.armed.Store(true)
		// Not pooled with the buffer: a timer that was made in a test's bubble of
		// testing/synctest must not be set outside of it.
		b.timer = time.AfterFunc(b.FlushInterval, b.tick)
	default:
		b.armed.Store(true)
		b.timer.Reset(b.FlushInterval)
	}
	return nil
}

// disarm stops the timer before the producer sends: while a client is slow, a tick
// would only wait for the lock, in a goroutine with a stack. The next write sets it
// again.
func (b *Writer) disarm() {
	if b.timer != nil && b.armed.Load() {
		b.timer.Stop()
		b.armed.Store(false)
	}
}

// tick is called when content has waited for the flush interval.
func (b *Writer) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed.Store(false) // before filled is loaded: see added
	if b.check() != nil {
		return
	}
	defer func() {
		// In this goroutine, a panic in a ResponseWriter of somebody else's
		// would end the program.
		if v := recover(); v != nil {
			b.err = fmt.Errorf("panic in the ResponseWriter: %v", v)
		}
	}()
	b.err = b.push()
}

// empty sends the content of the buffer, all but a byte that has to wait.
func (b *Writer) empty() error {
	end := int(b.filled.Load())
	if b.held {
		end--
	}
	if end <= b.out {
		return nil
	}
	err := b.send(b.buf[b.out:end])
	b.out = end
	return err
}

// push is empty, and on through whatever the ResponseWriter buffers itself.
func (b *Writer) push() error {
	if err := b.empty(); err != nil || !b.started {
		return err
	}
	return b.sender.flush()
}
