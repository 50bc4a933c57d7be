package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
	"golang.org/x/text/unicode/runenames"
)

type UnicodeDownloadView struct{ views.VirtualDownloadView }

func (UnicodeDownloadView) GetFile(*http.Request) (fs.File, error) {
	size, etag := unicodeVersion()
	file := files.NewVirtualFile(files.NewWriterIO(writeUnicode), "unicode.csv")
	file.Size, file.ETag = size, etag
	return file, nil
}

func (UnicodeDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{WriteTimeout: 30 * time.Second}
}

// unicodeVersion generates the file once, into a hash, to know its size and to
// give it an entity tag that is true by construction.
var unicodeVersion = sync.OnceValues(func() (size int64, etag string) {
	hash := sha256.New()
	size, err := files.NewWriterIO(writeUnicode).WriteTo(hash)
	if err != nil {
		panic(err) // a hash takes everything
	}
	return size, fmt.Sprintf(`"%x"`, hash.Sum(nil)[:16])
})

// writeUnicode writes a row for each character: each code point that is
// assigned, but for surrogates and private use, which Unicode gives no names.
func writeUnicode(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"code point", "character", "name", "category", "script"}); err != nil {
		return err
	}
	scripts := spans(unicode.Scripts)
	for _, category := range spans(categories()) {
		for r := category.first; r <= category.last; r++ {
			for scripts[0].last < r {
				scripts = scripts[1:]
			}
			character := ""
			if category.value[0] != 'C' { // a control or format character
				character = string(r)
			}
			row := []string{fmt.Sprintf("U+%04X", r), character, runenames.Name(r), category.value, scripts[0].value}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// categories are the general categories of characters. The others of the map
// are those that are left out, and unions of these: L of Lu, Ll and so on.
func categories() map[string]*unicode.RangeTable {
	all := maps.Clone(unicode.Categories)
	maps.DeleteFunc(all, func(name string, _ *unicode.RangeTable) bool {
		return len(name) == 1 || name == "LC" || name == "Cn" || name == "Cs" || name == "Co"
	})
	return all
}

// A span is a run of code points with the same value of a property.
type span struct {
	first, last rune
	value       string
}

// spans returns the spans of tables that have no code point in common, in order.
func spans(tables map[string]*unicode.RangeTable) []span {
	var all []span
	add := func(first, last, stride rune, value string) {
		if stride == 1 {
			all = append(all, span{first, last, value})
			return
		}
		for r := first; r <= last; r += stride {
			all = append(all, span{r, r, value})
		}
	}
	for value, table := range tables {
		for _, r := range table.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride), value)
		}
		for _, r := range table.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride), value)
		}
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	return all
}
