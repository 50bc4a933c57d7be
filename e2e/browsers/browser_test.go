package browsers_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// findChromium skips the test where there is none, but not on a build machine.
func findChromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("CI=true, so Chromium has to be here: %v", err)
	case err != nil:
		t.Skipf("this test needs Chromium: %v", err)
	}
	return path
}

// startBrowser returns the context of a browser without a window; contexts made
// from it are tabs. The browser has an empty profile, asks for nothing on its
// own account, and reaches no host but this one.
func startBrowser(ctx context.Context, t *testing.T, chromium string) context.Context {
	t.Helper()
	home := t.TempDir()
	ctx, stop := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(chromium),
		chromedp.Env("HOME="+home),
		chromedp.UserDataDir(filepath.Join(home, "profile")),
		chromedp.Headless,
		chromedp.NoSandbox, // containers do not let it make one
		chromedp.NoFirstRun,
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx) // the first use starts it
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("ending the browser: %v", err)
		}
	})
	return ctx
}

// open opens a page in a tab of its own, and waits until it has loaded. To the
// end of the test the page may not complain, nor ask another server.
func open(t *testing.T, browser context.Context, page string) (context.Context, *record) {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	r := new(record)
	t.Cleanup(func() {
		closeTab()
		r.check(t, origin.FindString(page))
	})
	if err := chromedp.Listen(tab, r.add); err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.Navigate(page))
	return tab, r
}

var origin = regexp.MustCompile("^http://[^/]*/")

// do is chromedp.Do, and fails the test.
func do(t *testing.T, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, actions...); err != nil {
		t.Fatal(err)
	}
}

// run is chromedp.Run, and fails the test.
func run[T any](t *testing.T, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	result, err := chromedp.Run(tab, action)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
