package files_test

import (
	"io/fs"
	"testing"

	"github.com/go-downloadview/downloadview/files"
)

type (
	wrapping   struct{ fs.File }
	rewrapping struct{ wrapping }
)

func (w wrapping) Unwrap() fs.File { return w.File }

func TestUnwrap(t *testing.T) {
	inner := files.NewContentFile("", "a")
	for _, tt := range []struct {
		reason     string
		file, want fs.File
	}{
		{"declared around an interface", wrapping{inner}, inner},
		{"promoted: the struct around may read other bytes", rewrapping{wrapping{inner}}, nil},
		{"no wrapper", inner, nil},
		{"described", files.NewDescribedFile(inner), inner},
		{"a reader that is a file", files.NewVirtualFile(inner, "b"), inner},
	} {
		if got := files.Unwrap(tt.file); got != tt.want {
			t.Errorf("%s: Unwrap(%T) = %v, want %v", tt.reason, tt.file, got, tt.want)
		}
	}
}
