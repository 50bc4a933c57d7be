package main

import (
	"fmt"
	"io/fs"
	"math/big"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

type GeneratedDownloadView struct{ views.VirtualDownloadView }

func (GeneratedDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(fibonacci), "fibonacci.txt"), nil
}

// fibonacci is an iter.Seq[string].
func fibonacci(yield func(string) bool) {
	a, b := big.NewInt(0), big.NewInt(1)
	for n := range 2000 {
		if !yield(fmt.Sprintf("F(%d) = %d\n", n, a)) {
			return
		}
		a, b = b, a.Add(a, b)
	}
}
