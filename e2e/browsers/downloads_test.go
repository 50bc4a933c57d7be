package browsers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// large downloads are not taken whole.
const large = 64 << 20

// testDownloads clicks each link, and wants in the folder what a plain client
// gets: the same bytes under the same name, or nothing, if they are not all.
func testDownloads(t *testing.T, browser context.Context, page, folder string) {
	tab, _ := open(t, browser, page)
	for i := range examples(t, tab) {
		tab, _ := open(t, browser, page) // from one tab, a browser begins no more than ten downloads a second
		e := examples(t, tab)[i]
		if len(e.Links) == 0 {
			t.Errorf("the example %q has no link", e.ID)
		}
		for _, link := range e.Links {
			t.Run(strings.TrimPrefix(link, "/"), func(t *testing.T) {
				folder, err := os.MkdirTemp(folder, e.ID)
				if err != nil {
					t.Fatal(err)
				}
				want := get(t, strings.TrimSuffix(page, "/")+link)
				name, end := download(t, tab, link, folder, want.size > large)
				if name != want.name {
					t.Errorf("the browser calls it %q, a plain client %q", name, want.name)
				}
				switch {
				case want.size > large:
					if int64(end.TotalBytes) != want.size {
						t.Errorf("the browser expects %.f bytes, a plain client %d", end.TotalBytes, want.size)
					}
				case link == "/orders.csv":
					checkFailure(t, want, folder, end)
				default:
					checkSuccess(t, want, folder, end)
				}
			})
		}
	}
}

func checkSuccess(t *testing.T, want answer, folder string, end browser.EventDownloadProgress) {
	t.Helper()
	if want.err != nil || end.State != browser.DownloadProgressStateCompleted {
		t.Fatalf("a plain client gets error %v, in the browser it is %s", want.err, end.State)
	}
	got, err := os.ReadFile(filepath.Join(folder, want.name))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 || !bytes.Equal(got, want.body) {
		t.Errorf("the browser saved %d bytes, other than the %d bytes of a plain client", len(got), len(want.body))
	}
}

func checkFailure(t *testing.T, want answer, folder string, end browser.EventDownloadProgress) {
	t.Helper()
	broken := errors.Is(want.err, io.ErrUnexpectedEOF) || errors.Is(want.err, syscall.ECONNRESET)
	if !broken || len(want.body) == 0 {
		t.Errorf("a plain client gets %d bytes and error %v", len(want.body), want.err)
	}
	if end.State != browser.DownloadProgressStateCanceled {
		t.Errorf("in the browser it is %s", end.State)
	}
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if filepath.Ext(file.Name()) != ".crdownload" { // what is unfinished
			t.Errorf("%s looks complete", file.Name())
		}
	}
}

// An answer is what a plain client gets.
type answer struct {
	name string
	size int64  // -1 if unknown
	body []byte // not of a large one
	err  error  // reading the body
}

func get(t *testing.T, url string) answer {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	if resp.StatusCode != http.StatusOK || err != nil {
		t.Fatalf("%s: status %d, Content-Disposition: %v", url, resp.StatusCode, err)
	}
	a := answer{name: params["filename"], size: resp.ContentLength}
	if a.size <= large {
		a.body, a.err = io.ReadAll(resp.Body)
	}
	return a
}

// download clicks a link. It returns the name that the browser gives the file,
// and the last that it says of the download, which is cancelled as soon as it
// has begun if cancelled is set.
func download(t *testing.T, tab context.Context, link, folder string, cancelled bool) (name string, end browser.EventDownloadProgress) {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, 30*time.Second)
	defer stop()
	events := true
	if _, err := chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior:      browser.SetDownloadBehaviorBehaviorAllow,
		DownloadPath:  folder,
		EventsEnabled: &events,
	}); err != nil {
		t.Fatal(err)
	}
	progress := chromedp.Events(ctx, browser.DownloadProgress)
	selector := fmt.Sprintf("main a.download[href=%q]", link)
	// Away from what sticks to the bottom of the window, where a click would be on that.
	do(t, ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).scrollIntoView({block: 'center'})", selector)))
	begin, err := chromedp.Run(ctx, chromedp.WaitEvent(browser.DownloadWillBegin, nil, chromedp.Click(chromedp.CSS(selector))))
	if err != nil {
		t.Fatalf("a click on the link begins no download: %v", err)
	}
	if cancelled {
		if _, err := chromedp.Call(ctx, browser.CancelDownload, browser.CancelDownloadParams{GUID: begin.GUID}); err != nil {
			t.Fatal(err)
		}
	}
	for end, err := range progress {
		if err != nil {
			t.Fatalf("the download does not end: %v", err)
		}
		if end.GUID == begin.GUID && end.State != browser.DownloadProgressStateInProgress {
			return begin.SuggestedFilename, end
		}
	}
	t.Fatal("the browser has gone")
	return
}
