package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// OpenInRoot opens the regular file of the given name in root. Nothing outside
// the root is reached: not by "..", not by an absolute path, not by a symbolic
// link. Those, and whatever is no regular file, are [fs.ErrNotExist]. A device
// or a pipe is not opened, which could block or do something.
//
// Hidden files are opened like others: if name comes from a client, ask
// [IsVisible] before, or ".env" and ".git/config" are downloads.
func OpenInRoot(root *os.Root, name string) (*os.File, error) {
	return openRegular(name, root.Stat, root.OpenFile)
}

// OpenPath opens the regular file at path, wherever that is. In all else it is
// as [OpenInRoot].
func OpenPath(path string) (*os.File, error) {
	return openRegular(path, os.Stat, os.OpenFile)
}

func openRegular(
	name string,
	stat func(string) (fs.FileInfo, error),
	open func(string, int, fs.FileMode) (*os.File, error),
) (*os.File, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if err := regular(stat(name)); err != nil {
		return nil, noSuchFile(err)
	}
	// The file may have been exchanged for another since then: so the opening
	// must not block either, and what was opened is looked at again.
	file, err := open(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, noSuchFile(err)
	}
	if err := regular(file.Stat()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// regular returns err, or an error if info is not that of a regular file (one of
// unknown size is).
func regular(info fs.FileInfo, err error) error {
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeType&^fs.ModeIrregular != 0 {
		return fmt.Errorf("%s is no regular file (%v): %w", info.Name(), info.Mode(), fs.ErrNotExist)
	}
	return nil
}

// noSuchFile makes an [fs.ErrNotExist] of an error that comes to the same: a name
// that cannot be one, a file in the place of a directory, a link that leads out
// of an os.Root.
func noSuchFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Package os has a text for the last of these errors, but no exported name.
	var path *fs.PathError
	if isBadName(err) || errors.As(err, &path) && path.Err.Error() == "path escapes from parent" {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}
