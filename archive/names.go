package archive

import (
	"errors"
	"fmt"
	"math"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkEntries returns an [EntryError] for the first entry that cannot be in an
// archive: by itself, or together with the others.
func checkEntries(entries []Entry) error {
	isDir := make(map[string]bool, len(entries)) // by the name without a final slash
	for i := range entries {
		e := &entries[i]
		err := e.check()
		if fault := nameFault(e.Name); fault != nil {
			err = fault
		}
		name := strings.TrimSuffix(e.Name, "/")
		if _, found := isDir[name]; found && err == nil {
			err = errors.New("another entry has the same name")
		}
		if err != nil {
			return &EntryError{e.Name, err}
		}
		isDir[name] = e.isDir()
	}
	for i := range entries {
		name := entries[i].Name
		for at := len(name) - 1; at > 0; {
			if at = strings.LastIndexByte(name[:at], '/'); at < 0 {
				break
			}
			if dir, found := isDir[name[:at]]; found && !dir {
				return &EntryError{name, fmt.Errorf("%.200q, which is a file, would be a directory", name[:at])}
			}
		}
	}
	return nil
}

// nameFault returns why an entry cannot be called name. Readers extract to
// wherever a name leads, so none may lead out of the directory they extract to,
// on any system.
func nameFault(name string) error {
	switch bare := strings.TrimSuffix(name, "/"); {
	case name == "":
		return errors.New("the name is empty")
	case len(name) > math.MaxUint16: // the field that has its length, APPNOTE 4.4.10
		return fmt.Errorf("the name has %d bytes, and must not have more than %d", len(name), math.MaxUint16)
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	case strings.HasPrefix(name, "/"):
		return errors.New("the name is absolute")
	case strings.Contains(name, `\`):
		return errors.New("the name has a backslash, which separates directories on Windows")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has a control character")
	case bare == ".", path.Clean(bare) != bare, bare == "..", strings.HasPrefix(bare, "../"):
		return errors.New(`the name has an element that is "", "." or ".."`)
	}
	return nil
}
