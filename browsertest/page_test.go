package browsertest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// atLeast are the IDs of examples that have to be there. The demo may have more.
var atLeast = []string{
	"text", "reader", "generated", "not-modified", "unicode", "picture", "tone",
	"disk", "greetings", "documents", "proxy", "failing",
}

// An example is a section of the page.
type example struct {
	ID, Title string
	Links     []string // to its downloads, as they are written
}

// examples returns those on the page that is open.
func examples(t *testing.T, tab context.Context) []example {
	t.Helper()
	return run(t, tab, chromedp.Evaluate[[]example](`
		[...document.querySelectorAll("main section")].map(section => ({
			ID:    section.id,
			Title: section.querySelector("h2").innerText,
			Links: [...new Set([...section.querySelectorAll("a.download")].map(link => link.getAttribute("href")))],
		}))`))
}

func testPage(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)

	var ids, links []string
	for _, e := range examples(t, tab) {
		ids = append(ids, e.ID)
		links = append(links, "#"+e.ID+" "+e.Title)
	}
	contents := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll("nav.contents a")].map(link => link.hash + " " + link.innerText)`))
	if diff := cmp.Diff(contents, links); diff != "" {
		t.Errorf("examples (-in the table of contents +on the page):\n%s", diff)
	}
	for _, id := range atLeast {
		if !slices.Contains(ids, id) {
			t.Errorf("the page does not show the example %q", id)
		}
	}

	widths := run(t, tab, chromedp.Evaluate[map[string]int](`
		Object.fromEntries([...document.images].map(image => [image.src, image.naturalWidth]))`))
	if len(widths) == 0 {
		t.Error("there is no picture on the page")
	}
	for picture, width := range widths {
		if width == 0 {
			t.Errorf("%s is not shown", picture)
		}
	}
}
