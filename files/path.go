package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// OpenInRoot opens the regular file of the given name in root, with slashes on
// every system. Nothing outside the root is reached: not by a symbolic link, and
// not by ".." or an absolute path, which are no names (see [filepath.Localize]). Those
// are [fs.ErrNotExist], and so is all that is no regular file. A device or a pipe is
// not opened, which could block or do something.
//
// On Windows, spellings of another name are no names either: an element that ends
// in a dot or a blank, or that may be an 8.3 name since it has a tilde and a digit.
//
// Hidden files are opened like others: if name comes from a client, ask
// [IsVisible] before, or ".env" and ".git/config" are downloads.
func OpenInRoot(root *os.Root, name string) (*os.File, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return openRegular(name, root.Stat, root.OpenFile)
}

// OpenPath opens the regular file at path, which the system takes as it is: any file
// can be meant. In all else it is as [OpenInRoot].
func OpenPath(path string) (*os.File, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return openRegular(path, os.Stat, os.OpenFile)
}

type opener = func(name string, flag int, perm fs.FileMode) (*os.File, error)

func openRegular(name string, stat func(string) (fs.FileInfo, error), open opener) (*os.File, error) {
	if err := regular(stat(name)); err != nil {
		return nil, noSuchFile(err)
	}
	// The file may have been exchanged for another since then: so the opening
	// must not block either, and the open file is looked at again.
	file, err := open(name, os.O_RDONLY|nonblock|largeFile, 0)
	if err != nil {
		file, err = openLeased(name, open, err)
	}
	if err != nil {
		return nil, noSuchFile(err)
	}
	if err := regular(file.Stat()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// regular returns err, or an error if info is not of a regular file. A file of
// unknown size is one.
func regular(info fs.FileInfo, err error) error {
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeType&^fs.ModeIrregular != 0 {
		return fmt.Errorf("%s is no regular file (%v): %w", info.Name(), info.Mode(), fs.ErrNotExist)
	}
	return nil
}

// noSuchFile makes an [fs.ErrNotExist] of an error that means the same: a name
// that cannot be one, a file in the place of a directory, a link that leads out
// of an os.Root.
func noSuchFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Package os has a text for the last of these errors, but no exported name.
	var path *fs.PathError
	isBadName := func(name error) bool { return errors.Is(err, name) }
	if slices.ContainsFunc(badNames, isBadName) || errors.As(err, &path) && path.Err.Error() == "path escapes from parent" {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}
