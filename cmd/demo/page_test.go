package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	attribute = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	button    = regexp.MustCompile(`<a class="download" href="([^"]*)" download><span class="name">([^<]*)</span> <span class="size">([^<]*)</span>`)
	tag       = regexp.MustCompile(`<[^>]*>`)
)

func TestPage(t *testing.T) {
	srv := newTestServer(t)
	resp, body := get(t, srv.URL+"/", nil)
	if got := resp.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type: got %q", got)
	}
	if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "inline") {
		t.Errorf("Content-Disposition: got %q, want inline", got)
	}
	page := string(body)
	for _, want := range []string{
		"go get " + module, `href="/README.md"`, `href="/docs/design.md"`, `src="/docs/request.svg"`, "A click on a command selects it",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}

	linked := map[string]bool{}
	for _, match := range attribute.FindAllStringSubmatch(page, -1) {
		link := html.UnescapeString(match[1])
		linked[link] = true
		switch {
		case strings.HasPrefix(link, "data:"):
		case strings.HasPrefix(link, "#"):
			if !strings.Contains(page, `id="`+link[1:]+`"`) {
				t.Errorf("link to %s: nothing on the page has that id", link)
			}
		case !strings.HasPrefix(link, "/"):
			t.Errorf("link to %s: the page takes nothing from elsewhere", link)
		default:
			if status := head(t, srv.URL+link); status != http.StatusOK {
				t.Errorf("link to %s: status %d", link, status)
			}
		}
	}
	for _, e := range srv.examples {
		if !linked["#"+e.ID] || !linked["/cmd/demo/"+e.File] {
			t.Errorf("%s: the page has no link to #%s or to the whole file %s", e.Title, e.ID, e.File)
		}
		for _, c := range e.Commands {
			line := c.At(srv.Listener.Addr().String(), e.Path).Line
			for _, want := range []string{line, c.Prints} {
				if !strings.Contains(html.UnescapeString(page), ">"+want+"<") {
					t.Errorf("%s: the page does not have the line %s", e.Title, want)
				}
			}
		}
	}
}

// TestButtons compares what stands on each button with what the download is.
func TestButtons(t *testing.T) {
	srv := newTestServer(t)
	_, body := get(t, srv.URL+"/", nil)
	got := map[string]string{} // sizes by names
	for _, match := range button.FindAllStringSubmatch(string(body), -1) {
		path, name, size := html.UnescapeString(match[1]), html.UnescapeString(match[2]), match[3]
		if got[name] != "" {
			t.Errorf("two buttons for %s", name)
		}
		got[name] = size
		resp, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if disposition := resp.Header.Get("Content-Disposition"); !strings.Contains(disposition, name) &&
			!strings.Contains(disposition, url.PathEscape(name)) {
			t.Errorf("%s: Content-Disposition %s, but the button says %s", path, disposition, name)
		}
	}
	for name, size := range map[string]string{
		"hello-world.txt":      "13 bytes",
		"fibonacci.txt":        "size not known",
		"tone.wav":             "318 MB",
		"Ελληνικά.txt":         "29 bytes",
		"Marbled endpaper.png": got["Marbled endpaper.png"], // as png makes it
		"unicode-by-proxy.csv": got["unicode.csv"],
	} {
		if got[name] != size || size == "" {
			t.Errorf("the button for %s says %q, want %q", name, got[name], size)
		}
	}
}

// TestLastDownloads looks at the page for how downloads have ended.
func TestLastDownloads(t *testing.T) {
	srv := newTestServer(t)
	resp, err := srv.Client().Get(srv.URL + "/failing.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // fails
	get(t, srv.URL+"/text", http.Header{"Range": {"bytes=0-4"}})
	get(t, srv.URL+"/text", http.Header{"Range": {"bytes=50-"}})
	get(t, srv.URL+"/not-modified", http.Header{"If-Modified-Since": {"Thu, 01 Jan 2026 00:00:00 GMT"}})
	get(t, srv.URL+"/picture/0x0.png", nil) // there is no file
	get(t, srv.URL+"/signed", nil)
	head(t, srv.URL+"/tone.wav")

	row := regexp.MustCompile(`<li><time>.*?</time> <code>([^<]*)</code> <span class="status">(\d+)</span> <span class="(\w+)">([^<]*)</span>`)
	for _, path := range []string{"/", "/downloads"} {
		_, body := get(t, srv.URL+path, nil)
		var got [][]string
		for _, match := range row.FindAllStringSubmatch(string(body), -1) {
			got = append(got, match[1:])
		}
		want := [][]string{
			{"/private/signing.go", "200", "well", "complete"},
			{"/signed", "302", "well", "sent to a link"},
			{"/not-modified", "304", "well", "not modified"},
			{"/text", "416", "failed", "refused: Requested Range Not Satisfiable"},
			{"/text", "206", "well", "a part, complete"},
			{"/failing.csv", "200", "failed", "broken off: the source failed"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestContentSecurityPolicy(t *testing.T) {
	srv := newTestServer(t)
	for _, path := range []string{"/", "/README.md", "/docs/custom.md", "/cmd/demo/text.go"} {
		resp, body := get(t, srv.URL+path, nil)
		if got := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none';") {
			t.Errorf("%s: Content-Security-Policy: got %q", path, got)
		}
		page := strings.ReplaceAll(string(body), `<script type="module" src="/page.js"></script>`, "")
		for _, refused := range []string{"<script", "<style", " style=", " onclick="} {
			if strings.Contains(page, refused) {
				t.Errorf("%s has %q, which its policy refuses", path, refused)
			}
		}
	}
}
