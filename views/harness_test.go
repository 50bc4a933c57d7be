package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// No download leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// textView serves what its method returns; others embed it.
type textView struct{ views.VirtualDownloadView }

func (textView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!\n", "hello-world.txt"), nil
}

// mustPanic fails the test unless f panics with a text that has each of want in
// it.
func mustPanic(t *testing.T, f func(), want ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		got := fmt.Sprint(recover())
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("panic: %s\nwant %q in it", got, w)
			}
		}
	}()
	f()
}
