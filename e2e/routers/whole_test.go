package routers_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/files"
)

// Whole downloads are untouched by what is done for broken ones: each comes
// complete, and leaves its connection to the next.
func TestWholeDownload(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		content := rows(s.size)
		stored := filepath.Join(t.TempDir(), "report.txt")
		if err := os.WriteFile(stored, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			path, reason string
			open         func() fs.File
		}{
			{"/generated", "generated", func() fs.File { return producing(content, ends) }},
			{"/sized", "generated, of known size", func() fs.File {
				file := producing(content, ends)
				file.Size = int64(len(content))
				return file
			}},
			{"/memory", "in memory", func() fs.File { return files.NewContentFile(content, "report.txt") }},
			{"/stored", "on disk", func() fs.File {
				file, err := os.Open(stored)
				if err != nil {
					t.Error(err)
				}
				return file
			}},
		}
		routes := http.NewServeMux()
		for _, tt := range tests {
			routes.HandleFunc(tt.path, view(tt.open))
		}
		overEachProtocol(t, s.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
			asked := false
			for _, tt := range tests {
				for _, coding := range []string{"gzip", "identity"} {
					got := w.get(t, tt.path, "Accept-Encoding", coding)
					got.mustBeWhole(t, content)
					if asked && w.client != nil && !got.reused {
						t.Errorf("%s, %s: the connection was not kept", tt.reason, coding)
					}
					asked = true
				}
			}
		})
	})
}
