package browsers_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A record is what has happened on a page so far.
type record struct {
	mu         sync.Mutex
	complaints []string // on the console
	requests   []string // their URLs
	answers    []*network.Response
}

// add takes an event of the page. What happened before a command was answered
// has been added when the command returns.
func (r *record) add(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled: // the page has no scripts that might
		r.complaints = append(r.complaints, fmt.Sprintf("a call of console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		err := &chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}
		r.complaints = append(r.complaints, err.Error())
	case *log.EventEntryAdded: // by the browser: what the policy refuses, what did not load
		r.complaints = append(r.complaints, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
	case *network.EventResponseReceived:
		r.answers = append(r.answers, e.Response)
	}
}

// check fails the test for complaints, and for requests that did not go to the
// server of the page.
func (r *record) check(t *testing.T, page string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, complaint := range r.complaints {
		t.Errorf("on the console: %s", complaint)
	}
	for _, url := range r.requests {
		if !strings.HasPrefix(url, page) && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked for %s", url)
		}
	}
}

// hasRange reports whether a partial answer began at the byte at, or up to
// slack bytes before it.
func (r *record) hasRange(url string, at, slack int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.answers, func(answer *network.Response) bool {
		var first int64
		_, err := fmt.Sscanf(fmt.Sprint(answer.Headers["Content-Range"]), "bytes %d-", &first)
		return answer.URL == url && answer.Status == 206 && err == nil && first <= at && at-first <= slack
	})
}
