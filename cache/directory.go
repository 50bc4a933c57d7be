package cache

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// directory is the directory of the copies, as the file system has it.
//
// A lock is held while the files of its identities are listed, made or removed: for
// a short time. There are several, so that identities hardly share one. A goroutine
// holds one at a time.
type directory struct {
	root  *os.Root
	locks [32]sync.Mutex
}

// lock takes the lock of a directory, or of an identity in it.
func (d *directory) lock(id string) (unlock func()) {
	mu := &d.locks[strings.IndexByte("0123456789abcdefghijklmnopqrstuv", id[0])&31]
	mu.Lock()
	return mu.Unlock
}

// names returns the names in a directory; none if it does not exist.
func (d *directory) names(dir string) ([]string, error) {
	f, err := d.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return names, err
}

// list returns the copies in a directory whose identities begin with prefix.
func (d *directory) list(dir, prefix string) (found []copyName, err error) {
	names, err := d.names(dir)
	for _, s := range names {
		if !strings.HasPrefix(s, prefix) {
			continue
		}
		if name, ok := parseName(s); ok && shard(name.id) == dir {
			found = append(found, name)
		}
	}
	return found, err
}

// open opens a copy. One that was shortened, or is no regular file, does not exist.
func (d *directory) open(name copyName) (*os.File, error) {
	f, err := d.root.Open(name.path())
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (info.Size() != name.size || !info.Mode().IsRegular()) {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// remove removes a file, unless somebody else has done so.
func (d *directory) remove(path string) error {
	err := d.root.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeDir makes the directory of a copy.
func (d *directory) makeDir(dir string) error {
	err := d.root.Mkdir(dir, 0o777)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		d.sync(".")
	}
	return err
}

// sync makes the names in a directory outlast a crash. Not every system can.
// Without it, a crash may cost a copy.
func (d *directory) sync(dir string) {
	if f, err := d.root.Open(dir); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

// createTemp creates a file for a draft, and takes its lock, which shows sweeps of
// all processes that the draft is alive.
func (d *directory) createTemp() (*os.File, string, error) {
	for {
		name := newTempName()
		f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return nil, "", err
		}
		err = lockFile(f)
		if errors.Is(err, errors.ErrUnsupported) {
			return f, name, nil
		}
		if err == nil {
			// A sweep may have removed it before it was locked.
			if _, err = d.root.Lstat(name); err == nil {
				return f, name, nil
			}
		}
		f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, fs.ErrNotExist) {
			d.remove(name)
			return nil, "", err
		}
	}
}

// isFull reports whether err says that there is no room left.
func isFull(err error) bool {
	const diskFull = syscall.Errno(112) // of Windows
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || runtime.GOOS == "windows" && errors.Is(err, diskFull)
}

// isBusy reports whether err says that too many files are open: in a moment there
// may be fewer.
func isBusy(err error) bool { return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) }

// isRefused reports whether err says that a file system cannot carry out a
// request. Bytes that were written before are safe.
func isRefused(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL)
}
