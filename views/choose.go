package views

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// choosePath returns the path of the file that r asks for: that of choose, if
// there is one, else the router's, else fixed. It is refused if ".." is in it, or
// if the client has named it and allow, nil for [isVisible], says no.
func choosePath(r *http.Request, choose func(*http.Request) (string, error), fixed string, allow func(string) bool) (string, error) {
	var name string
	var err error
	byClient := true // not the program's own word
	if choose != nil {
		name, err = choose(r)
		byClient = isNamed(r, name)
	} else if name, err = routedPath(r); name == "" && err == nil {
		name, byClient = fixed, false
	}
	if allow == nil {
		allow = isVisible
	}
	switch {
	case err != nil:
		return "", err
	case name == "" && choose == nil:
		return "", fmt.Errorf(`the router gave neither "path" nor "*" (its pattern is %q), and the view has neither Path nor FixedPath: %w`,
			r.Pattern, fs.ErrNotExist)
	case slices.Contains(elements(name), ".."):
		return "", fmt.Errorf("%q has .. in it: %w", name, fs.ErrNotExist)
	case byClient && !allow(path.Clean(name)):
		return "", fmt.Errorf("the view's Allow does not let %q be served: %w", name, fs.ErrNotExist)
	}
	return name, nil
}

// routedPath returns the router's parameter "path", else what its wildcard "*"
// stands for, else "".
func routedPath(r *http.Request) (string, error) {
	name, err := PathParam(r, "path")
	if name == "" && err == nil {
		name, err = PathParam(r, "*")
	}
	return name, err
}

// elements cuts a path at each slash, and at each backslash, which is one where
// the system is Windows.
func elements(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
}

// isVisible is the default of Allow.
func isVisible(name string) bool {
	return !slices.ContainsFunc(elements(name), func(element string) bool {
		return element[0] == '.' && element != ".well-known"
	})
}

// isNamed reports whether the client has named the file, be it in part: whether an
// element of its path, or a word in one, stands in the URL. Case makes no
// difference, and Path may have added an extension. A dot that an element begins
// with belongs to its first word: if Path has added that, it is the program's own
// word. In doubt the client has named the file.
func isNamed(r *http.Request, name string) bool {
	sent, err := url.QueryUnescape(r.RequestURI)
	if err != nil {
		return true
	}
	sent = strings.ToLower(sent + " " + r.URL.Path)
	sentWords := words(sent)
	return slices.ContainsFunc(elements(strings.ToLower(name)), func(element string) bool {
		if strings.Contains(sent, element) {
			return true
		}
		stem := cmp.Or(strings.TrimSuffix(element, path.Ext(element)), element)
		inner := strings.TrimLeft(stem, ".")
		if dots := len(stem) - len(inner); dots > 0 {
			first := strings.IndexFunc(inner, isSeparator)
			if first < 0 {
				first = len(inner)
			}
			if strings.Contains(sent, stem[:dots+first]) {
				return true
			}
			inner = inner[first:]
		}
		return slices.ContainsFunc(words(inner), func(word string) bool { return slices.Contains(sentWords, word) })
	})
}

// words returns the runs of letters and digits in s.
func words(s string) []string { return strings.FieldsFunc(s, isSeparator) }

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
