package views_test

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed testdata
var assets embed.FS

// The comment of each view begins with what stands here: a literal, and options,
// which are in the field Options of the embedded view.
func Example_literals() {
	manuals := views.PathDownloadView{Dir: "/srv/manuals"}
	manuals.Options.Inline = true

	styles := views.StorageDownloadView{Storage: assets, FixedPath: "testdata/style.css"}
	styles.Options.Inline = true

	documents := views.ObjectDownloadView[Document]{GetObject: documentByID, File: openDocument}
	documents.Options.ContentType = "application/pdf"

	mirror := views.HTTPDownloadView{URL: mirrorURL}
	mirror.Options.Basename = "mirror.tar.gz"

	hello := HelloView{}
	hello.Options.Basename = "greeting.txt"

	_ = []views.DownloadView{manuals, styles, documents, mirror, hello}
}

type HelloView struct{ views.VirtualDownloadView }

func (HelloView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!", "hello.txt"), nil
}

func documentByID(*http.Request) (Document, error)          { return Document{}, fs.ErrNotExist }
func openDocument(*http.Request, Document) (fs.File, error) { return nil, fs.ErrNotExist }
func mirrorURL(*http.Request) (string, error)               { return "https://mirror.example/all.tar.gz", nil }
