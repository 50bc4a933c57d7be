package files

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
)

// isName reports whether name is a path below a directory, in slashes, that means
// one file only: [filepath.Localize] takes it, and so neither "..", "a//b" nor a
// rooted path is one. A check of the name then sees what the system opens.
func isName(name string) bool {
	_, err := filepath.Localize(name)
	return err == nil && (runtime.GOOS != "windows" || isWindowsName(name))
}

// checkName returns an [fs.ErrNotExist] if name is not one.
func checkName(name string) error {
	if !isName(name) {
		return fmt.Errorf("files: %q is no name of a file, or another spelling of one: %w", name, fs.ErrNotExist)
	}
	return nil
}

// isWindowsName reports whether Windows opens name as it is spelled: it drops dots
// and blanks at the end of an element, and has a second name for many files, as
// GIT~1 is for .git. Another case is the same file, too, but a name as good.
// Characters that no name can have are refused as well.
//
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func isWindowsName(name string) bool {
	for element := range strings.SplitSeq(name, "/") {
		if strings.ContainsAny(element, `\:*?"<>|`) || strings.ContainsFunc(element, func(r rune) bool { return r < ' ' }) ||
			strings.TrimRight(element, ". ") != element || isShortName(element) {
			return false
		}
	}
	return true
}

// isShortName reports whether element may be an 8.3 name: it has a tilde and a
// digit.
func isShortName(element string) bool {
	for _, after := range strings.Split(element, "~")[1:] {
		if after != "" && '0' <= after[0] && after[0] <= '9' {
			return true
		}
	}
	return false
}
