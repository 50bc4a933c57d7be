package main

import (
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-downloadview/downloadview"
)

type link struct{ Path, Text string }

// documents returns links to all pages, as docs/README.md has them.
func documents() []link {
	pages := []link{{"/README.md", "README"}}
	contents, _ := downloadview.Documentation.ReadFile("docs/README.md") // it is there
	for _, found := range anchor.FindAllStringSubmatch(string(contents), -1) {
		l := link{"/docs/" + found[2], found[1]}
		if path.Ext(l.Path) == ".md" && !slices.ContainsFunc(pages, func(p link) bool { return p.Path == l.Path }) {
			pages = append(pages, l)
		}
	}
	return pages
}

// document returns the page of the documentation that the path names.
func document(r *http.Request) (fs.File, error) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	source, err := downloadview.Documentation.ReadFile(name)
	if err != nil {
		return nil, err
	}
	body := htmlOf(path.Dir(name), string(source))
	return render("document.html", map[string]any{"Path": r.URL.Path, "Pages": documents(), "Body": body})
}

var (
	mark    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	item    = regexp.MustCompile(`(?m)^(?:-|\d+\.) +`)
	rule    = regexp.MustCompile(`(?m)^\|[-:| ]+\|\n`)
	code    = regexp.MustCompile("`[^`]+`")
	emph    = regexp.MustCompile(`\*([^*\s][^*]*)\*`)
	strong  = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	picture = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)
	anchor  = regexp.MustCompile(`\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^)\s]+)\)`)
)

// htmlOf renders a page in folder, whose blocks have empty lines between them:
// headings, paragraphs, flat lists, tables, and code between fences.
func htmlOf(folder, page string) template.HTML {
	var out strings.Builder
	for i, part := range strings.Split("\n"+page, "\n```") {
		if i%2 == 1 {
			_, text, _ := strings.Cut(part, "\n") // without the language
			fmt.Fprintf(&out, "<pre tabindex=0><code>%s</code></pre>\n", codeHTML(text))
			continue
		}
		for _, block := range strings.Split(part, "\n\n") {
			if block = strings.Trim(block, "\n"); block != "" {
				writeBlock(&out, folder, block)
			}
		}
	}
	return template.HTML(out.String())
}

// writeBlock leaves out end tags that HTML has no need of.
func writeBlock(out *strings.Builder, folder, block string) {
	switch {
	case block[0] == '#':
		marks, heading, _ := strings.Cut(block, " ")
		fmt.Fprintf(out, "<h%d id=%q>%s</h%[1]d>\n", len(marks), slug(heading), inlineHTML(folder, heading))
	case block[0] == '|':
		rows := strings.ReplaceAll(strings.TrimSuffix(rule.ReplaceAllString(block+"\n", ""), "\n"), `\|`, "\x02")
		out.WriteString("<div class=\"scroll\"><table>\n")
		for i, row := range strings.Split(rows, "\n") {
			out.WriteString("<tr>")
			for _, cell := range strings.Split(strings.Trim(row, "|"), "|") {
				fmt.Fprintf(out, "<t%c>%s", "hddddddddd"[min(i, 9)], inlineHTML(folder, strings.ReplaceAll(strings.TrimSpace(cell), "\x02", "|")))
			}
		}
		out.WriteString("</table></div>\n")
	case strings.HasPrefix(block, "- "), strings.HasPrefix(block, "1. "):
		list := "ul"
		if block[0] != '-' {
			list = "ol"
		}
		fmt.Fprintf(out, "<%s>\n%s</%[1]s>\n", list, item.ReplaceAllString(inlineHTML(folder, block), "<li>"))
	default:
		fmt.Fprintf(out, "<p>%s</p>\n", inlineHTML(folder, block))
	}
}

// inlineHTML renders code, links, pictures, strong and emphasised text.
func inlineHTML(folder, text string) string {
	var codes []string // out of reach of the others
	text = code.ReplaceAllStringFunc(text, func(s string) string {
		codes = append(codes, "<code>"+template.HTMLEscapeString(strings.Trim(s, "`"))+"</code>")
		return "\x01"
	})
	text = picture.ReplaceAllString(template.HTMLEscapeString(text), `<img src="$2" alt="$1">`)
	text = anchor.ReplaceAllStringFunc(text, func(s string) string {
		parts := anchor.FindStringSubmatch(s)
		return `<a href="` + destination(folder, parts[2]) + `">` + parts[1] + `</a>`
	})
	text = emph.ReplaceAllString(strong.ReplaceAllString(text, "<strong>$1</strong>"), "<em>$1</em>")
	for _, c := range codes {
		text = strings.Replace(text, "\x01", c, 1)
	}
	return text
}

// destination returns where a link of a page in folder leads to: what the demo does
// not have is in the repository.
func destination(folder, target string) string {
	name, _, _ := strings.Cut(target, "#")
	if name == "" || strings.Contains(name, ":") {
		return target
	}
	name = path.Join(folder, name)
	if _, err := fs.Stat(downloadview.Documentation, name); err == nil || strings.HasPrefix(name, "cmd/demo") {
		return target
	}
	return "https://github.com/go-downloadview/downloadview/blob/main/" + name
}

// slug returns the id of a heading, as GitHub makes it.
func slug(heading string) string {
	return strings.ReplaceAll(strings.ToLower(mark.ReplaceAllString(heading, "")), " ", "-")
}
