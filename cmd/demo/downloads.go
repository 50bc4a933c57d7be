package main

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/response"
)

// downloadLog has the last downloads, the newest first. It is safe for concurrent
// use.
type downloadLog struct {
	mu   sync.Mutex
	last []ended
}

// ended is a download that has ended.
type ended struct {
	At         time.Time
	Path       string
	Class, How string
	response.Outcome
}

// note adds a download, and ignores HEAD.
func (l *downloadLog) note(r *http.Request, o response.Outcome) {
	if r.Method != http.MethodGet {
		return
	}
	class, how := "well", o.Ending.String()
	switch {
	case o.Ending == response.ClientLeft:
		class, how = "left", "the client left"
	case o.Ending == response.Failed && o.Bytes > 0:
		class, how = "failed", "broken off: the source failed"
	case o.Ending > response.ClientLeft || o.Ending == response.Refused:
		class = "failed"
	case o.Status == http.StatusPartialContent:
		how = "a part, complete"
	case o.Status == http.StatusFound:
		how = "sent to a link"
	}
	l.add(ended{time.Now(), r.URL.Path, class, how, o})
}

// copyOrders notes what can be known of a handler that is no view: that it returned.
func (l *downloadLog) copyOrders(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	copyOrders(w, r)
	l.add(ended{began, r.URL.Path, "failed", "looks complete, with 60,000 of 100,000 rows",
		response.Outcome{Status: http.StatusOK, Bytes: -1, Duration: time.Since(began)}})
}

func (l *downloadLog) add(e ended) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = slices.Insert(l.last, 0, e)[:min(len(l.last)+1, 12)]
}

// all returns a copy.
func (l *downloadLog) all() []ended {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last)
}
