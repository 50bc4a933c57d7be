package response_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A house rule: one request walks straight through views, response and files,
// so no package knows those before it, and each has next to no dependencies.
func TestDependencies(t *testing.T) {
	const (
		filesPackage    = "github.com/go-downloadview/downloadview/files"
		responsePackage = "github.com/go-downloadview/downloadview/response"
	)
	for _, tt := range []struct {
		dir  string
		want []string // beside the standard library
	}{
		{"../files", nil},
		{".", []string{filesPackage, "github.com/zeebo/xxh3"}},
		{"../views", []string{filesPackage, responsePackage}},
	} {
		imports := importsOf(t, tt.dir)
		if !slices.Contains(imports, "io/fs") {
			t.Errorf("%s imports %q: nothing was looked at", tt.dir, imports)
		}
		for _, imported := range imports {
			if !isStandard(imported) && !slices.Contains(tt.want, imported) {
				t.Errorf("%s imports %s; beside the standard library it may import %q", tt.dir, imported, tt.want)
			}
		}
	}
}

// importsOf returns what the files in dir that are not tests import.
func importsOf(t *testing.T, dir string) (imports []string) {
	t.Helper()
	names, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path.Join(dir, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports = append(imports, imported)
		}
	}
	return imports
}

// isStandard goes by the rule that modules begin with a domain, which has a dot.
func isStandard(imported string) bool {
	domain, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(domain, ".")
}
