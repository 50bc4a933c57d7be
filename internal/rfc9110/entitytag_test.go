package rfc9110_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// listTests are values of If-Match and If-None-Match, for content with the strong
// tag "v1".
var listTests = []struct {
	reason       string
	list         string
	strong, weak bool
}{
	{"the same", `"v1"`, true, true},
	{"the same, weak", `W/"v1"`, false, true},
	{"another", `"v2"`, false, false},
	{"W is case-sensitive", `w/"v1"`, false, false},
	{"no space behind W/", `W/ "v1"`, false, false},
	{"no quotes", `v1`, false, false},
	{"half of the quotes", `"v1`, false, false},
	{"any, §13.1.1", `*`, true, true},
	{"that is a tag", `"*"`, false, false},
	{"an empty tag is one", `""`, false, false},
	{"one of several, and empty elements", `, ,"v2",,W/"v1" ,`, false, true},
	{"tabs around", "\"v2\"\t,\t\"v1\"", true, true},
	{"a comma in a tag", `"v2,", "v1"`, true, true},
	{"what is not ASCII is allowed", "\"v\xfc\", \"v1\"", true, true},
	{"it goes wrong behind it", `"v1", ?`, true, true},
	{"it goes wrong ahead of it", `"v 1", "v1"`, false, false},
	{"no comma between", `"v2" "v1"`, false, false},
	{"* is no element", `"v2", *`, false, false},
}

func TestMatchesAny(t *testing.T) {
	for _, tt := range listTests {
		if got := rfc9110.MatchesAny(tt.list, `"v1"`, rfc9110.StrongMatch); got != tt.strong {
			t.Errorf("%s: %s matches strongly: %v, want %v", tt.reason, tt.list, got, tt.strong)
		}
		if got := rfc9110.MatchesAny(tt.list, `"v1"`, rfc9110.WeakMatch); got != tt.weak {
			t.Errorf("%s: %s matches weakly: %v, want %v", tt.reason, tt.list, got, tt.weak)
		}
	}
}

func TestCodedTag(t *testing.T) {
	for _, tt := range []struct{ tag, coding, want string }{
		{`"1-a"`, "br", `"1-a.br"`},
		{`W/"1-a"`, "gzip", `W/"1-a.gzip"`},
		{`"1"`, `gzip, "x"`, `"1.gzip,..x."`},
	} {
		got := rfc9110.CodedTag(tt.tag, tt.coding)
		if got != tt.want || !rfc9110.IsEntityTag(got) || rfc9110.MatchInCache(got, tt.tag) {
			t.Errorf("CodedTag(%s, %s) = %s, want %s, which is not taken for the tag without", tt.tag, tt.coding, got, tt.want)
		}
	}
}

func TestTagsOfOneComparison(t *testing.T) { // the table of §8.8.3.2
	for _, tt := range []struct {
		a, b         string
		strong, weak bool
	}{
		{`W/"1"`, `W/"1"`, false, true},
		{`W/"1"`, `W/"2"`, false, false},
		{`W/"1"`, `"1"`, false, true},
		{`"1"`, `"1"`, true, true},
	} {
		if got := rfc9110.StrongMatch(tt.a, tt.b); got != tt.strong {
			t.Errorf("StrongMatch(%s, %s) = %v", tt.a, tt.b, got)
		}
		if got := rfc9110.WeakMatch(tt.a, tt.b); got != tt.weak {
			t.Errorf("WeakMatch(%s, %s) = %v", tt.a, tt.b, got)
		}
	}
}

func FuzzEntityTagList(f *testing.F) {
	for _, tt := range listTests {
		for _, tag := range []string{`"v1"`, `W/"v1"`, `""`, `"v2,"`, ""} {
			f.Add(tt.list, tag)
		}
	}
	f.Fuzz(func(t *testing.T, list, tag string) {
		list = strings.Trim(list, " \t") // as every field value is
		if tag != "" && !rfc9110.IsEntityTag(tag) {
			return
		}
		strong, weak := naiveMatch(list, tag)
		if got := rfc9110.MatchesAny(list, tag, rfc9110.StrongMatch); got != strong {
			t.Errorf("%q matches %q strongly: %t, want %t", list, tag, got, strong)
		}
		if got := rfc9110.MatchesAny(list, tag, rfc9110.WeakMatch); got != weak {
			t.Errorf("%q matches %q weakly: %t, want %t", list, tag, got, weak)
		}
		if naive := entityTag.MatchString(list); rfc9110.IsEntityTag(list) != naive {
			t.Errorf("%q is an entity tag: %t, want %t", list, !naive, naive)
		}
	})
}

// entityTag is RFC 9110 §8.8.3, over the bytes of a string: (?s) and the
// excluded class take what is not UTF-8 as well.
var entityTag = regexp.MustCompile(`^(?s:(W/)?"([^"\x00-\x20\x7f]*)")$`)

// naiveMatch splits list at the commas outside of quotes, and looks at one
// element after the other until one is not a tag.
func naiveMatch(list, tag string) (strong, weak bool) {
	if list == "*" {
		return true, true
	}
	for _, element := range splitOutsideQuotes(list) {
		element = strings.Trim(element, " \t")
		if element == "" {
			continue
		}
		m := entityTag.FindStringSubmatch(element)
		if m == nil {
			break
		}
		if own := entityTag.FindStringSubmatch(tag); own != nil && m[2] == own[2] {
			weak = true
			strong = strong || m[1] == "" && own[1] == ""
		}
	}
	return strong, weak
}

func splitOutsideQuotes(list string) (elements []string) {
	quoted, start := false, 0
	for i := range len(list) {
		switch {
		case list[i] == '"':
			quoted = !quoted
		case list[i] == ',' && !quoted:
			elements = append(elements, list[start:i])
			start = i + 1
		}
	}
	return append(elements, list[start:])
}
