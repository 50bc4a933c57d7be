package archive

import (
	"strings"

	"github.com/go-downloadview/downloadview/internal/filename"
	"golang.org/x/text/unicode/norm"
)

// SafeName makes one element of an entry's name out of any text, a title for
// example, that can be extracted everywhere. It never is empty.
//
// Separators and what Windows cannot have in a name (* ? < > | " :) become "_", and
// so does invalid UTF-8. Controls, bidirectional ones too, are removed, and so are
// blanks around the name and dots at its end. A device of Windows (con, nul.txt)
// gets a "_" in front. The name is in Unicode normalization form C, and is cut to 255
// bytes, keeping its extension.
//
// Two texts may become one name, and so may two names on systems that ignore case.
// Where names must differ, begin with a number: its end may be cut off.
func SafeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\*?<>|":`, r) {
			return '_'
		}
		return r
	}, filename.Clean(name))
	name = trimBlanks(norm.NFC.String(name))
	if isDevice(name) {
		name = "_" + name
	}
	if name = trimBlanks(filename.Cut(name, maxElement)); name == "" {
		return "_"
	}
	return name
}

// trimBlanks removes blanks, and the dots at the end that Windows would drop.
func trimBlanks(name string) string {
	return strings.TrimRight(strings.TrimSpace(name), " .")
}

// isDevice reports whether Windows takes name for a device, whatever its extension.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	switch stem = strings.ToUpper(strings.TrimRight(stem, " ")); stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && len(port) > 0 && strings.Trim(port, "0123456789¹²³") == "" && len([]rune(port)) == 1
}
