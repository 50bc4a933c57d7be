package browsers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// listed are the last downloads, a line each.
const listed = `[...document.querySelectorAll("#downloads li")].map(row => row.innerText.replaceAll("\n", " ")).join("\n")`

// testLive downloads, and waits until the page tells by itself how that ended.
func testLive(t *testing.T, browser context.Context, page, folder string) {
	tab, _ := open(t, browser, page)
	for _, tt := range []struct{ link, listed, outcome, says string }{
		{"/text", "/text complete", "", ""},
		{"/copy.csv", "/copy.csv looks complete", "#copied", "calls it complete"},
		{"/orders.csv", "/orders.csv broken off", "#viewed", "calls it failed"},
	} {
		download(t, tab, tt.link, folder, false)
		wait(t, tab, listed, func(rows string) bool { return strings.Contains(rows, tt.listed) })
		if tt.outcome != "" {
			wait(t, tab, `document.querySelector("`+tt.outcome+`").innerText`, func(text string) bool { return strings.Contains(text, tt.says) })
		}
	}
}

// testReport starts a report by the form, and looks at how the page shows its
// progress until it fails, and then until it has finished.
func testReport(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	const progress = `document.querySelector("#progress").innerText`
	// In this tab: a new one would be nobody's in this test.
	do(t, tab, chromedp.Evaluate[chromedp.Void](`document.querySelector("#report form").target = ""`))
	do(t, tab, chromedp.Click(chromedp.CSS(`#report button[name="fail"]`)))
	wait(t, tab, "location.pathname", func(path string) bool { return path == "/report" })
	wait(t, tab, progress, func(text string) bool { return strings.Contains(text, "Running since") })
	wait(t, tab, progress, func(text string) bool { return strings.Contains(text, "Failed at") })

	post(t, page+"report")
	do(t, tab, chromedp.Navigate(page))
	const value = `String(document.querySelector("#progress progress")?.value)`
	first := run(t, tab, chromedp.Evaluate[string](value))
	wait(t, tab, value, func(now string) bool { return now != first && now != "undefined" })
}

// testWithoutScripts looks at the page without scripts: it lists downloads that
// ended before, and the page that follows a report loads itself again.
func testWithoutScripts(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	if _, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	get(t, page+"disk/main.go")
	do(t, tab, chromedp.Navigate(page))
	if rows := run(t, tab, chromedp.Evaluate[string](listed)); !strings.Contains(rows, "/disk/main.go complete") {
		t.Errorf("the last downloads are %q, want /disk/main.go among them", rows)
	}
	if n := run(t, tab, chromedp.Evaluate[int](`document.querySelectorAll(".command button").length`)); n != 0 {
		t.Errorf("%d buttons that would not work", n)
	}
	post(t, page+"report")
	do(t, tab, chromedp.Navigate(page+"report"))
	wait(t, tab, `document.querySelector("#progress")?.innerText ?? ""`, func(text string) bool { return strings.Contains(text, "Finished at") })
}

// post posts an empty form, as somebody else may do meanwhile.
func post(t *testing.T, address string) {
	t.Helper()
	resp, err := http.PostForm(address, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// wait evaluates an expression again and again until it is good. The page does not
// tell when it has changed, so between two looks there is a pause. While a page
// loads itself again, an expression has no document and fails.
func wait(t *testing.T, tab context.Context, expression string, good func(string) bool) {
	t.Helper()
	last, err := "", error(nil)
	for range 400 {
		if last, err = chromedp.Run(tab, chromedp.Evaluate[string](expression)); err == nil && good(last) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("after twenty seconds, it is still %q (%v): %s", last, err, expression)
}
