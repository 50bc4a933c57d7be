package docs_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const module = "github.com/go-downloadview/downloadview/"

// parseRoom parses the Go files of a folder that are not tests.
func parseRoom(t *testing.T, dir string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset, parsed := token.NewFileSet(), make(map[string]*ast.File)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed[filepath.Base(path)] = file
	}
	if len(parsed) == 0 {
		t.Fatalf("there is no Go file in %s", dir)
	}
	return fset, parsed
}

var (
	roomRow = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)/` \\| [^|]+ \\| ([^|]+) \\|$")
	quoted  = regexp.MustCompile("`([^`]+)`")
)

// The table of rooms in design.md says what each of them imports, beside the
// standard library: no more, and no less.
func TestRoomsImportWhatTheDesignSays(t *testing.T) {
	design := readFile(t, "design.md")
	rows := roomRow.FindAllStringSubmatch(design, -1)
	rooms := make(map[string]bool)
	for _, row := range rows {
		room, cell := row[1], row[2]
		rooms[room] = true
		want := []string{}
		for _, name := range quoted.FindAllStringSubmatch(cell, -1) {
			want = append(want, name[1])
		}
		slices.Sort(want)
		_, parsed := parseRoom(t, filepath.Join("..", filepath.FromSlash(room)))
		if diff := cmp.Diff(want, importsOf(t, parsed), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s imports something else than docs/design.md says (-design +code):\n%s", room, diff)
		}
	}
	for room := range libraryRooms(t) {
		if !rooms[room] {
			t.Errorf("docs/design.md does not have the room %s in its table", room)
		}
	}
}

// importsOf returns what files import, without the standard library: rooms of this
// module by their folder.
func importsOf(t *testing.T, parsed map[string]*ast.File) []string {
	t.Helper()
	imports := make(map[string]bool)
	for _, file := range parsed {
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if domain, _, _ := strings.Cut(imported, "/"); strings.Contains(domain, ".") {
				imports[strings.TrimPrefix(imported, module)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(imports))
}

// libraryRooms returns the folders of this module with packages that others build
// on.
func libraryRooms(t *testing.T) map[string]bool {
	t.Helper()
	rooms := make(map[string]bool)
	for file := range sources(t) {
		room, err := filepath.Rel("..", filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		room = filepath.ToSlash(room)
		top, _, _ := strings.Cut(room, "/")
		if !strings.HasSuffix(file, "_test.go") && top != "." && top != "cmd" && top != "docs" && !inOtherModule(room) {
			rooms[room] = true
		}
	}
	return rooms
}

// inOtherModule reports whether a folder is below a go.mod of its own.
func inOtherModule(room string) bool {
	for dir := room; dir != "."; dir = path.Dir(dir) {
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(dir), "go.mod")); err == nil {
			return true
		}
	}
	return false
}

var fileLine = regexp.MustCompile(`(?m)^\t([a-z0-9_]+\.go) `)

// Within a room with an order, a file uses what is below it, and never what calls
// it: who reads from the top file down does not come back.
func TestFilesUseWhatIsBelow(t *testing.T) {
	for _, room := range []string{"response", "origin", "cache", "internal/body", "internal/rfc9110"} {
		t.Run(room, func(t *testing.T) {
			fset, parsed := parseRoom(t, filepath.Join("..", filepath.FromSlash(room)))
			rank := make(map[string]int)
			for _, file := range parsed {
				for _, comment := range file.Comments {
					for i, match := range fileLine.FindAllStringSubmatch(comment.Text(), -1) {
						rank[match[1]] = i
					}
				}
			}
			for name := range parsed {
				if _, ok := rank[name]; !ok && name != "doc.go" {
					t.Errorf("no comment says where %s stands", name)
				}
			}
			for _, use := range usesOf(fset, parsed) {
				if rank[use.in] > rank[use.of] {
					t.Errorf("%s uses %s of %s, which is above it", use.in, use.name, use.of)
				}
			}
		})
	}
}

// use is a mention of something that another file declares.
type use struct{ in, of, name string }

// usesOf returns the mentions of functions, methods, types, variables and constants
// across the files of one package. The receivers of methods are none: a type may
// have methods in several files.
func usesOf(fset *token.FileSet, parsed map[string]*ast.File) (uses []use) {
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{
		Importer: noImports{},
		Error:    func(error) {}, // what is imported is of no interest, and not known
	}
	pkg, _ := config.Check("room", fset, slices.Collect(maps.Values(parsed)), info)
	receivers := make(map[token.Pos]bool)
	for _, file := range parsed {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil {
				ast.Inspect(f.Recv, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						receivers[id.Pos()] = true
					}
					return true
				})
			}
		}
	}
	for id, object := range info.Uses {
		if object.Pkg() != pkg || receivers[id.Pos()] {
			continue
		}
		if v, ok := object.(*types.Var); ok && (v.IsField() || object.Parent() != pkg.Scope()) {
			continue
		}
		in, of := fset.Position(id.Pos()), fset.Position(object.Pos())
		if in.Filename != of.Filename {
			uses = append(uses, use{filepath.Base(in.Filename), filepath.Base(of.Filename), id.Name})
		}
	}
	return uses
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not looked at") }
