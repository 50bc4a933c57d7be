package views

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/go-downloadview/downloadview/files"
)

// PathDownloadView serves files of the local filesystem, those in one root.
//
// Nothing outside the root is reached, whatever the path: "..", absolute paths
// and symbolic links that lead out are a 404, and so are directories, devices,
// pipes and sockets, none of which is opened. Files are sent by sendfile(2)
// where the connection allows it.
//
// In django-downloadview: PathDownloadView.
type PathDownloadView struct {
	BaseDownloadView

	// Root confines the files.
	Root *os.Root
	// Dir is the directory to confine them to where there is no Root. It is
	// opened anew for each request.
	Dir string

	// Path says which file, as a path in the root; nil: the router's
	// parameter "path", or what its wildcard "*" stands for, else FixedPath.
	// It is a field, not a method to override, because GetFile calls it.
	Path func(r *http.Request) (string, error)
	// FixedPath is for a view of one file.
	FixedPath string

	// DangerouslyServeAnyPath is instead of Root and Dir: Path or FixedPath is
	// a path of the operating system's, and may be that of any file which the
	// process can read. A Path that makes use of what the client sent then
	// hands out all of them. The router's parameter is not used.
	DangerouslyServeAnyPath bool
}

// Check reports settings that are impossible.
func (v PathDownloadView) Check() error {
	confined := 0
	for _, set := range []bool{v.Root != nil, v.Dir != "", v.DangerouslyServeAnyPath} {
		if set {
			confined++
		}
	}
	switch {
	case confined == 0:
		return errors.New("neither Root nor Dir is set")
	case confined > 1:
		return errors.New("only one of Root, Dir and DangerouslyServeAnyPath may be set")
	}
	if v.DangerouslyServeAnyPath && v.Path == nil && v.FixedPath == "" {
		return errors.New("DangerouslyServeAnyPath needs Path or FixedPath")
	}
	return nil
}

// GetFile opens the file. It returns an *os.File.
func (v PathDownloadView) GetFile(r *http.Request) (fs.File, error) {
	path := v.Path
	if path == nil && !v.DangerouslyServeAnyPath {
		path = routedPath(v.FixedPath)
	}
	name := v.FixedPath
	if path != nil {
		var err error
		if name, err = path(r); err != nil {
			return nil, err
		}
	}
	if v.DangerouslyServeAnyPath {
		return file(files.OpenPath(name))
	}
	root := v.Root
	if root == nil {
		dir, err := os.OpenRoot(v.Dir)
		if err != nil {
			return nil, errors.New(err.Error()) // no 404: the program is set up wrong
		}
		defer dir.Close()
		root = dir
	}
	return file(files.OpenInRoot(root, name))
}

// file keeps a nil *os.File out of an fs.File.
func file(f *os.File, err error) (fs.File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// routedPath returns what reads the path from the router: its parameter "path",
// else what its wildcard "*" stands for, else fixed.
func routedPath(fixed string) func(*http.Request) (string, error) {
	return func(r *http.Request) (string, error) {
		for _, parameter := range []string{"path", "*"} {
			if value := r.PathValue(parameter); value != "" {
				return unescapedPath(r, value)
			}
		}
		return fixed, nil
	}
}

// unescapedPath returns a path parameter without escapes. Routers differ, and do
// not say so: what http.ServeMux gives is of the URL's Path, what chi gives is
// of its RawPath if there is one. The value is looked for in both; a path is the
// end of a URL as a rule.
func unescapedPath(r *http.Request, value string) (string, error) {
	if !strings.Contains(r.URL.RawPath, value) || strings.HasSuffix(r.URL.Path, value) {
		return value, nil
	}
	path, err := url.PathUnescape(value)
	if err != nil {
		return "", &fs.PathError{Op: "open", Path: value, Err: fs.ErrNotExist}
	}
	return path, nil
}
