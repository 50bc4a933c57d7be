package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentation follows the links of all pages to where they lead in the demo.
func TestDocumentation(t *testing.T) {
	srv := newTestServer(t)
	link := regexp.MustCompile(`<(?:a|img) (?:href|src)="([^"]*)"`)
	pages := map[string]string{} // by path
	load := func(path string) string {
		if _, known := pages[path]; !known {
			resp, body := get(t, srv.URL+path, nil)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d", path, resp.StatusCode)
			}
			pages[path] = string(body)
		}
		return pages[path]
	}
	queue, seen := []string{"/README.md"}, map[string]bool{"/README.md": true}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		for _, match := range link.FindAllStringSubmatch(load(path), -1) {
			target, err := url.Parse(html.UnescapeString(match[1]))
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if target.IsAbs() {
				if target.Scheme != "https" {
					t.Errorf("%s: link to %s", path, target)
				}
				continue
			}
			target = (&url.URL{Path: path}).ResolveReference(target)
			if target.Path == "/" {
				continue // the page of examples has tests of its own
			}
			page := load(target.Path)
			if target.Fragment != "" && !strings.Contains(page, `id="`+target.Fragment+`"`) {
				t.Errorf("%s: link to %s, which has nothing of that id", path, target)
			}
			if strings.HasSuffix(target.Path, ".md") && !seen[target.Path] {
				seen[target.Path] = true
				queue = append(queue, target.Path)
			}
		}
	}
	for _, want := range []string{"/README.md", "/CHANGELOG.md", "/CONTRIBUTING.md", "/docs/virtual.md", "/docs/design.md"} {
		if !seen[want] {
			t.Errorf("no page links to %s", want)
		}
	}
	for _, want := range []string{
		"<h1 id=\"your-own-view\">Your own view</h1>", "<table>", `<span class="keyword">func</span>`,
		`aria-current="page">Your own view</a>`,
	} {
		if !strings.Contains(pages["/docs/custom.md"], want) {
			t.Errorf("/docs/custom.md does not have %s", want)
		}
	}
}

func TestLinksOfPages(t *testing.T) {
	const repository = "https://github.com/go-downloadview/downloadview/blob/main/"
	for _, tt := range []struct{ page, link, want, reason string }{
		{"README.md", "docs/path.md", "docs/path.md", "a page"},
		{"docs/http.md", "custom.md#options", "custom.md#options", "a part of a page"},
		{"docs/http.md", "#conditions", "#conditions", "a part of this page"},
		{"docs/http.md", "../cmd/demo/unicode.go", "../cmd/demo/unicode.go", "source of the demo"},
		{"README.md", "cmd/demo", "cmd/demo", "the demo"},
		{"docs/storage.md", "../storage/gcblob/doc.go", repository + "storage/gcblob/doc.go", "source that is not here"},
		{"README.md", "https://go.dev/", "https://go.dev/", "elsewhere"},
	} {
		if got := destination(tt.page, tt.link); got != tt.want {
			t.Errorf("%s, on %s: %s leads to %s, want %s", tt.reason, tt.page, tt.link, got, tt.want)
		}
	}
}

func TestNoSuchPage(t *testing.T) {
	srv := newTestServer(t)
	for _, path := range []string{"/docs/nothing.md", "/docs/docs_test.go", "/nothing.md", "/cmd/demo/nothing.go", "/docs/"} {
		if status := head(t, srv.URL+path); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, status)
		}
	}
}
