package files_test

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-downloadview/downloadview/files"
)

// fcntl's commands for leases, and a write lease.
const (
	setLease = 1024
	write    = syscall.F_WRLCK
)

// Samba and NFS servers have leases on files. Whoever opens such a file waits until
// the lease is given up.
func TestOpenWaitsForALease(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, open := range map[string]func() (*os.File, error){
		"OpenInRoot": func() (*os.File, error) { return files.OpenInRoot(root, "a.txt") },
		"OpenPath":   func() (*os.File, error) { return files.OpenPath(path) },
	} {
		t.Run(name, func(t *testing.T) {
			// The kernel tells the holder by SIGIO that somebody waits.
			wanted := make(chan os.Signal, 1)
			signal.Notify(wanted, syscall.SIGIO)
			defer signal.Stop(wanted)
			holder, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer holder.Close()
			lease := func(kind int) error {
				_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, holder.Fd(), setLease, uintptr(kind))
				if errno != 0 {
					return errno
				}
				return nil
			}
			if err := lease(write); err != nil {
				t.Fatalf("no lease on a file in %s: %v", dir, err)
			}
			released := make(chan struct{})
			go func() {
				defer close(released)
				<-wanted
				if err := lease(syscall.F_UNLCK); err != nil {
					t.Error(err)
				}
			}()
			file, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			<-released
			if info, err := file.Stat(); err != nil || info.Name() != "a.txt" || info.Size() != 7 {
				t.Errorf("opened %v, %v", info, err)
			}
		})
	}
}

// On 32-bit systems, too.
func TestOpenLargeFile(t *testing.T) {
	dir := t.TempDir()
	const size = 3 << 30
	path := filepath.Join(dir, "large.bin")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); errors.Is(err, syscall.EFBIG) {
		t.Skip("the file system has no files of 3 GiB")
	} else if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	file, err := files.OpenInRoot(root, "large.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() != size {
		t.Errorf("opened %v, %v", info, err)
	}
}
