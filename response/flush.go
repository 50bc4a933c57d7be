package response

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

const defaultFlushInterval = 100 * time.Millisecond

// arm sees to it that what is in the buffer leaves in time.
func (b *body) arm() error {
	switch {
	case b.check() != nil:
		return b.err
	case b.interval < 0:
		b.err = b.flush()
		return b.err
	case b.interval == 0:
		b.armed.Store(true) // so that no write comes here again
	case b.armed.Load():
	case b.timer == nil:
		b.armed.Store(true)
		b.timer = time.AfterFunc(b.interval, b.tick)
	default:
		b.armed.Store(true)
		b.timer.Reset(b.interval)
	}
	return nil
}

// tick is called when content has waited for the flush interval.
func (b *body) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed.Store(false) // before filled is loaded: see Write
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
	b.err = b.flush()
}

// drain makes room in the buffer.
func (b *body) drain() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check() == nil {
		b.err = b.empty()
	}
	b.n = copy(b.buf[:], b.buf[b.out:b.n])
	b.out = 0
	b.filled.Store(int64(b.n))
	if b.err != nil {
		b.room = 0
		return b.err
	}
	b.reckon()
	return nil
}

// empty sends what is in the buffer, all but a byte that has to wait.
func (b *body) empty() error {
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

// flush is empty, and on through whatever w buffers itself.
func (b *body) flush() error {
	if err := b.empty(); err != nil {
		return err
	}
	if b.head != nil {
		return nil // nothing was sent yet
	}
	b.extendDeadline()
	b.err = errWriterPanic
	err := http.NewResponseController(b.w).Flush()
	b.err = nil
	b.liftDeadline()
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		return nil // if it is not supported, it will be sent when w thinks fit
	}
	return &writeError{err}
}
