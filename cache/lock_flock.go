//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cache

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the lock of an open file, unless somebody has it: then the error
// is [syscall.EWOULDBLOCK]. The lock ends when the file is closed, or the process ends. The
// error is [errors.ErrUnsupported] where there are no locks.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		return err
	}
	return errors.ErrUnsupported
}
