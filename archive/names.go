package archive

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/internal/filename"
)

// checkEntries returns an [EntryError] for an entry that cannot be in an archive: by
// itself, or together with the others.
func checkEntries(entries []Entry) error {
	for i := range entries {
		e := &entries[i]
		err := nameFault(e.Name)
		if err == nil {
			err = e.check()
		}
		if err != nil {
			return &EntryError{e.Name, err}
		}
	}
	return checkTogether(entries)
}

// maxElement is how long an element of a name may be in bytes: no reader on Linux
// extracts a longer one.
const maxElement = 255

// nameFault returns why an entry cannot be called name. Readers extract to
// wherever a name leads, so none may lead out of the directory they extract to,
// on any system.
func nameFault(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case len(name) > math.MaxUint16: // the field that has its length, APPNOTE 4.4.10
		return fmt.Errorf("the name has %d bytes, and must not have more than %d", len(name), math.MaxUint16)
	case name[0] == '/':
		return errors.New("the name is absolute")
	case hasDrive(name):
		return errors.New("the name begins with a drive letter, which is absolute on Windows")
	}
	if err := charactersFault(name); err != nil {
		return err
	}
	for rest, more := bare(name), true; more; {
		var element string
		element, rest, more = strings.Cut(rest, "/")
		switch {
		case element == "", element == ".", element == "..":
			return errors.New(`the name has an element that is "", "." or ".."`)
		case len(element) > maxElement:
			return fmt.Errorf("an element of the name has %d bytes, and must not have more than %d", len(element), maxElement)
		}
	}
	return nil
}

// hasDrive reports whether name begins as C:x or C:/x does.
func hasDrive(name string) bool {
	return len(name) > 1 && name[1] == ':' && 'a' <= name[0]|0x20 && name[0]|0x20 <= 'z'
}

// charactersFault returns which character must not be in a name.
func charactersFault(name string) error {
	if isPlain(name) {
		return nil
	}
	switch {
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	case strings.Contains(name, `\`):
		return errors.New("the name has a backslash, which separates directories on Windows")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has a control character")
	case strings.ContainsFunc(name, filename.IsBidi):
		return errors.New("the name has a bidirectional control, which makes it look like another name")
	}
	return nil
}

// isPlain is a short cut: most names have no character that needs a look.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// checkTogether returns an [EntryError] for an entry with the name of another, or
// in a file. It takes as long as the names are, however deep: hashes of directories
// are made one of the other.
func checkTogether(entries []Entry) error {
	s := nameSet{entries: entries, byHash: make(map[uint64]int32, len(entries)), seed: maphash.MakeSeed()}
	for i := range entries {
		if s.add(int32(i)); s.err != nil {
			return &EntryError{entries[i].Name, s.err}
		}
	}
	s.last, s.lastHash = "", 0
	for i := range entries {
		if s.hash(entries[i].Name, s.checkDirectory); s.err != nil {
			return &EntryError{entries[i].Name, s.err}
		}
	}
	return nil
}

// nameSet is a set of names without a final slash. Two of the same hash have
// neighbouring keys.
type nameSet struct {
	entries []Entry
	byHash  map[uint64]int32 // the index of an entry
	seed    maphash.Seed
	err     error

	last     string // the directory of the name that was hashed last, with a final slash
	lastHash uint64
}

// add adds the name of entry i.
func (s *nameSet) add(i int32) {
	name := bare(s.entries[i].Name)
	key := s.hash(name, nil)
	for {
		other, found := s.byHash[key]
		if !found {
			s.byHash[key] = i
			return
		}
		if bare(s.entries[other].Name) == name {
			s.err = errors.New("another entry has the same name")
			return
		}
		key++
	}
}

// hash returns the hash of a name. It tells check of each directory on the way, but
// not again of the directory of the name before.
func (s *nameSet) hash(name string, check func(dir string, key uint64)) uint64 {
	at, h := 0, uint64(0)
	if strings.HasPrefix(name, s.last) {
		at, h = len(s.last), s.lastHash
	}
	for {
		end := strings.IndexByte(name[at:], '/')
		if end < 0 {
			return s.join(h, name[at:])
		}
		end += at
		h = s.join(h, name[at:end])
		if at = end + 1; at == len(name) {
			return h
		}
		s.last, s.lastHash = name[:at], h
		if check != nil {
			check(name[:end], h)
		}
	}
}

// join returns the hash of a name in the directory with the hash h.
func (s *nameSet) join(h uint64, element string) uint64 {
	const odd = 0x9e3779b97f4a7c15 // so that no two of h become one
	return bits.RotateLeft64(h*odd, 32) ^ maphash.String(s.seed, element)
}

// checkDirectory sets err if dir is a file.
func (s *nameSet) checkDirectory(dir string, key uint64) {
	for {
		i, found := s.byHash[key]
		if !found || s.entries[i].isDir() { // dir, but for one chance in 2⁶⁴
			return
		}
		if s.entries[i].Name == dir {
			s.err = fmt.Errorf("%.200q, which is a file, would be a directory", dir)
			return
		}
		key++
	}
}

func bare(name string) string { return strings.TrimSuffix(name, "/") }
