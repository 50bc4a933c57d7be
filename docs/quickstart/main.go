// Quickstart is the program that README.md shows: one download at
// http://127.0.0.1:8080/text.
package main

import (
	"io/fs"
	"log"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type TextDownloadView struct{ views.VirtualDownloadView }

func (TextDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!", "hello-world.txt"), nil
}

func main() {
	r := chi.NewRouter()
	views.Mount(r, "/text", TextDownloadView{})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", r))
}
