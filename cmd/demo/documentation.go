package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// mountDocumentation mounts README.md and docs/, and the source of the demo, where
// they are in the repository.
func mountDocumentation(r chi.Router) {
	pages := r.With(restrict)
	for _, pattern := range []string{"/{page}.md", "/docs/*"} {
		views.Mount(pages, pattern, DocumentView{})
	}
	views.Mount(pages, "/cmd/demo/*", SourceView{})
	r.Handle("/cmd/demo", http.RedirectHandler("/", http.StatusSeeOther))
	views.Mount(r, "/LICENSE", repositoryView("LICENSE"))
	// Without restrict, which would refuse its style sheet.
	views.Mount(r, "/docs/request.svg", repositoryView("docs/request.svg"))
}

// repositoryView serves a file of the documentation as it is.
func repositoryView(name string) views.StorageDownloadView {
	v := views.StorageDownloadView{Storage: downloadview.Documentation, FixedPath: name}
	v.Options.Inline = true
	if path.Ext(name) == "" {
		v.Options.ContentType = "text/plain; charset=utf-8"
	}
	return v
}

// DocumentView shows the page of the documentation that the path names.
type DocumentView struct{ InlineView }

func (DocumentView) GetFile(r *http.Request) (fs.File, error) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if path.Ext(name) != ".md" {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	source, err := downloadview.Documentation.ReadFile(name)
	if err != nil {
		return nil, err
	}
	body, err := htmlOf(name, source)
	if err != nil {
		return nil, err
	}
	return renderDocument(name, titleOf(source), map[string]any{"Body": body})
}

// SourceView shows the file of the demo's source that the path names.
type SourceView struct{ InlineView }

func (SourceView) GetFile(r *http.Request) (fs.File, error) {
	name := strings.TrimPrefix(r.URL.Path, "/cmd/demo/")
	source, err := embedded.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if path.Ext(name) != ".go" {
		return files.NewContentFile(source, name+".txt"), nil
	}
	return renderDocument(r.URL.Path[1:], name, map[string]any{"Source": lines(string(source))})
}

func renderDocument(name, title string, data map[string]any) (fs.File, error) {
	pages, err := documentationPages()
	if err != nil {
		return nil, err
	}
	data["Path"], data["Title"], data["Pages"] = "/"+name, title, pages
	return render("documentation.html", data)
}

type link struct{ Path, Text string }

// documentationPages returns links to all pages, README.md first. The others stand
// in the order of their last links there, and after them those that have none.
func documentationPages() ([]link, error) {
	readme, err := downloadview.Documentation.ReadFile("README.md")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(downloadview.Documentation, "docs/*.md")
	if err != nil {
		return nil, err
	}
	place := func(name string) uint { return uint(bytes.LastIndex(readme, []byte("("+name))) } // none: the highest
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	pages := []link{{"/README.md", "README"}}
	for _, name := range names {
		source, err := downloadview.Documentation.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pages = append(pages, link{"/" + name, titleOf(source)})
	}
	return pages, nil
}

// titleOf returns the first heading of a page.
func titleOf(page []byte) string {
	heading, _, _ := bytes.Cut(bytes.TrimPrefix(page, []byte("# ")), []byte("\n"))
	return string(heading)
}
