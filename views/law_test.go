package views_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/views"
)

// embeddable are the types that users' views embed: all whose name ends with
// DownloadView.
var embeddable = []any{
	views.BaseDownloadView{},
	views.VirtualDownloadView{},
	views.PathDownloadView{},
	views.StorageDownloadView{},
	views.HTTPDownloadView{},
	views.ObjectDownloadView[any]{},
}

// The one law of embedding: with a ServeHTTP of its own, an embedded view would
// be an http.Handler that serves its own file and not that of the view around it.
func TestNoViewIsAHandler(t *testing.T) {
	for _, view := range append(embeddable, views.FileFunc(nil)) {
		pointer := reflect.PointerTo(reflect.TypeOf(view)) // has the methods of both
		if _, has := pointer.MethodByName("ServeHTTP"); has {
			t.Errorf("%T has a ServeHTTP", view)
		}
	}
	if _, has := reflect.TypeFor[*http.ServeMux]().MethodByName("ServeHTTP"); !has {
		t.Error("this test does not find what it looks for")
	}
}

// Nobody can list the types of a package but its source.
func TestNoViewIsForgotten(t *testing.T) {
	known := map[string]bool{}
	for _, view := range embeddable {
		name, _, _ := strings.Cut(reflect.TypeOf(view).Name(), "[") // without type arguments
		known[name] = true
	}
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() || !strings.HasSuffix(spec.Name.Name, "DownloadView") {
				return true
			}
			if _, ok := spec.Type.(*ast.InterfaceType); !ok && !known[spec.Name.Name] {
				t.Errorf("%s: add %s to the list that the law is checked for", name, spec.Name.Name)
			}
			return true
		})
	}
}
