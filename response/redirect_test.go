package response_test

import (
	"context"
	"io/fs"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// atURL is a file that is somewhere else, too.
type atURL struct {
	*files.ContentFile
	url string
}

func (f atURL) Stat() (fs.FileInfo, error) {
	info, err := f.ContentFile.Stat()
	return urlInfo{info, f.url}, err
}

type urlInfo struct {
	fs.FileInfo
	url string
}

func (i urlInfo) URL(context.Context) (string, error) { return i.url, nil }

func TestLocationIsEscaped(t *testing.T) {
	for url, want := range map[string]string{
		"https://bucket.example/Жз 1.txt?sig=a%2Fb&x=ü": "https://bucket.example/%D0%96%D0%B7%201.txt?sig=a%2Fb&x=%C3%BC",
		"https://bucket.example/a.txt":                  "https://bucket.example/a.txt",
		"/a\r\nSet-Cookie: a=b":                         "/a%0D%0ASet-Cookie:%20a=b",
	} {
		got := servertest.Record(send(atURL{files.NewContentFile("", "a"), url}, response.Options{Redirect: true}), "GET", "/")
		if location := got.Header.Get("Location"); got.Status != 302 || location != want {
			t.Errorf("status %d, Location %q, want %q", got.Status, location, want)
		}
	}
}
