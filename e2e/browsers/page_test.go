package browsers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// An example is a section of the page.
type example struct {
	ID    string
	Links []string // to its downloads, as they are written
}

// examples returns those on the page that is open.
func examples(t *testing.T, tab context.Context) []example {
	t.Helper()
	return run(t, tab, chromedp.Evaluate[[]example](`
		[...document.querySelectorAll("main section")].map(section => ({
			ID:    section.id,
			Links: [...section.querySelectorAll("a.download")].map(link => link.getAttribute("href")),
		}))`))
}

func testPage(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	var ids []string
	for _, e := range examples(t, tab) {
		ids = append(ids, e.ID)
	}
	want := []string{
		"failing", "report", "archive", "tone",
		"text", "generated", "disk", "embedded", "object", "url", "signed",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
	// Names are for people who do not see the page.
	unnamed := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll("nav, aside, section, audio, progress")]
			.filter(e => !e.ariaLabel && !document.getElementById(e.getAttribute("aria-labelledby"))?.innerText)
			.map(e => e.outerHTML.slice(0, 80))`))
	for _, element := range unnamed {
		t.Errorf("%s… has no name", element)
	}
	unfolded := run(t, tab, chromedp.Evaluate[int](`document.querySelectorAll("details[open]").length`))
	if unfolded != 0 {
		t.Errorf("%d codes are unfolded", unfolded)
	}
	// This is the first test, and a page is no download: the player waits for a click.
	do(t, tab, chromedp.Navigate(page))
	if rows := run(t, tab, chromedp.Evaluate[string](listed)); !strings.HasPrefix(rows, "none yet") {
		t.Errorf("who opens the page has downloaded %s", rows)
	}
}

// testCommands clicks on commands, which selects them whole and nothing else, and on
// the button beside each, which copies it.
func testCommands(t *testing.T, tabs context.Context, page string) {
	tab, _ := open(t, tabs, page)
	focused := emulation.SetFocusEmulationEnabledParams{Enabled: true} // else it may not read the clipboard
	if _, err := chromedp.Call(tab, emulation.SetFocusEmulationEnabled, focused); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		if _, err := chromedp.Call(tab, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
		}); err != nil {
			t.Fatal(err)
		}
	}
	commands := run(t, tab, chromedp.Evaluate[[]string](`
		[...document.querySelectorAll(".command")].map((command, i) => {
			command.id = "command-" + i
			return command.querySelector("code").textContent
		})`))
	if len(commands) < 12 {
		t.Errorf("there are %d commands", len(commands))
	}
	for i, want := range commands {
		do(t, tab, chromedp.Click(chromedp.CSS(fmt.Sprintf("#command-%d code", i))))
		if got := run(t, tab, chromedp.Evaluate[string]("getSelection().toString()")); got != want {
			t.Errorf("a click on %q selects %q", want, got)
		}
		button := fmt.Sprintf("#command-%d button", i)
		do(t, tab, chromedp.Click(chromedp.CSS(button)))
		wait(t, tab, fmt.Sprintf("document.querySelector(%q).textContent", button), func(text string) bool { return text == "Copied" })
		if got := run(t, tab, chromedp.Evaluate[string]("navigator.clipboard.readText()", chromedp.EvalAwaitPromise)); got != want {
			t.Errorf("the button beside %q copies %q", want, got)
		}
	}
}

// testDocumentation goes from the page to README.md, and on to a page of docs/.
func testDocumentation(t *testing.T, browser context.Context, page string) {
	tab, _ := open(t, browser, page)
	for _, step := range []struct{ link, title string }{
		{`nav a[href="/README.md"]`, "downloadview"},
		{`main a[href="docs/recipes.md"]`, "Recipes"},
		{`nav a[href="/docs/design.md"]`, "Design"},
		{`nav a[href="/"]`, "downloadview"},
	} {
		do(t, tab, chromedp.Click(chromedp.CSS(step.link)))
		wait(t, tab, `document.readyState === "complete" ? document.querySelector("h1")?.innerText ?? "" : ""`,
			func(title string) bool { return title == step.title })
	}
	tab, _ = open(t, browser, page+"README.md")
	pictures := run(t, tab, chromedp.Evaluate[map[string]int](`
		Object.fromEntries([...document.images].map(image => [image.src, image.naturalWidth]))`))
	if len(pictures) == 0 {
		t.Error("there is no picture in README.md")
	}
	for picture, width := range pictures {
		if width == 0 {
			t.Errorf("%s is not shown", picture)
		}
	}
}
