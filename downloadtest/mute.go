package downloadtest

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// muting is what becomes of the default logger of log/slog while tests fail on
// purpose. Several may do so at once.
var muting struct {
	sync.Mutex
	tests  int
	before *slog.Logger
	during *slog.Logger
}

// muteFailures keeps what a program logs of failures that are made on purpose
// out of its log until the test ends. All else goes the way that it went.
func muteFailures(t *testing.T) {
	muting.Lock()
	defer muting.Unlock()
	if muting.tests++; muting.tests == 1 {
		h := &muteHandler{slog.Default().Handler(), new(atomic.Bool)}
		muting.before, muting.during = slog.Default(), slog.New(h)
		setDefault(muting.during)
		h.ready.Store(true)
	}
	t.Cleanup(func() {
		muting.Lock()
		defer muting.Unlock()
		if muting.tests--; muting.tests == 0 && slog.Default() == muting.during { // else somebody else has exchanged it
			setDefault(muting.before)
		}
	})
}

// setDefault exchanges the default logger of log/slog, and leaves package
// log as it is.
func setDefault(logger *slog.Logger) {
	out, flags := log.Writer(), log.Flags()
	slog.SetDefault(logger)
	log.SetOutput(out)
	log.SetFlags(flags)
}

// muteHandler drops records of failures on purpose.
type muteHandler struct {
	slog.Handler
	// ready is false for the moment in which package log writes to this
	// handler, which may be the one of log/slog that writes to package log.
	ready *atomic.Bool
}

func (h *muteHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.ready.Load() && h.Handler.Enabled(ctx, level)
}

func (h *muteHandler) Handle(ctx context.Context, record slog.Record) error {
	isOnPurpose := strings.Contains(record.Message, errOnPurpose.Error())
	record.Attrs(func(attr slog.Attr) bool {
		isOnPurpose = isOnPurpose || strings.Contains(attr.Value.String(), errOnPurpose.Error())
		return !isOnPurpose
	})
	if isOnPurpose {
		return nil
	}
	return h.Handler.Handle(ctx, record)
}

func (h *muteHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &muteHandler{h.Handler.WithAttrs(attrs), h.ready}
}

func (h *muteHandler) WithGroup(name string) slog.Handler {
	return &muteHandler{h.Handler.WithGroup(name), h.ready}
}
