package main

import (
	"errors"
	"os"

	"github.com/go-downloadview/downloadview/views"
)

// NewDiskView serves the files in root. Mounted at "/disk/*", it takes their
// paths from the router.
func NewDiskView(root *os.Root) views.PathDownloadView {
	return views.PathDownloadView{Root: root}
}

// newDisk returns a new directory with a copy of the demo's source in it.
func newDisk() (*os.Root, error) {
	dir, err := os.MkdirTemp("", "downloadview-demo-")
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	if err := os.CopyFS(dir, embedded); err != nil {
		return nil, errors.Join(err, removeDisk(root))
	}
	return root, nil
}

// removeDisk removes the directory.
func removeDisk(root *os.Root) error {
	return errors.Join(root.Close(), os.RemoveAll(root.Name()))
}
