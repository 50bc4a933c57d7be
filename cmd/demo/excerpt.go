package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
)

const module = "github.com/go-downloadview/downloadview"

// excerptOf returns the part of a file of the demo that concerns the library: the
// declarations that mention it, the exported methods of those types, and what is
// handed to it. An ellipsis stands for what is left out between them.
func excerptOf(name string) ([]line, error) {
	source, err := embedded.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	concerns := concernsLibrary(file)
	var part strings.Builder
	gap := false
	for _, decl := range file.Decls {
		if isImport(decl) {
			continue
		}
		if !concerns(decl) {
			gap = true
			continue
		}
		if gap {
			part.WriteString("// …\n\n")
			gap = false
		}
		start := decl.Pos()
		if doc := docOf(decl); doc != nil {
			start = doc.Pos()
		}
		part.Write(source[fset.Position(start).Offset:fset.Position(decl.End()).Offset])
		part.WriteString("\n\n")
	}
	if gap {
		part.WriteString("// …\n")
	}
	return lines(part.String()), nil
}

// concernsLibrary returns a function that reports whether a declaration of file is
// in its excerpt.
func concernsLibrary(file *ast.File) func(ast.Decl) bool {
	packages := map[string]bool{}
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(imported, module+"/") {
			packages[path.Base(imported)] = true
		}
	}
	ofLibrary := func(expr ast.Expr) bool {
		selector, ok := expr.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		name, ok := selector.X.(*ast.Ident)
		return ok && packages[name.Name]
	}
	mentions := map[ast.Decl]bool{}
	known := map[string]bool{} // names of types that mention the library, and of what is handed to it
	for _, decl := range file.Decls {
		ast.Inspect(decl, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.SelectorExpr:
				mentions[decl] = mentions[decl] || ofLibrary(n)
			case *ast.CallExpr:
				if ofLibrary(n.Fun) {
					addNames(known, n.Args...)
				}
			case *ast.IndexExpr:
				if ofLibrary(n.X) {
					addNames(known, n.Index)
				}
			}
			return true
		})
		if name := typeOf(decl); name != "" && mentions[decl] {
			known[name] = true
		}
	}
	return func(decl ast.Decl) bool {
		f, isFunc := decl.(*ast.FuncDecl)
		switch {
		case mentions[decl]:
			return true
		case isFunc && f.Recv == nil:
			return known[f.Name.Name]
		case isFunc:
			return known[typeOf(decl)] && f.Name.IsExported()
		}
		return known[typeOf(decl)]
	}
}

// addNames adds those of the expressions that are names.
func addNames(names map[string]bool, exprs ...ast.Expr) {
	for _, expr := range exprs {
		if name, ok := expr.(*ast.Ident); ok {
			names[name.Name] = true
		}
	}
}

// typeOf returns the name of the type that a declaration is of, or a method of; else "".
func typeOf(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.GenDecl:
		if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
			return spec.Name.Name
		}
	case *ast.FuncDecl:
		if d.Recv == nil {
			break
		}
		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if name, ok := receiver.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

func isImport(decl ast.Decl) bool {
	d, ok := decl.(*ast.GenDecl)
	return ok && d.Tok == token.IMPORT
}

func docOf(decl ast.Decl) *ast.CommentGroup {
	switch d := decl.(type) {
	case *ast.GenDecl:
		return d.Doc
	case *ast.FuncDecl:
		return d.Doc
	}
	return nil
}
