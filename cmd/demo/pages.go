package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview"
	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed *.html *.css *.js *.go
var embedded embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"excerpt": excerpt, "count": count}).ParseFS(embedded, "*.html"))

// mountPages mounts the pages, their style sheet and script, and the documentation.
// These are downloads too, which the browser shows instead of saving them.
func (d *demo) mountPages(r chi.Router) {
	repository := views.StorageDownloadView{Storage: downloadview.Documentation, Path: func(r *http.Request) (string, error) {
		return strings.TrimPrefix(r.URL.Path, "/"), nil
	}}
	repository.Options.Inline = true
	views.Mount(r, "/docs/*", repository) // without the policy, which would refuse a style sheet in a picture
	r = r.With(middleware.SetHeader("Content-Security-Policy", policy))
	views.Mount(r, "/", pageView{func(r *http.Request) (fs.File, error) { return render("page.html", d.data(r)) }})
	views.Mount(r, "/report", pageView{func(r *http.Request) (fs.File, error) { return render("report.html", d.data(r)) }})
	views.Mount(r, "/{page}.md", pageView{document})
	views.Mount(r, "/docs/{page}.md", pageView{document})
	source := views.StorageDownloadView{Storage: embedded}
	views.Mount(r, "/{path:page.(css|js)}", source)
	source.Options.Inline, source.Options.ContentType = true, "text/plain; charset=utf-8"
	views.Mount(r, "/cmd/demo/*", source)
	repository.Options.ContentType = source.Options.ContentType
	views.Mount(r, "/LICENSE", repository)
	r.Handle("/cmd/demo", http.RedirectHandler("/", http.StatusSeeOther))
}

// policy lets pages load from this server only.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// pageData is what the pages show at the moment.
type pageData struct {
	Host   string // of this server, in commands
	Pages  []link
	Last   []ended
	Report cache.Status
}

func (d *demo) data(r *http.Request) pageData {
	return pageData{r.Host, documents(), d.log.all(), d.reports.Cache.Status("report")}
}

// Tried reports whether path is among the last downloads.
func (d pageData) Tried(path string) bool {
	return slices.ContainsFunc(d.Last, func(e ended) bool { return e.Path == path })
}

// count writes 1234567 as 1,234,567.
func count(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
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

// pageView serves pages, which the browser shows.
type pageView struct{ views.FileFunc }

func (pageView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{Inline: true}
}

// excerpt returns the code of an example, which stands in one of the files of the
// demo between //demo:NAME and //demo:end.
func excerpt(name string) (template.HTML, error) {
	names, _ := fs.Glob(embedded, "*.go")
	for _, file := range names {
		source, _ := embedded.ReadFile(file) // it is there
		if _, code, found := strings.Cut(string(source), "\n//demo:"+name+"\n"); found {
			code, _, _ = strings.Cut(code, "\n//demo:end\n")
			return template.HTML(codeHTML(strings.TrimSpace(code))), nil
		}
	}
	return "", fmt.Errorf("there is no example %q", name)
}

var comment = regexp.MustCompile(`(?m)(^|\s)// .*$`)

// codeHTML sets comments apart.
func codeHTML(code string) string {
	return comment.ReplaceAllString(template.HTMLEscapeString(code), `<span class="comment">$0</span>`)
}
