package routers_test

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"strings"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

var errBroken = errors.New("secret: the database is down")

// rows returns size bytes of rows, no two of which are the same.
func rows(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "row %08d\n", i)
	}
	return b.String()[:size]
}

// producing returns a file that yields content in small pieces, and then ends as
// end does: well, with an error, or with a panic.
func producing(content string, end func() error) *files.VirtualFile {
	return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string, error) bool) {
		for piece := range pieces(content) {
			if !yield(piece, nil) {
				return
			}
		}
		if err := end(); err != nil {
			yield("", err)
		}
	}), "report.txt")
}

// pieces yields content, 1000 bytes at a time.
func pieces(content string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for content != "" {
			piece := content[:min(len(content), 1000)]
			if !yield(piece) {
				return
			}
			content = content[len(piece):]
		}
	}
}

func ends() error   { return nil }
func fails() error  { return errBroken }
func panics() error { panic(errBroken) }

// view returns a handler of the file that open returns.
func view(open func() fs.File) http.HandlerFunc {
	return views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) { return open(), nil }))
}
