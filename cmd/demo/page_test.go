package main

import (
	"go/parser"
	"go/token"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	attribute = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	codeBlock = regexp.MustCompile(`(?s)<pre class="source"[^>]*><code>(.*?)</code></pre>`)
	curlLine  = regexp.MustCompile(`<code>(curl [^<]*)</code>`)
	address   = regexp.MustCompile(`http://[^\s;]*`)
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

	linked := map[string]bool{}
	for _, match := range attribute.FindAllStringSubmatch(page, -1) {
		link := html.UnescapeString(match[1])
		if path, err := url.PathUnescape(link); err == nil {
			linked[path] = true
		}
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
		if !linked[e.Path] || !linked["#"+e.ID] {
			t.Errorf("%s: the page has no link to %s or #%s", e.Title, e.Path, e.ID)
		}
	}
}

func TestCurlLines(t *testing.T) {
	srv := newTestServer(t)
	_, body := get(t, srv.URL+"/", nil)
	lines := curlLine.FindAllStringSubmatch(string(body), -1)
	if len(lines) < len(srv.examples) {
		t.Errorf("%d curl lines for %d examples", len(lines), len(srv.examples))
	}
	for _, match := range lines {
		line := html.UnescapeString(match[1])
		url := address.FindString(line)
		if !strings.HasPrefix(url, srv.URL+"/") {
			t.Errorf("%s: not at this server, %s", line, srv.URL)
		} else if status := head(t, url); status != http.StatusOK {
			t.Errorf("%s: status %d", line, status)
		}
	}
}

// TestSource checks that the page shows the code that runs.
func TestSource(t *testing.T) {
	srv := newTestServer(t)
	_, body := get(t, srv.URL+"/", nil)
	var got, want []string
	for _, match := range codeBlock.FindAllStringSubmatch(string(body), -1) {
		got = append(got, html.UnescapeString(tag.ReplaceAllString(match[1], "")))
	}
	for _, e := range srv.examples {
		source, err := embedded.ReadFile(e.File)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.File, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		imports := file.Decls[len(file.Decls)-1]
		want = append(want, strings.TrimLeft(string(source[imports.End()-file.FileStart:]), "\n"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sources on the page (-want +got):\n%s", diff)
	}
}

func TestContentSecurityPolicy(t *testing.T) {
	srv := newTestServer(t)
	resp, body := get(t, srv.URL+"/", nil)
	if got := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none';") {
		t.Errorf("Content-Security-Policy: got %q", got)
	}
	for _, refused := range []string{"<script", "<style", " style=", " onclick="} {
		if strings.Contains(string(body), refused) {
			t.Errorf("the page has %q, which its policy refuses", refused)
		}
	}
}
