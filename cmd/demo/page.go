package main

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed *.html *.css *.js *.go
var embedded embed.FS

var templates = template.Must(template.New("").
	Funcs(template.FuncMap{"bytes": byteText}).
	ParseFS(embedded, "*.html"))

// mountPage mounts the page and what it needs, which are downloads too.
func mountPage(r chi.Router, examples []example, log *downloadLog) {
	site := http.Handler(r)
	r = r.With(restrict)
	views.Mount(r, "/", PageView{examples: examples, log: log, site: site})
	views.Mount(r, "/downloads", LogView{log: log})
	views.Mount(r, "/page.css", views.StorageDownloadView{Storage: embedded, FixedPath: "page.css"})
	views.Mount(r, "/page.js", views.StorageDownloadView{Storage: embedded, FixedPath: "page.js"})
}

// PageView shows the examples.
type PageView struct {
	InlineView
	examples []example
	log      *downloadLog
	site     http.Handler // that the examples are mounted on
}

func (v PageView) GetFile(r *http.Request) (fs.File, error) {
	sections := make([]section, len(v.examples))
	for i, e := range v.examples {
		var err error
		if sections[i], err = e.section(r, v.site); err != nil {
			return nil, err
		}
	}
	pages, err := documentationPages()
	if err != nil {
		return nil, err
	}
	return render("page.html", map[string]any{"Sections": sections, "Downloads": v.log.all(), "Pages": pages})
}

// LogView shows the last downloads, as a piece of the page.
type LogView struct {
	InlineView
	log *downloadLog
}

func (v LogView) GetFile(*http.Request) (fs.File, error) {
	return render("downloads.html", v.log.all())
}

// InlineView is for views whose files the browser shows.
type InlineView struct{ views.VirtualDownloadView }

func (InlineView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{Inline: true}
}

// render carries a template out before any of it is sent, so that a mistake in it
// is a clean 500.
func render(name string, data any) (fs.File, error) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		return nil, err
	}
	return files.NewContentFile(page.Bytes(), name), nil
}

// A section of the page is an example as one client sees it at one time.
type section struct {
	example
	Commands []command
	Offers   []offer
	Note     string
	Source   []line // the part that concerns the library
}

func (e example) section(r *http.Request, site http.Handler) (s section, err error) {
	s.example = e
	for _, c := range e.Commands {
		s.Commands = append(s.Commands, c.At(r.Host, e.Path))
	}
	if s.Offers, err = e.offers(r.Context(), site); err != nil {
		return s, err
	}
	if e.Note != nil {
		if s.Note, err = e.Note(r.Context()); err != nil {
			return s, err
		}
	}
	s.Source, err = excerptOf(e.File)
	return s, err
}
