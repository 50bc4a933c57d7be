package browsers_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// atLeast are the IDs of examples that have to be there. The demo may have more.
var atLeast = []string{
	"text", "reader", "generated", "not-modified", "signed", "unicode", "picture", "tone",
	"disk", "greetings", "documents", "archive", "report", "proxy", "failing",
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

	checkPictures(t, tab)
	twice := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll(".download .name")].map(name => name.innerText)
			.filter((name, i, all) => all.indexOf(name) !== i)`))
	for _, name := range twice {
		t.Errorf("there are two buttons for %s", name)
	}
	// What people find their way by who do not see the page.
	unnamed := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll("nav, aside, section, audio, img")]
			.filter(e => !e.alt && !e.ariaLabel && !document.getElementById(e.getAttribute("aria-labelledby"))?.innerText)
			.map(e => e.outerHTML.slice(0, 80))`))
	for _, element := range unnamed {
		t.Errorf("%s… has no name", element)
	}
}

// checkPictures fails the test for pictures that are not shown.
func checkPictures(t *testing.T, tab context.Context) {
	t.Helper()
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

// testCommands clicks on commands, which selects them whole and nothing else.
func testCommands(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	commands := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll(".command")].map((command, i) => {
			command.id = "command-" + i
			return command.textContent
		})`))
	if len(commands) < len(atLeast) {
		t.Errorf("there are %d commands for %d examples", len(commands), len(atLeast))
	}
	for i, want := range commands {
		do(t, tab, chromedp.Click(chromedp.CSS(fmt.Sprintf("#command-%d", i))))
		if got := run(t, tab, chromedp.Evaluate[string]("getSelection().toString()")); got != want {
			t.Errorf("a click on %q selects %q", want, got)
		}
	}
}

// testDocumentation goes from the page to README.md, and on to a page of docs/.
func testDocumentation(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	for _, step := range []struct{ link, title string }{
		{`nav a[href="/README.md"]`, "downloadview"},
		{`main a[href="docs/virtual.md"]`, "Virtual downloads"},
		{`nav a[href="/docs/design.md"]`, "Design"},
		{`.home a`, "downloadview"},
		{`#unicode figcaption a`, "unicode.go"},
	} {
		do(t, tab, chromedp.Click(chromedp.CSS(step.link)))
		wait(t, tab, `document.readyState === "complete" ? document.querySelector("h1")?.innerText ?? "" : ""`,
			func(title string) bool { return title == step.title })
	}
}
