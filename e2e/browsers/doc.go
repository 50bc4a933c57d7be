// Package browsers holds tests of the demo in a real browser, Chromium: the
// page, its downloads, one that the network cuts and the browser resumes, the
// exports that fail, a report with its progress, and a sound in which to seek.
//
//	cd e2e/browsers && go test -count=1
//
// (-count=1, because go test cannot see that the demo has changed.) Look at the
// page as the browser draws it, light and dark:
//
//	go test -count=1 -run Demo/schemes -screenshots /tmp
//
// The tests build the demo and serve it on a loopback address. They need a
// program chromium on PATH, Debian's package of that name; without one they are
// skipped, or fail where the environment says CI=true.
//
// It is a separate module, so that the library does not depend on the driver of the
// browser.
package browsers
