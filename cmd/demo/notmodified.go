package main

import (
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type NotModifiedDownloadView struct{ views.VirtualDownloadView }

func (NotModifiedDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Some things never change.\n", "constant.txt"), nil
}

func (NotModifiedDownloadView) WasModifiedSince(*http.Request, fs.File, time.Time) bool {
	return false
}
