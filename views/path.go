package views

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"

	"github.com/go-downloadview/downloadview/files"
)

// PathDownloadView serves files of the local filesystem, those in one root.
//
// Nothing outside the root is reached, whatever the path. These are a 404:
//
//   - symbolic links that lead out of the root;
//   - directories, devices, pipes and sockets, none of which is opened;
//   - other spellings of a path: with "..", a second slash or a rooted one, and on
//     Windows with a backslash, a final dot or an 8.3 name. Allow, and middleware
//     that looks at the URL, may take it for another. See [files.OpenInRoot];
//   - names that begin with a dot, unless Allow says otherwise.
//
// Files are sent by sendfile(2) where the connection allows it.
//
//	manuals := views.PathDownloadView{Dir: "/srv/manuals"}
//	manuals.Options.Inline = true
//
// Inline, Basename, WriteTimeout, OnDone and the other [response.Options] are in
// the field Options of the BaseDownloadView.
//
// In django-downloadview: PathDownloadView.
type PathDownloadView struct {
	BaseDownloadView

	// Root confines the files.
	Root *os.Root
	// Dir is the directory to confine them to where there is no Root. It is
	// opened anew for each request.
	Dir string

	// Path says which file, as a path in the root with slashes, on Windows too;
	// nil: the router's parameter "path", or what its wildcard "*" stands for,
	// else FixedPath. It is a field, not a method to override, because GetFile
	// calls it.
	Path func(r *http.Request) (string, error)
	// FixedPath is for a view of one file.
	FixedPath string

	// Allow reports whether the file of a path in the root may be served;
	// if not, the answer is 404. It is asked about every path but FixedPath, also
	// about those that Path makes. nil: [files.IsVisible], which refuses ".env" and ".git/config".
	Allow func(name string) bool

	// Precompressed are the content codings to look for beside the file, the best
	// first: with {"br", "zstd", "gzip"}, a client that accepts br gets style.css.br
	// for style.css, under its name, with its type, and decodes it. Of codings that
	// the client weighs alike, the first one is taken. A coded file that is older
	// than the file itself is not used. Allow is asked about the file itself.
	Precompressed []string

	// DangerouslyServeAnyPath is instead of Root and Dir: Path or FixedPath is
	// a path of the operating system's, and may lead to any file that the
	// process can read. If Path is made from what the client sent, the client
	// can have all of them. The router's parameter is not used, nor is Allow.
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
	case v.DangerouslyServeAnyPath && v.Path == nil && v.FixedPath == "":
		return errors.New("DangerouslyServeAnyPath needs Path or FixedPath")
	case v.DangerouslyServeAnyPath && v.Allow != nil:
		return errors.New("with DangerouslyServeAnyPath, Allow is not asked")
	}
	if v.Dir != "" {
		if err := checkDir(v.Dir); err != nil {
			return err
		}
	}
	if !v.DangerouslyServeAnyPath {
		if err := checkFixed(v.FixedPath); err != nil {
			return err
		}
	}
	return checkPrecompressed(v.Precompressed, v.Options)
}

// checkDir returns an error if path is no directory.
func checkDir(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("no Dir to serve: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("the Dir %s is no directory", path)
	}
	return nil
}

// GetFile opens the file. It returns an *os.File, or with Precompressed a file
// around one.
func (v PathDownloadView) GetFile(r *http.Request) (fs.File, error) {
	if v.DangerouslyServeAnyPath {
		name := v.FixedPath
		if v.Path != nil {
			var err error
			if name, err = v.Path(r); err != nil {
				return nil, err
			}
		}
		return openAccepted(r, name, v.Precompressed, func(name string) (fs.File, error) { return file(files.OpenPath(name)) })
	}
	name, err := choosePath(r, v.Path, v.FixedPath, v.Allow)
	if err != nil {
		return nil, err
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
	return openAccepted(r, name, v.Precompressed, func(name string) (fs.File, error) { return file(files.OpenInRoot(root, name)) })
}

// file keeps a nil pointer out of an fs.File.
func file[F fs.File](f F, err error) (fs.File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
