package browsers_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "`directory` for screenshots of the pages")

// widths are those of a laptop and of a phone, in CSS pixels.
var widths = []int64{1280, 390}

// testSchemes looks at pages as people see them who prefer light, or dark, on a
// wide screen and on a narrow one.
func testSchemes(t *testing.T, browser context.Context, page string) {
	for _, p := range []struct{ name, path string }{
		{"demo", ""},
		{"readme", "README.md"},
		{"docs", "docs/custom.md"},
		{"report", "report"},
	} {
		tab, _ := open(t, browser, page+p.path)
		for _, width := range widths {
			do(t, tab, chromedp.EmulateViewport(width, 900))
			checkFits(t, tab, fmt.Sprintf("/%s at %d px", p.path, width))
			for _, scheme := range []struct {
				name     string
				min, max uint8 // brightness of the paper
			}{
				{"light", 230, 255},
				{"dark", 0, 40},
			} {
				prefer(t, tab, scheme.name)
				shot := run(t, tab, chromedp.FullScreenshot(100)) // of a quality that means PNG
				if *screenshots != "" {
					file := fmt.Sprintf("%s-%s-%d.png", p.name, scheme.name, width)
					if err := os.WriteFile(filepath.Join(*screenshots, file), shot, 0o644); err != nil {
						t.Error(err)
					}
				}
				picture, err := png.Decode(bytes.NewReader(shot))
				if err != nil {
					t.Fatal(err)
				}
				corner := color.GrayModel.Convert(picture.At(0, 0)).(color.Gray).Y
				if corner < scheme.min || corner > scheme.max {
					t.Errorf("/%s: in the %s scheme, the paper has brightness %d, want %d to %d",
						p.path, scheme.name, corner, scheme.min, scheme.max)
				}
			}
		}
	}
}

// prefer sets the scheme that pages are told somebody prefers.
func prefer(t *testing.T, tab context.Context, scheme string) {
	t.Helper()
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		t.Fatal(err)
	}
}

// checkFits fails the test where the page or a button is wider than the screen, or
// where code wraps inside a word.
func checkFits(t *testing.T, tab context.Context, where string) {
	t.Helper()
	tooWide := run(t, tab, chromedp.Evaluate[[]string](`
		[document.documentElement, ...document.querySelectorAll(".download, button")]
			.filter(e => e.scrollWidth > e.clientWidth && e.clientWidth > 0)
			.map(e => e.tagName + ": " + e.textContent.slice(0, 60))
			.concat([...document.querySelectorAll("pre code, samp")].flatMap(e => [...e.childNodes].flatMap(text =>
				[...text.nodeName === "#text" ? text.data.matchAll(/\S+/g) : []].filter(word => {
					const range = new Range()
					range.setStart(text, word.index)
					range.setEnd(text, word.index + word[0].length)
					return range.getClientRects().length > 1 // one for each line
				}).map(String))))`))
	for _, what := range tooWide {
		t.Errorf("%s: too wide, or broken inside a word: %s", where, what)
	}
}
