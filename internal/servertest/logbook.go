package servertest

import (
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// LogBook has the log, a line for each record.
type LogBook struct {
	mu      sync.Mutex
	records []string
}

// CaptureLog collects what the default logger of log/slog gets, at any level,
// until the test ends. Such a test must not be parallel.
func CaptureLog(t testing.TB) *LogBook {
	book, logger := &LogBook{}, slog.Default()
	out, flags := log.Writer(), log.Flags() // SetDefault takes these, too
	slog.SetDefault(slog.New(slog.NewTextHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(out)
		log.SetFlags(flags)
	})
	return book
}

// Write takes one record, which is how [slog.TextHandler] writes.
func (b *LogBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records = append(b.records, string(p))
	return len(p), nil
}

// Lines returns the records since the beginning, or the last Reset.
func (b *LogBook) Lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.records...)
}

// String returns all lines in one.
func (b *LogBook) String() string { return strings.Join(b.Lines(), "") }

// Reset forgets all records.
func (b *LogBook) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records = nil
}
