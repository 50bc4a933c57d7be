package main

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type ReaderDownloadView struct{ views.VirtualDownloadView }

func (ReaderDownloadView) GetFile(*http.Request) (fs.File, error) {
	r := strings.NewReader("Hello from a strings.Reader!\n")
	return files.NewVirtualFile(r, "reader.txt"), nil
}
