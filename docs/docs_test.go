// Package docs_test holds the pages to the code: every Go block on a page is
// source that go test compiles, and every link leads somewhere.
package docs_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns README.md and its like, and the pages of this folder.
func pages(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"../*.md", "*.md"} {
		matches, err := filepath.Glob(pattern)
		if err != nil || len(matches) == 0 {
			t.Fatalf("no pages match %s (%v)", pattern, err)
		}
		paths = append(paths, matches...)
	}
	return paths
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// sources returns the Go files of the module by their paths, but not this one,
// whose strings would vouch for anything.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir // go test ./... does not look into it either
		case filepath.Ext(path) == ".go" && path != filepath.Join("..", "docs", "docs_test.go"):
			found[path] = readFile(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// block is a fenced code block of a page.
type block struct {
	line     int // of the opening fence
	language string
	code     string
}

// blocks returns the fenced code blocks of a page.
func blocks(page string) []block {
	var found []block
	var open *block
	for i, line := range strings.Split(page, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &block{line: i + 1, language: fence}
		case isFence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.code += line + "\n"
		}
	}
	if open != nil {
		found = append(found, *open) // never closed: it will not be in any source
	}
	return found
}

// contains reports whether the lines of code stand in source one after the
// other, all of them indented by the same number of tabs more, or none.
func contains(source, code string) bool {
	want := strings.Split(strings.TrimRight(code, "\n"), "\n")
	have := strings.Split(source, "\n")
	for i := 0; i+len(want) <= len(have); i++ {
		indent, ok := strings.CutSuffix(have[i], want[0])
		if ok && strings.Trim(indent, "\t") == "" && matches(have[i:i+len(want)], want, indent) {
			return true
		}
	}
	return false
}

func matches(have, want []string, indent string) bool {
	for i := range want {
		if have[i] != indent+want[i] && (have[i] != "" || want[i] != "") {
			return false
		}
	}
	return true
}

func TestGoBlocksAreSource(t *testing.T) {
	all := sources(t)
	for _, page := range pages(t) {
		for _, b := range blocks(readFile(t, page)) {
			switch b.language {
			case "sh", "text":
				continue
			case "go":
			default:
				t.Errorf("%s:%d: a block in %q: it must be go, sh or text", page, b.line, b.language)
				continue
			}
			if strings.TrimSpace(b.code) == "" {
				t.Errorf("%s:%d: the block is empty", page, b.line)
				continue
			}
			found := false
			for _, source := range all {
				found = found || contains(source, b.code)
			}
			if !found {
				t.Errorf("%s:%d: no Go file of the module has this block:\n%s", page, b.line, b.code)
			}
		}
	}
}

func TestContains(t *testing.T) {
	const source = "func f() {\n\tif true {\n\t\tg()\n\n\t\th()\n\t}\n}\n"
	for _, tt := range []struct {
		code   string
		want   bool
		reason string
	}{
		{"func f() {\n\tif true {\n", true, "verbatim"},
		{"if true {\n\tg()\n", true, "one tab less"},
		{"g()\n\nh()\n", true, "two tabs less, and an empty line has none"},
		{"g()\nh()\n", false, "a line is missing"},
		{"g()\n\n\th()\n", false, "the indentation is not the same everywhere"},
		{"if true {\n    g()\n", false, "spaces are not tabs"},
		{"true {\n\t\tg()\n", false, "half a line"},
		{"g(1)\n", false, "changed"},
		{"h()\n\t}\n}\n\nfunc g() {}\n", false, "it goes on beyond the end"},
	} {
		if got := contains(source, tt.code); got != tt.want {
			t.Errorf("contains(…, %q) = %v, want %v: %s", tt.code, got, tt.want, tt.reason)
		}
	}
}

func TestREADMEProgramIsShort(t *testing.T) {
	const limit = 25
	programs := 0
	for _, b := range blocks(readFile(t, "../README.md")) {
		if !strings.HasPrefix(b.code, "package main\n") {
			continue
		}
		programs++
		if n := strings.Count(b.code, "\n"); n > limit {
			t.Errorf("README.md:%d: the program has %d lines, want at most %d", b.line, n, limit)
		}
	}
	if programs != 1 {
		t.Errorf("README.md has %d complete programs, want 1", programs)
	}
}

// The tour of the module has the program of README.md.
func TestPackageDocHasTheProgram(t *testing.T) {
	program := "//\t" + strings.ReplaceAll(strings.TrimSpace(readFile(t, "quickstart/main.go")), "\n", "\n//\t")
	_, program, _ = strings.Cut(strings.ReplaceAll(program, "//\t\n", "//\n"), "//\tpackage main\n")
	if !strings.Contains(readFile(t, "../documentation.go"), program) {
		t.Error("the doc comment of documentation.go has another program than docs/quickstart")
	}
}

var (
	heading  = regexp.MustCompile("(?m)^#+ (.+)$")
	noAnchor = regexp.MustCompile("[^a-z0-9 _-]")
)

// anchors returns what the headings of a page are linked by: in lower case, with
// hyphens for blanks, and without all else.
func anchors(page string) (found []string) {
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		found = append(found, strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks checks the links that need no network.
func TestLinks(t *testing.T) {
	checked := 0
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			target, err := url.Parse(match[1])
			if err != nil {
				t.Errorf("%s: %v", page, err)
				continue
			}
			if target.IsAbs() {
				continue
			}
			checked++
			path := page
			if target.Path != "" {
				path = filepath.Join(filepath.Dir(page), filepath.FromSlash(target.Path))
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", page, match[1], err)
			} else if target.Fragment != "" && !slices.Contains(anchors(readFile(t, path)), target.Fragment) {
				t.Errorf("%s: the link %s leads to no heading of that page", page, match[1])
			}
		}
	}
	if checked == 0 {
		t.Error("no links were found to check")
	}
}
