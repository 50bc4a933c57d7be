package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type FailingDownloadView struct{ views.VirtualDownloadView }

func (FailingDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(orders), "failing.csv"), nil
}

// orders is an iter.Seq2[string, error]: rows, until something goes wrong.
func orders(yield func(string, error) bool) {
	for n := range 200_000 {
		if !yield(fmt.Sprintf("%d,customer %d,%d.%02d EUR\n", n, n%977, n%503, n%100), nil) {
			return
		}
	}
	yield("", errors.New("the connection to the database was lost"))
}
