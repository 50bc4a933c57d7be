package files

import (
	"errors"
	"os"
	"strconv"
	"syscall"
)

// largeFile is for 32-bit systems, where an os.Root does not open files of 2 GiB and
// more without it.
const largeFile = syscall.O_LARGEFILE

// nameOnly is O_PATH, which opens no content.
const nameOnly = 0x200000

// openLeased opens a file that open did not, because of err. If another program
// has a lease on the file (Samba, an NFS server), open(2) without O_NONBLOCK waits
// until the lease is given up, or taken away: for 45 s at most, by
// /proc/sys/fs/lease-break-time. The file that O_PATH has opened stays the same, so no
// pipe can take its place.
func openLeased(name string, open opener, err error) (*os.File, error) {
	if !errors.Is(err, syscall.EAGAIN) {
		return nil, err
	}
	handle, pathErr := open(name, nameOnly, 0)
	if pathErr != nil {
		return nil, pathErr
	}
	defer handle.Close()
	if err := regular(handle.Stat()); err != nil {
		return nil, err
	}
	for {
		fd, err := syscall.Open("/proc/self/fd/"+strconv.Itoa(int(handle.Fd())), syscall.O_CLOEXEC|largeFile, 0)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), handle.Name()), nil
		case err != syscall.EINTR:
			return nil, &os.PathError{Op: "open", Path: name, Err: err}
		}
	}
}
