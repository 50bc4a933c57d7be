package main

import (
	"bytes"
	"embed"
	"go/scanner"
	"go/token"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed page.html page.css *.go
var embedded embed.FS

var pageTemplate = template.Must(template.ParseFS(embedded, "page.html"))

// mountPage mounts the page and its style sheet, which are downloads too.
func mountPage(r chi.Router, examples []example) {
	r = r.With(restrict)
	views.Mount(r, "/", PageView{examples: examples})
	views.Mount(r, "/page.css", views.StorageDownloadView{Storage: embedded, FixedPath: "page.css"})
}

// restrict allows the page what it needs, and nothing from elsewhere.
func restrict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; "+
			"media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// PageView shows the examples.
type PageView struct {
	views.VirtualDownloadView
	examples []example
}

// GetFile renders the page before any of it is sent, so that a mistake in the
// template is a clean 500.
func (v PageView) GetFile(r *http.Request) (fs.File, error) {
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, map[string]any{"Context": r.Context(), "Host": r.Host, "Examples": v.examples})
	return files.NewContentFile(page.Bytes(), "index.html"), err
}

func (PageView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{Inline: true}
}

// A lexeme is a piece of source and the class it is shown in.
type lexeme struct{ Class, Text string }

// Source returns what follows the imports in the file of the example's view.
func (e example) Source() ([]lexeme, error) {
	file, err := embedded.ReadFile(e.File)
	_, source, _ := strings.Cut(string(file), "\n)\n\n")
	return lexemes(source), err
}

// lexemes cuts source into comments, keywords, literals, and what is between.
func lexemes(source string) (all []lexeme) {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments)
	done := 0
	for {
		pos, tok, text := s.Scan()
		class := ""
		switch {
		case tok == token.EOF:
			return append(all, lexeme{"", source[done:]})
		case tok == token.COMMENT:
			class = "comment"
		case tok.IsKeyword():
			class = "keyword"
		case tok.IsLiteral() && tok != token.IDENT:
			class = "literal"
		default:
			continue
		}
		start := file.Offset(pos)
		all = append(all, lexeme{"", source[done:start]}, lexeme{class, text})
		done = start + len(text)
	}
}
