package docs_test

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var indented = regexp.MustCompile(`(?m)^\t(.*)$`)

// What go doc shows of a view says where its options are, and how one is made, by
// lines that a test compiles.
func TestCommentsOfViewsShowOptions(t *testing.T) {
	_, parsed := parseRoom(t, filepath.Join("..", "views"))
	all := sources(t)
	found := 0
	for _, file := range parsed {
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || len(gen.Specs) != 1 {
				continue
			}
			spec, ok := gen.Specs[0].(*ast.TypeSpec)
			if !ok || !strings.HasSuffix(spec.Name.Name, "DownloadView") || spec.Name.Name == "DownloadView" || spec.Name.Name == "BaseDownloadView" {
				continue
			}
			found++
			doc := gen.Doc.Text()
			for _, option := range []string{"[response.Options]", "Inline", "Basename", "WriteTimeout", "OnDone"} {
				if !strings.Contains(doc, option) {
					t.Errorf("the comment of %s does not name %s", spec.Name.Name, option)
				}
			}
			var code []string
			for _, line := range indented.FindAllStringSubmatch(doc, -1) {
				code = append(code, line[1])
			}
			compiled := false
			for _, source := range all {
				compiled = compiled || len(code) > 1 && contains(source, strings.Join(code, "\n"))
			}
			if !compiled {
				t.Errorf("no Go file has the lines in the comment of %s: %q", spec.Name.Name, code)
			}
		}
	}
	if found < 5 {
		t.Errorf("%d views were found, want 5", found)
	}
}
