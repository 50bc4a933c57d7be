package rfc9110

import "strings"

// IsEntityTag reports whether s is one entity tag and nothing else.
func IsEntityTag(s string) bool {
	tag, rest := scanEntityTag(s)
	return tag != "" && rest == ""
}

// scanEntityTag returns the entity tag that s begins with, "" if it begins with
// none, and the rest of s. §8.8.3:
//
//	entity-tag = [ weak ] opaque-tag
//	weak       = %s"W/"
//	opaque-tag = DQUOTE *etagc DQUOTE
//	etagc      = %x21 / %x23-7E / obs-text
func scanEntityTag(s string) (tag, rest string) {
	i := len(s) - len(strings.TrimPrefix(s, "W/"))
	if i >= len(s) || s[i] != '"' {
		return "", s
	}
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:]
		case c <= ' ' || c == 0x7f:
			return "", s
		}
	}
	return "", s
}

// IsStrong reports whether the entity tag is a strong validator (§8.8.1).
func IsStrong(tag string) bool { return strings.HasPrefix(tag, `"`) }

// StrongMatch is the strong comparison of §8.8.3.2.
func StrongMatch(a, b string) bool { return a == b && IsStrong(a) }

// WeakMatch is the weak comparison of §8.8.3.2.
func WeakMatch(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }

// CodedTag returns the tag of content in a coding, made of the tag of a file that
// has it: a file in another coding may have the same, and theirs must differ
// (§8.8.3.3). MatchInCache takes no such end away.
func CodedTag(tag, coding string) string {
	end := strings.Map(func(r rune) rune {
		if r <= ' ' || r == '"' || r >= 0x7f { // no etagc, as in "gzip, br"
			return '.'
		}
		return r
	}, "."+coding)
	return strings.TrimSuffix(tag, `"`) + end + `"`
}

// MatchInCache is the weak comparison of a tag that a cache holds. Apache's
// mod_deflate and mod_brotli add a suffix to the tag of content that they compress, and
// pass the client's condition on as it is. It is for If-None-Match alone: the
// content is the same, the bytes are not.
func MatchInCache(held, own string) bool {
	if WeakMatch(held, own) {
		return true
	}
	for _, suffix := range []string{`-gzip"`, `-br"`} {
		if tag, ok := strings.CutSuffix(held, suffix); ok {
			return WeakMatch(tag+`"`, own)
		}
	}
	return false
}

// MatchesAny reports whether list, the value of If-Match or If-None-Match,
// matches tag ("": there is no tag). §13.1.1:
//
//	If-Match = "*" / #entity-tag
//
// Empty elements are allowed (§5.6.1.2). A list that goes wrong somewhere
// matches by what came before.
func MatchesAny(list, tag string, match func(a, b string) bool) bool {
	if list == "*" {
		return true // there is a representation, or this would be a 404
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		candidate, rest := scanEntityTag(list)
		if candidate == "" {
			return false
		}
		rest = strings.TrimLeft(rest, " \t")
		if rest != "" && rest[0] != ',' {
			return false
		}
		if tag != "" && match(candidate, tag) {
			return true
		}
		list = rest
	}
}
