package response

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/internal/filename"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// maxName is the longest file name sent, in bytes of UTF-8. File systems take
// 255, but browsers need room for the suffix of an unfinished download.
const maxName = 240

// ContentDisposition returns a Content-Disposition header (RFC 6266) that
// presents content as a download of the given name: disposition is
// "attachment" or "inline", and anything that is not a token becomes
// "attachment".
//
// The name is cleaned: of a path the last element counts, control characters,
// bidirectional controls and blanks around the name are removed, invalid UTF-8
// becomes "_", and it is cut to 240 bytes at a character boundary, keeping its
// extension. If nothing is left but dots, the name is "download".
//
// There is always a fallback in ASCII for clients that know no other. Where it
// is not the whole truth, filename* (RFC 8187) follows. It comes second because
// some parsers take the first name that they see.
func ContentDisposition(disposition, filename string) string {
	if !isToken(disposition) {
		disposition = "attachment"
	}
	return dispositionOf(disposition, cmp.Or(cleanName(filename), nameless))
}

// dispositionOf is ContentDisposition of a clean name.
func dispositionOf(disposition, name string) string {
	fallback := asciiName(name)
	if fallback == name && !strings.Contains(name, "%") {
		return disposition + `; filename="` + name + `"`
	}
	return disposition + `; filename="` + fallback + `"; filename*=UTF-8''` + extValue(name)
}

// isToken reports whether s is a token (RFC 9110 §5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !rfc9110.IsUnreserved(s[i]) && !strings.Contains("!#$%&'*+^`|", s[i:i+1]) {
			return false
		}
	}
	return s != ""
}

// nameless is the name of content without one.
const nameless = "download"

// cleanName returns name without what no client should see, or "".
func cleanName(name string) string {
	if len(name) <= maxName && isClean(name) {
		return name
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:] // some clients would follow a path
	name = filename.Clean(name)
	name = strings.TrimSpace(filename.Cut(strings.TrimSpace(name), maxName))
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	return name
}

// isClean reports whether name, which is no longer than it may be, has nothing to
// clean: it is a short cut for most names.
func isClean(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || c == '/' || c == '\\' {
			return false
		}
	}
	return strings.Trim(name, ".") != ""
}

// asciiName returns what of name every client can read. It is a real name:
// curl knows no other. There is no escaping in it, since clients disagree on
// backslashes, and some decode %XX and =?…?= although they should not.
func asciiName(name string) string {
	if isPlain(name) {
		return name
	}
	var letters strings.Builder
	for _, r := range name {
		if r < utf8.RuneSelf {
			letters.WriteRune(r)
		} else {
			letters.WriteString(asciiLetter(r))
		}
	}
	ascii := []byte(letters.String())
	for i, c := range ascii {
		if c == '"' ||
			c == '%' && isHex(ascii, i+1) && isHex(ascii, i+2) ||
			c == '?' && i > 0 && ascii[i-1] == '=' {
			ascii[i] = '_'
		}
	}
	return string(ascii)
}

// isPlain reports whether nothing in name needs replacing. It is a short cut.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; c >= utf8.RuneSelf || c == '"' || c == '%' || c == '?' {
			return false
		}
	}
	return true
}

func isHex(s []byte, i int) bool {
	return i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
}

// asciiLetters lists the letters of the Latin alphabets after the ASCII that
// stands for them.
var asciiLetters = []struct{ ascii, letters string }{
	{"A", "ÀÁÂÃÄÅĀĂĄ"}, {"AE", "Æ"}, {"C", "ÇĆĈĊČ"}, {"D", "ÐĎĐ"}, {"E", "ÈÉÊËĒĔĖĘĚ"},
	{"G", "ĜĞĠĢ"}, {"H", "ĤĦ"}, {"I", "ÌÍÎÏĨĪĬĮİ"}, {"J", "Ĵ"}, {"K", "Ķ"}, {"L", "ĹĻĽĿŁ"},
	{"N", "ÑŃŅŇŊ"}, {"O", "ÒÓÔÕÖØŌŎŐ"}, {"OE", "Œ"}, {"R", "ŔŖŘ"}, {"S", "ŚŜŞŠȘ"},
	{"SS", "ẞ"}, {"T", "ŢŤŦȚ"}, {"TH", "Þ"}, {"U", "ÙÚÛÜŨŪŬŮŰŲ"}, {"W", "Ŵ"}, {"Y", "ÝŶŸ"},
	{"Z", "ŹŻŽ"},
	{"a", "àáâãäåāăą"}, {"ae", "æ"}, {"c", "çćĉċč"}, {"d", "ðďđ"}, {"e", "èéêëēĕėęě"},
	{"g", "ĝğġģ"}, {"h", "ĥħ"}, {"i", "ìíîïĩīĭįı"}, {"j", "ĵ"}, {"k", "ķĸ"}, {"l", "ĺļľŀł"},
	{"n", "ñńņňŉŋ"}, {"o", "òóôõöøōŏő"}, {"oe", "œ"}, {"r", "ŕŗř"}, {"s", "śŝşšſș"},
	{"ss", "ß"}, {"t", "ţťŧț"}, {"th", "þ"}, {"u", "ùúûüũūŭůűų"}, {"w", "ŵ"}, {"y", "ýÿŷ"},
	{"z", "źżž"},
	{"-", "‐‑‒–—"}, {"'", "‘’"}, {" ", "\u00a0\u2009\u202f"},
}

// asciiLetter returns the ASCII for r, else "_".
func asciiLetter(r rune) string {
	if unicode.Is(unicode.Mn, r) {
		return "" // a combining mark, on the letter ahead of it
	}
	for _, a := range asciiLetters {
		if strings.ContainsRune(a.letters, r) {
			return a.ascii
		}
	}
	return "_"
}

// extValue encodes name as the value-chars of RFC 8187 §3.2.1.
func extValue(name string) string {
	return string(rfc9110.AppendEscaped(nil, name, func(c byte) bool {
		// attr-char, RFC 8187 §3.2.1: a token without * ' %.
		return rfc9110.IsUnreserved(c) || strings.IndexByte("!#$&+^`|", c) >= 0
	}))
}
