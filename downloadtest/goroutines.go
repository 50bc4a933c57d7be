package downloadtest

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"
)

// testGoroutines: no request leaves a goroutine behind, not even one that the
// client leaves, or one that fails.
//
// A view may keep some: idle connections to a storage, workers. So there may be
// a few, but not as many as requests of any kind.
func testGoroutines(t *testing.T, s *subject) {
	const requests = 10
	half := int64(len(s.whole.body) / 2)
	servers := []*server{s.server}
	if s.view != nil {
		servers = append(servers, s.serveWatched(t, failAfter(half, s.view)))
	}
	for range requests {
		s.server.ask(t, http.MethodGet)
		s.server.leave(t, half)
		for _, failing := range servers[1:] {
			failing.try(t, http.MethodGet)
		}
	}
	for _, server := range servers {
		server.wait(t)
	}
	// A goroutine that was told to end needs a moment, and nothing tells when
	// it has.
	var left int
	var stacks string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if left, stacks = goroutines(servers); left < requests {
			return
		}
	}
	t.Errorf("%d downloads, as many that the client left midway, and as many of a view that failed there, have left %d goroutines:\n%s",
		requests, left, stacks)
}

// goroutines returns the number and the stacks of the goroutines that a handler of
// one of servers has started, directly or not. Goroutines of other tests are not
// counted.
func goroutines(servers []*server) (n int, stacks string) {
	var profile bytes.Buffer
	// The text format: groups of equal stacks, each "count @ addresses", a
	// line with the labels, the stack, an empty line.
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return 0, ""
	}
	isMarked := func(group string) bool {
		return slices.ContainsFunc(servers, func(s *server) bool {
			return strings.Contains(group, fmt.Sprintf("%q:%q", labelKey, s.label))
		})
	}
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		if !isMarked(group) {
			continue
		}
		count := 0
		for line := range strings.SplitSeq(group, "\n") {
			if _, err := fmt.Sscanf(line, "%d @", &count); err == nil {
				break // the first group comes after another line
			}
		}
		n += count
		stacks += group + "\n\n"
	}
	return n, stacks
}
