package views

import (
	"errors"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
)

// StorageDownloadView serves files of a storage by their names in it. A storage
// is any [fs.FS]: an os.Root's, an embed.FS, a zip, a bucket. See
// [files.ContextFS] and [files.URLFS] for further methods.
//
//	styles := views.StorageDownloadView{Storage: assets, FixedPath: "testdata/style.css"}
//	styles.Options.Inline = true
//
// Inline, Basename, WriteTimeout, OnDone and the other [response.Options] are in
// the field Options of the BaseDownloadView.
//
// In django-downloadview: StorageDownloadView.
type StorageDownloadView struct {
	BaseDownloadView

	// Storage is where the files are.
	Storage fs.FS

	// Path says which file, by its name in the storage; nil: the router's
	// parameter "path", or what its wildcard "*" stands for, else FixedPath.
	// It is a field, not a method to override, because GetFile calls it.
	Path func(r *http.Request) (string, error)
	// FixedPath is for a view of one file.
	FixedPath string

	// Allow reports whether the file of a name may be served; if not, the
	// answer is 404. It is asked about every name but FixedPath, whoever made it.
	// nil: [files.IsVisible], which refuses ".env" and ".git/config".
	Allow func(name string) bool

	// Precompressed are the content codings to look for beside the file, the best
	// first: with {"br", "zstd", "gzip"}, a client that accepts br gets style.css.br
	// for style.css, under its name, with its type, and decodes it. Of codings that
	// the client weighs alike, the first one is taken. A coded file that is older
	// than the file itself is not used. Allow is asked about the file itself.
	Precompressed []string
}

// Check reports settings that are impossible.
func (v StorageDownloadView) Check() error {
	if isNil(v.Storage) {
		return errors.New("no Storage is set")
	}
	if err := checkFixed(v.FixedPath); err != nil {
		return err
	}
	return checkPrecompressed(v.Precompressed, v.Options)
}

// GetFile opens the file. It returns a [*files.StorageFile], or with Precompressed a
// file around one.
func (v StorageDownloadView) GetFile(r *http.Request) (fs.File, error) {
	name, err := choosePath(r, v.Path, v.FixedPath, v.Allow)
	if err != nil {
		return nil, err
	}
	return openAccepted(r, name, v.Precompressed, func(name string) (fs.File, error) {
		return file(files.OpenStorageFile(r.Context(), v.Storage, name))
	})
}
