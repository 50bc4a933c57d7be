package main

import (
	"bytes"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/go-downloadview/downloadview"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is what the pages are written in. Attributes align the cells of tables,
// because the policy of the page refuses styles.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
	goldmark.WithParserOptions(
		parser.WithAutoHeadingID(),
		parser.WithASTTransformers(util.Prioritized(linkTransformer{}, 100)),
	),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blockRenderer{}, 100))),
)

// pageName is where the name of a page is kept while it is read.
var pageName = parser.NewContextKey()

// htmlOf renders a page. HTML in it is left out.
func htmlOf(name string, source []byte) (template.HTML, error) {
	ctx := parser.NewContext()
	ctx.Set(pageName, name)
	var body bytes.Buffer
	err := markdown.Convert(source, &body, parser.WithContext(ctx))
	return template.HTML(body.String()), err
}

// linkTransformer sends links to what is not here to the repository.
type linkTransformer struct{}

func (linkTransformer) Transform(page *ast.Document, _ text.Reader, ctx parser.Context) {
	name, _ := ctx.Get(pageName).(string)
	// Neither the walker nor this function has an error to return.
	_ = ast.Walk(page, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := node.(*ast.Link); ok && entering {
			l.Destination = []byte(destination(name, string(l.Destination)))
		}
		return ast.WalkContinue, nil
	})
}

// destination returns where a link on a page leads to in the demo.
func destination(page, link string) string {
	u, err := url.Parse(link)
	if err != nil || u.IsAbs() || u.Path == "" {
		return link
	}
	target := path.Join(path.Dir(page), u.Path)
	if isHere(target) {
		return link
	}
	return "https://" + module + "/blob/main/" + target
}

// isHere reports whether the demo serves a path of the repository.
func isHere(target string) bool {
	if target == "cmd/demo" {
		return true
	}
	if source, ok := strings.CutPrefix(target, "cmd/demo/"); ok {
		_, err := fs.Stat(embedded, source)
		return err == nil
	}
	_, err := fs.Stat(downloadview.Documentation, target)
	return err == nil
}

// blockRenderer shows code as the page of examples does, and lets wide tables scroll.
type blockRenderer struct{}

func (b blockRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, b.code)
	r.Register(tables.KindTable, b.table)
}

func (blockRenderer) code(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := node.(*ast.FencedCodeBlock)
	code := string(block.Lines().Value(source))
	if string(block.Language(source)) == "go" {
		return ast.WalkContinue, templates.ExecuteTemplate(w, "source", lines(code))
	}
	return ast.WalkContinue, templates.ExecuteTemplate(w, "text", code)
}

func (blockRenderer) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "</table>\n</div>\n"
	if entering {
		tag = "<div class=\"scroll\">\n<table>\n"
	}
	_, err := w.WriteString(tag)
	return ast.WalkContinue, err
}
