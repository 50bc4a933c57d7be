package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// downloadLog has the last downloads, the newest first. It is safe for concurrent
// use.
type downloadLog struct {
	mu   sync.Mutex
	last []ended
}

// ended is a download that has ended.
type ended struct {
	At     time.Time
	Path   string
	Status int
	Bytes  int64
	Took   time.Duration
	ending
}

// An ending is how a download ended, and the class that it is shown in.
type ending struct{ Class, How string }

// Seconds returns how long it took.
func (e ended) Seconds() string { return fmt.Sprintf("%.2f s", e.Took.Seconds()) }

// keep is how many downloads the log has.
const keep = 12

// watch returns v with its downloads noted.
func (l *downloadLog) watch(v view) view {
	views.AsView(v) // panics if v cannot work, which would not be seen from around it
	return watched{v, l}
}

type watched struct {
	view
	log *downloadLog
}

// GetOptions are those of the view, and OnDone.
func (v watched) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.view.GetOptions(r, file)
	opts.OnDone = v.log.note
	return opts
}

// note adds a download, but not a HEAD, which is none.
func (l *downloadLog) note(r *http.Request, o response.Outcome) {
	if r.Method != http.MethodGet {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = slices.Insert(l.last, 0, ended{
		time.Now(), r.URL.Path, o.Status, o.Bytes, o.Duration, endingOf(o),
	})
	l.last = l.last[:min(len(l.last), keep)]
}

// all returns a copy.
func (l *downloadLog) all() []ended {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last)
}

// endingOf says how a download ended, without the text of an error: that is for
// the server's log, not for clients.
func endingOf(o response.Outcome) ending {
	switch o.Ending {
	case response.HandedOver:
		return ending{"well", "handed over to the front server"}
	case response.ClientLeft:
		return ending{"left", "the client left"}
	case response.Refused:
		return ending{"failed", "refused: " + http.StatusText(o.Status)}
	case response.NotModified:
		return ending{"well", "not modified"}
	case response.Complete:
	default:
		if o.Status >= 400 {
			return ending{"failed", "refused: " + http.StatusText(o.Status)}
		}
		return ending{"failed", "broken off: the source failed"}
	}
	switch {
	case o.Status == http.StatusPartialContent:
		return ending{"well", "a part, complete"}
	case o.Status >= 300:
		return ending{"well", "sent to a link"}
	}
	return ending{"well", "complete"}
}
