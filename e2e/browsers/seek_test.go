package browsers_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// seek plays the sound from its second %d until time has passed.
const seek = `(async () => {
	const audio = document.querySelector("#tone audio")
	const event = name => new Promise((resolve, reject) => {
		const fail = () => reject(new Error(audio.error.message))
		if (audio.error) fail()
		audio.addEventListener(name, resolve, {once: true})
		audio.addEventListener("error", fail, {once: true})
	})
	await audio.play() // before, it asks for nothing
	audio.currentTime = %d
	await event("seeked")
	const sought = audio.currentTime
	while (audio.currentTime <= sought) await event("timeupdate")
	audio.pause()
	return {URL: audio.currentSrc, Duration: audio.duration, Sought: sought, Played: audio.currentTime}
})()`

// testSeek goes far into the sound and plays a little from there, for which the
// browser needs what is there, but not what is before it.
func testSeek(t *testing.T, browser context.Context, page string) {
	const (
		hour   = 3600  // seconds
		target = 3000  // seconds
		second = 88200 // bytes
	)
	tab, record := open(t, browser, page)
	gesture := true // else a page may not play
	byUser := func(p *runtime.EvaluateParams) { p.UserGesture = &gesture }
	got := run(t, tab, chromedp.Evaluate[struct {
		URL                      string
		Duration, Sought, Played float64
	}](fmt.Sprintf(seek, target), chromedp.EvalAwaitPromise, byUser))

	if math.Abs(got.Duration-hour) > 0.01 {
		t.Errorf("the sound lasts %v s, want %v s", got.Duration, hour)
	}
	if math.Abs(got.Sought-target) > 0.01 {
		t.Errorf("moved to %v s, want %v s", got.Sought, target)
	}
	if got.Played > target+60 {
		t.Errorf("a little after %v s it was %v s", got.Sought, got.Played)
	}
	if !record.hasRange(got.URL, target*second, 1<<20) {
		t.Errorf("the browser did not ask for a range from about byte %d", target*second)
	}
}
