package origin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

// body is the content of an answer: the file from pos on.
type body struct {
	io.ReadCloser
	idle *idleTimer
	pos  int64
	end  int64 // where the content must end; -1: not known
	err  error // why no more is read
}

// stride is how much is asked for after a Seek to where the client wants nothing,
// and how much is read and dropped rather than asking again.
const stride = 64 << 10

// reaches reports whether the content at pos is still to come, and near enough not
// to ask for it.
func (b *body) reaches(pos int64) bool {
	return b.pos <= pos && pos-b.pos <= stride && (pos < b.end || b.end < 0)
}

// skipTo drops the content before pos.
func (b *body) skipTo(pos int64) error {
	_, err := io.CopyN(io.Discard, b, pos-b.pos)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Read reads content of the announced length. Its last byte is not handed over
// before it is known that nothing follows: the reader would not come back to ask.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.idle.start()
	n, err := b.ReadCloser.Read(p)
	got := b.pos + int64(n)
	if err == nil && got == b.end {
		var more [1]byte
		var m int
		m, err = io.ReadFull(b.ReadCloser, more[:])
		got += int64(m)
	}
	err = b.idle.stop(err)
	switch {
	case b.end >= 0 && got > b.end:
		n, err = 0, errors.New("more content than announced")
	case err == io.EOF && got < b.end:
		err = io.ErrUnexpectedEOF
	}
	b.pos += int64(n)
	b.err = err
	return n, err
}

// Close ends the answer. What remains of it is not wanted, so neither is an error.
func (b *body) Close() {
	_ = b.ReadCloser.Close()
	b.idle.end()
}

// idleTimer ends a request when the origin is waited for and sends nothing.
type idleTimer struct {
	ctx    context.Context // of the request
	cancel context.CancelCauseFunc
	limit  time.Duration
	timer  *time.Timer
}

// defaultIdleTimeout is for an Options.IdleTimeout of 0.
const defaultIdleTimeout = 30 * time.Second

// newIdleTimer starts to wait for as long as Options.IdleTimeout says.
func newIdleTimer(ctx context.Context, limit time.Duration) *idleTimer {
	switch {
	case limit == 0:
		limit = defaultIdleTimeout
	case limit < 0:
		limit = math.MaxInt64
	}
	t := &idleTimer{limit: limit}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	t.timer = time.AfterFunc(limit, func() {
		t.cancel(fmt.Errorf("nothing came for %v: %w", limit, os.ErrDeadlineExceeded))
	})
	return t
}

// start starts to wait.
func (t *idleTimer) start() { t.timer.Reset(t.limit) }

// stop ends the wait, which err has ended, and returns the cause of err.
func (t *idleTimer) stop(err error) error {
	t.timer.Stop()
	if err != nil && err != io.EOF && t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	return err
}

// end is called when the request is over.
func (t *idleTimer) end() {
	t.timer.Stop()
	t.cancel(nil)
}
