package browsertest_test

import (
	"bytes"
	"context"
	"flag"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "`directory` for screenshots of the page")

// testSchemes looks at the page as people see it who prefer light, or dark.
func testSchemes(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	do(t, tab, chromedp.EmulateViewport(1100, 900))
	for _, tt := range []struct {
		scheme   string
		min, max uint8 // brightness of the paper
	}{
		{"light", 230, 255},
		{"dark", 0, 40},
	} {
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: tt.scheme}},
		}); err != nil {
			t.Fatal(err)
		}
		shot := run(t, tab, chromedp.FullScreenshot(100)) // of a quality that means PNG
		if *screenshots != "" {
			if err := os.WriteFile(filepath.Join(*screenshots, "demo-"+tt.scheme+".png"), shot, 0o644); err != nil {
				t.Error(err)
			}
		}
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		corner := color.GrayModel.Convert(picture.At(0, 0)).(color.Gray).Y
		if corner < tt.min || corner > tt.max {
			t.Errorf("in the %s scheme, the paper has brightness %d, want %d to %d", tt.scheme, corner, tt.min, tt.max)
		}
	}
}
