package main

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	attribute = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	button    = regexp.MustCompile(`<a class="download" href="([^"]*)" download>([^<]*)</a>`)
	command   = regexp.MustCompile(`<pre class="command"><code>([^<]*)</code><samp>([^<]*)</samp></pre>`)
)

func TestPage(t *testing.T) {
	srv := newTestDemo(t)
	_, page := get(t, srv.URL, nil)
	for _, match := range attribute.FindAllStringSubmatch(page, -1) {
		link := html.UnescapeString(match[1])
		switch {
		case strings.HasPrefix(link, "data:"):
		case strings.HasPrefix(link, "#"):
			if !strings.Contains(page, `id="`+link[1:]+`"`) {
				t.Errorf("link to %s: nothing on the page has that id", link)
			}
		case !strings.HasPrefix(link, "/"):
			t.Errorf("link to %s: the page takes nothing from elsewhere", link)
		default:
			if resp, err := http.Head(srv.URL + link); err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("link to %s: %v, %v", link, resp.Status, err)
			}
		}
	}
	names := map[string]string{}
	for _, match := range button.FindAllStringSubmatch(page, -1) {
		path, name := html.UnescapeString(match[1]), html.UnescapeString(match[2])
		if names[name] != "" {
			t.Errorf("two buttons for %s", name)
		}
		names[name] = path
		resp, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Content-Disposition"); !strings.Contains(got, name) && !strings.Contains(got, url.PathEscape(name)) {
			t.Errorf("%s: Content-Disposition %s, but the button says %s", path, got, name)
		}
	}
	if sections, codes := strings.Count(page, "<section"), strings.Count(page, "<summary>Code<"); sections != 11 || codes != 12 || len(names) != 13 {
		t.Errorf("%d examples with %d codes and %d buttons", sections, codes, len(names))
	}
}

func TestPolicy(t *testing.T) {
	srv := newTestDemo(t)
	for _, path := range []string{"/", "/report", "/README.md", "/docs/custom.md", "/cmd/demo/main.go"} {
		resp, body := get(t, srv.URL+path, nil)
		if got := resp.Header.Get("Content-Security-Policy"); got != policy || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "inline") {
			t.Errorf("%s: Content-Security-Policy %q, or not shown in the browser", path, got)
		}
		page := strings.ReplaceAll(body, `<script type="module" src="/page.js"></script>`, "")
		for _, refused := range []string{"<script", "<style", " style=", " onclick="} {
			if strings.Contains(page, refused) {
				t.Errorf("%s has %q, which its policy refuses", path, refused)
			}
		}
	}
	resp, err := http.DefaultClient.Do(func() *http.Request {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/report", nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		return r
	}())
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site starts a report: %v, %v", resp.Status, err)
	}
}

// TestCommands runs the commands of the page, and looks for the line that stands
// below each in what it prints: the whole line, or up to an ellipsis. It does so
// twice in the same directory, since people try things twice.
func TestCommands(t *testing.T) {
	find(t, "curl")
	shell := find(t, "sh")
	srv := newTestDemo(t)
	_, page := get(t, srv.URL, nil)
	commands := command.FindAllStringSubmatch(page, -1)
	if len(commands) < 12 {
		t.Errorf("%d commands", len(commands))
	}
	dir := t.TempDir()
	for _, match := range slices.Concat(commands, commands) {
		line, want := html.UnescapeString(match[1]), html.UnescapeString(match[2])
		cmd := exec.CommandContext(t.Context(), shell, "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "LC_ALL=C.UTF-8")
		out, err := cmd.Output()
		if err != nil && !strings.Contains(line, "| tar") { // which gets a part
			t.Errorf("%s: %v", line, err)
		}
		want, isPart := strings.CutSuffix(want, "…")
		if !slices.ContainsFunc(strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' || r == '\r' }), func(got string) bool {
			return strings.TrimSpace(got) == want || isPart && strings.HasPrefix(got, want)
		}) {
			t.Errorf("%s\ndoes not print the line %q:\n%.800s", line, want, out)
		}
	}
}

// TestExcerpts holds all marks in the source to what the page shows.
func TestExcerpts(t *testing.T) {
	srv := newTestDemo(t)
	_, page := get(t, srv.URL, nil)
	page = html.UnescapeString(regexp.MustCompile(`</?span[^>]*>`).ReplaceAllString(page, ""))
	names, _ := embedded.ReadDir(".")
	for _, name := range names {
		source, err := embedded.ReadFile(name.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(source), "\n//demo:")[1:] {
			mark, code, _ := strings.Cut(part, "\n")
			if mark != "end" && !strings.Contains(page, strings.TrimSpace(code)) {
				t.Errorf("%s: the page does not show %s, or it does not end", name.Name(), mark)
			}
		}
	}
}

// TestDocumentation follows the links of all pages to where they lead in the demo,
// and looks for Markdown that is still there.
func TestDocumentation(t *testing.T) {
	srv := newTestDemo(t)
	pages := map[string]string{} // by path
	load := func(path string) string {
		if _, known := pages[path]; !known {
			resp, body := get(t, srv.URL+path, nil)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d", path, resp.StatusCode)
			}
			pages[path] = body
		}
		return pages[path]
	}
	link := regexp.MustCompile(`<(?:a|img) (?:href|src)="([^"]*)"`)
	queue, seen := []string{"/README.md"}, map[string]bool{"/README.md": true}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		for _, match := range link.FindAllStringSubmatch(load(path), -1) {
			target, err := url.Parse(html.UnescapeString(match[1]))
			if err != nil || target.IsAbs() && target.Scheme != "https" && target.Scheme != "http" {
				t.Errorf("%s: link to %s, %v", path, match[1], err)
				continue
			}
			target = (&url.URL{Path: path}).ResolveReference(target)
			if target.IsAbs() || target.Path == "/" || target.Path == "/cmd/demo" {
				continue
			}
			if page := load(target.Path); target.Fragment != "" && !strings.Contains(page, `id="`+target.Fragment+`"`) {
				t.Errorf("%s: link to %s, which has nothing of that id", path, target)
			}
			if strings.HasSuffix(target.Path, ".md") && !seen[target.Path] {
				seen[target.Path] = true
				queue = append(queue, target.Path)
			}
		}
	}
	for _, l := range documents() {
		if !seen[l.Path] {
			t.Errorf("README.md does not lead to %s", l.Path)
		}
	}
	if len(seen) < 20 {
		t.Errorf("%d pages", len(seen))
	}
	code := regexp.MustCompile(`(?s)<(code|title)>.*?</(code|title)>`)
	left := regexp.MustCompile("(?m)\\]\\(|\\*\\*|`|^#|^\\||\\*\\w|^- |^\\d+\\. |\x01")
	for path := range seen {
		if found := left.FindString(code.ReplaceAllString(pages[path], "x")); found != "" {
			t.Errorf("%s still has %q", path, found)
		}
	}
}
