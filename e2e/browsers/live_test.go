package browsers_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// testLive downloads, and waits until the page tells by itself how that ended.
func testLive(t *testing.T, browser context.Context, page, folder string) {
	tab, _ := open(t, browser, page)
	for _, tt := range []struct{ link, want string }{
		{"/text", "/text complete"},
		{"/failing.csv", "/failing.csv broken off: the source failed"},
	} {
		download(t, tab, tt.link, folder, false)
		wait(t, tab, `document.querySelector("#downloads .last").innerText`, func(last string) bool { return last == tt.want })
	}
	do(t, tab, chromedp.Click(chromedp.CSS("#downloads summary")))
	if n := run(t, tab, chromedp.Evaluate[int](`document.querySelectorAll("#downloads li").length`)); n < 2 {
		t.Errorf("the list has %d downloads, want two at least", n)
	}
}

// testWithoutScripts looks at what there is without scripts: downloads that have
// ended before, and a link that counts down.
func testWithoutScripts(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	if _, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	get(t, page+"reader")
	do(t, tab, chromedp.Navigate(page))
	row := run(t, tab, chromedp.Evaluate[string](`document.querySelector("#downloads li code").textContent`))
	if row != "/reader" {
		t.Errorf("the last download is %q, want /reader", row)
	}
	const left = `getComputedStyle(document.querySelector("#signed .download"), "::after").getPropertyValue("--left")`
	first := run(t, tab, chromedp.Evaluate[string](left))
	wait(t, tab, left, func(now string) bool { return now != first })
	if now := run(t, tab, chromedp.Evaluate[string](left)); first > "60" || now >= first || len(now) != 2 {
		t.Errorf("the link has %q seconds left, and then %q", first, now)
	}
}

// wait evaluates an expression again and again until it is good. The page tells
// nobody when it has changed, so between two looks there is a pause.
func wait(t *testing.T, tab context.Context, expression string, good func(string) bool) {
	t.Helper()
	last := ""
	for range 200 {
		if last = run(t, tab, chromedp.Evaluate[string](expression)); good(last) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("after ten seconds, it is still %q: %s", last, expression)
}
