package main

import (
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type TextDownloadView struct{ views.VirtualDownloadView }

func (TextDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!\n", "hello-world.txt"), nil
}
