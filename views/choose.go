package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"

	"github.com/go-downloadview/downloadview/files"
)

// choosePath returns the path of the file that r asks for: choose's if that is set,
// else the router's, else fixed. It is refused if allow says no, which is
// [files.IsVisible] if nil. Only fixed is not asked about. allow sees the name that
// is opened: package files refuses other spellings of it.
func choosePath(r *http.Request, choose func(*http.Request) (string, error), fixed string, allow func(string) bool) (string, error) {
	routed := choose == nil
	if routed {
		choose = routedPath
	}
	name, err := choose(r)
	if err != nil {
		return "", err
	}
	if name == "" && routed && fixed != "" {
		return fixed, nil
	}
	if allow == nil {
		allow = files.IsVisible
	}
	switch {
	case name == "":
		return "", fmt.Errorf(`no path: neither Path nor the router's "path" or "*" gave one (its pattern is %q), and there is no FixedPath: %w`,
			r.Pattern, fs.ErrNotExist)
	case !allow(name):
		return "", fmt.Errorf("the view's Allow does not let %q be served: %w", name, fs.ErrNotExist)
	}
	return name, nil
}

// checkFixed returns why a file of the name fixed, if there is one, is never served.
func checkFixed(fixed string) error {
	if _, err := filepath.Localize(fixed); err != nil && fixed != "" {
		return fmt.Errorf("FixedPath %q is not as filepath.Localize wants it, and never served", fixed)
	}
	return nil
}

// routedPath returns the router's parameter "path", else what its wildcard "*"
// stands for, else "".
func routedPath(r *http.Request) (string, error) {
	name, err := PathParam(r, "path")
	if name == "" && err == nil {
		name, err = PathParam(r, "*")
	}
	return name, err
}
