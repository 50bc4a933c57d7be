package main

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sourceBlock = regexp.MustCompile(`(?s)<pre class="source"><code>(.*?)</code></pre>`)

// sourcesOn returns the sources that a page shows, each line with its tabs.
func sourcesOn(page string) (all []string) {
	indent := regexp.MustCompile(`<span class="line t(\d)">`)
	for _, match := range sourceBlock.FindAllStringSubmatch(page, -1) {
		source := indent.ReplaceAllStringFunc(match[1], func(s string) string {
			return strings.Repeat("\t", int(indent.FindStringSubmatch(s)[1][0]-'0'))
		})
		all = append(all, html.UnescapeString(tag.ReplaceAllString(source, "")))
	}
	return all
}

// TestExcerpts checks that the page shows code that runs: the part that concerns
// the library.
func TestExcerpts(t *testing.T) {
	srv := newTestServer(t)
	_, body := get(t, srv.URL+"/", nil)
	excerpts := sourcesOn(string(body))
	if len(excerpts) != len(srv.examples) {
		t.Fatalf("%d sources for %d examples", len(excerpts), len(srv.examples))
	}
	for i, e := range srv.examples {
		whole, err := embedded.ReadFile(e.File)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range strings.Split(excerpts[i], "// …") {
			if piece = strings.TrimSpace(piece); !strings.Contains(string(whole), piece) {
				t.Errorf("%s does not have this:\n%s", e.File, piece)
			}
		}
		if !strings.Contains(excerpts[i], "views.") {
			t.Errorf("%s: the excerpt has no view:\n%s", e.File, excerpts[i])
		}
	}
}

func TestExcerptOf(t *testing.T) {
	for _, tt := range []struct {
		file, reason string
		has, hasNot  []string
	}{
		{"generated.go", "what is handed to the library concerns it",
			[]string{"type GeneratedDownloadView", "func fibonacci"}, []string{"import", "// …"}},
		{"notmodified.go", "methods of a view concern the library, whatever they mention",
			[]string{") WasModifiedSince("}, []string{"// …"}},
		{"report.go", "other methods do not",
			[]string{") GetFile(", "cache.New("}, []string{") note("}},
		{"library.go", "so does a type that a view is of",
			[]string{"type Document struct", "func NewDocumentView"}, []string{"CREATE TABLE", "func fillLibrary"}},
		{"tone.go", "how the sound is made does not",
			[]string{"func (ToneDownloadView) GetFile", "// …"}, []string{"func wave", "chords = "}},
	} {
		excerpt, err := excerptOf(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, l := range excerpt {
			for _, lexeme := range l.Lexemes {
				text.WriteString(lexeme.Text)
			}
			text.WriteString("\n")
		}
		for _, want := range tt.has {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: %s, but there is no %q", tt.file, tt.reason, want)
			}
		}
		for _, refused := range tt.hasNot {
			if strings.Contains(text.String(), refused) {
				t.Errorf("%s: %s, but there is %q", tt.file, tt.reason, refused)
			}
		}
	}
}

// TestWholeFiles checks that the pages of source have all of it.
func TestWholeFiles(t *testing.T) {
	srv := newTestServer(t)
	for _, e := range srv.examples {
		want, err := embedded.ReadFile(e.File)
		if err != nil {
			t.Fatal(err)
		}
		_, body := get(t, srv.URL+"/cmd/demo/"+e.File, nil)
		if diff := cmp.Diff([]string{string(want)}, sourcesOn(string(body))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.File, diff)
		}
	}
}
