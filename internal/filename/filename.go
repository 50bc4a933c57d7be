// Package filename has what names of files need wherever they go: in a header field
// and in an archive.
package filename

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns name without control characters, line separators and bidirectional
// controls. Invalid UTF-8 becomes "_".
func Clean(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case ' ' <= r && r <= '~': // most are, and need no look into a table
			return r
		case IsBidi(r), unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
}

// IsBidi reports whether r is a bidirectional control. "gpj.exe" behind one reads
// "exe.jpg".
func IsBidi(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// Cut cuts name to most bytes at a character boundary, keeping its extension unless
// that is most of the name. Of an archive that is compressed, ".tar" belongs to it.
func Cut(name string, most int) string {
	if len(name) <= most {
		return name
	}
	ext := path.Ext(name)
	if stem := strings.TrimSuffix(name, ext); strings.EqualFold(path.Ext(stem), ".tar") {
		ext = name[len(stem)-len(".tar"):]
	}
	if len(ext) > most/2 {
		ext = ""
	}
	end := most - len(ext)
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + ext
}
