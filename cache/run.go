package cache

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"time"
)

// run makes one copy, in its own goroutine and context. It goes on
// while somebody reads, and for a while after that.
//
// The lock of its stream's places guards the fields below alive.
type run struct {
	gen     *generator
	stream  *stream
	linger  time.Duration // negative: to its end
	began   time.Time
	settled chan struct{} // closed when the copy is kept, or is not to be
	made    int64         // when somebody else made the copy; 0: it is made here

	alive bool        // the goroutine has not ended
	toEnd bool        // it goes on to its end, even without readers
	timer *time.Timer // ends the run for want of readers; nil: it always had one
}

// Why a run has failed, or its copy is not kept.
var (
	errAbandoned = errors.New("nobody waits for the copy any more")
	errClosed    = errors.New("the cache was closed")
	errGoexit    = errors.New("the generator ended its goroutine")
	errUnclosed  = errors.New("the file that the copy is made of could not be closed")
)

func newRun(gen *generator, d *draft, linger time.Duration) *run {
	return &run{
		gen: gen, stream: newStream(d, gen.about.Size), linger: linger, began: time.Now(),
		settled: make(chan struct{}), alive: true, toEnd: linger < 0,
	}
}

// join adds a reader; nil: the run has failed or ended, or its beginning is gone.
func (r *run) join() *reader {
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	if !r.alive {
		return nil
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	at := r.stream.attach()
	if at == nil {
		return nil
	}
	return &reader{at, r.stream, func() { r.leave(at) }}
}

// canJoin reports whether a reader might join.
func (r *run) canJoin() bool {
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	return r.alive && r.stream.canJoin()
}

// leave takes a reader away. With the last one the run ends, soon.
func (r *run) leave(at *place) {
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	r.stream.detach(at)
	r.release()
	if len(r.stream.places) == 0 && r.alive && !r.toEnd {
		r.timer = time.AfterFunc(r.linger, r.abandon)
	}
}

// abandon stops a run without readers.
func (r *run) abandon() {
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	if len(r.stream.places) == 0 && !r.toEnd && !r.stream.over.Load() {
		r.stop(errAbandoned)
	}
}

// stop fails the run, unless all is there, and ends the generator's context.
func (r *run) stop(err error) {
	r.stream.fail(err)
	r.gen.cancel()
}

// keepOn sees to it that the run goes on to its end; false: it has failed.
func (r *run) keepOn() bool {
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	r.toEnd = true
	return r.alive && r.stream.failed.Load() == nil
}

// await reports whether the copy is kept in a moment, or will never be. A kept copy
// is a file, with sendfile(2) and hand-over; there is all the rest before.
func (r *run) await(ctx context.Context) bool {
	timer := time.NewTimer(settling)
	defer timer.Stop()
	select {
	case <-r.settled:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// settling is how long a request waits, when all is there, for the copy to be kept.
// A fast disk takes that long for 256 MiB.
const settling = 100 * time.Millisecond

// produce takes the copy from the bucket, if there is one, or else from the generator.
func (r *run) produce(from *depot) error {
	var to io.Writer = r.stream
	if from != nil {
		made, err := from.fetch(r.gen.ctx, r.gen.id, r.stream.size, r.stream)
		if err == nil {
			r.made = made
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) && r.gen.ctx.Err() == nil {
			slog.WarnContext(r.gen.ctx, "downloadview: a copy cannot be taken from the bucket, it is generated",
				"err", err, "file", r.gen.about.Name)
		}
		rest := r.stream.redo()
		defer rest.done()
		to = rest
	}
	if failure := r.stream.failed.Load(); failure != nil {
		return *failure
	}
	_, err := r.gen.push(to)
	return err
}

// logFailure logs why a copy is not kept; err: why its content is not whole.
func (r *run) logFailure(err, unkept error) {
	level, message := slog.LevelWarn, "downloadview: a copy cannot be kept"
	switch {
	case errors.Is(err, errAbandoned), errors.Is(err, errClosed), errors.Is(unkept, errUnwanted), errors.Is(unkept, errUnclosed):
		level = slog.LevelDebug // no fault, or logged before
	case err != nil:
		level, message = slog.LevelError, "downloadview: generating a copy has failed, it is not kept"
	}
	slog.Log(context.WithoutCancel(r.gen.ctx), level, message, "err", unkept, "file", r.gen.about.Name, "bytes", r.stream.ready.Load())
}

// bury is the end of the goroutine.
func (r *run) bury() {
	r.gen.cancel()
	r.stream.mu.Lock()
	defer r.stream.mu.Unlock()
	r.alive = false
	if r.timer != nil {
		r.timer.Stop()
	}
	r.release()
}

// release closes the draft's file, under the lock, when it is no longer needed.
func (r *run) release() {
	if len(r.stream.places) == 0 && !r.alive {
		r.stream.draft.close()
	}
}
