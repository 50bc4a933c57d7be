package response_test

import (
	"fmt"
	"mime"
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

var dispositionTests = []struct {
	reason string
	name   string
	want   string
}{
	{"a plain name needs no more than itself", "report.pdf",
		`attachment; filename="report.pdf"`},
	{"spaces are plain in quotes", "annual report 2026.pdf",
		`attachment; filename="annual report 2026.pdf"`},
	{"so is what separates parameters", "a;b,c=d.txt",
		`attachment; filename="a;b,c=d.txt"`},
	{"and the quote of RFC 8187", "it's.txt",
		`attachment; filename="it's.txt"`},
	{"letters have an ASCII that stands for them; curl knows no other name", "Čaj pro Łukáše – ß.txt",
		`attachment; filename="Caj pro Lukase - ss.txt"; filename*=UTF-8''%C4%8Caj%20pro%20%C5%81uk%C3%A1%C5%A1e%20%E2%80%93%20%C3%9F.txt`},
	{"a letter and its accent may be two characters (NFD)", "cafe\u0301.txt",
		`attachment; filename="cafe.txt"; filename*=UTF-8''cafe%CC%81.txt`},
	{"blanks around a name are none of it", "\u00a0 a.txt \u3000",
		`attachment; filename="a.txt"`},
	{"nothing follows the last separator", "a/b/",
		`attachment; filename="download"`},
	{"scripts without such letters keep their extension", "日本語.txt",
		`attachment; filename="___.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E.txt`},

	{"clients disagree on backslashes, so no quote is escaped", `the "best".txt`,
		`attachment; filename="the _best_.txt"; filename*=UTF-8''the%20%22best%22.txt`},
	{"Chromium and wget decode %41 in a plain name", "%41.txt",
		`attachment; filename="_41.txt"; filename*=UTF-8''%2541.txt`},
	{"lower-case digits, too", "%e9.txt",
		`attachment; filename="_e9.txt"; filename*=UTF-8''%25e9.txt`},
	{"nor may replacing a letter make one to decode", "%é0.txt",
		`attachment; filename="_e0.txt"; filename*=UTF-8''%25%C3%A90.txt`},
	{"a per cent sign that nobody can decode stays, and is told twice", "100%.txt",
		`attachment; filename="100%.txt"; filename*=UTF-8''100%25.txt`},
	{"browsers decode an encoded-word of RFC 2047", "=?UTF-8?B?YQ==?=.txt",
		`attachment; filename="=_UTF-8?B?YQ==_=.txt"; filename*=UTF-8''%3D%3FUTF-8%3FB%3FYQ%3D%3D%3F%3D.txt`},

	{"CR and LF would begin another field", "a\r\nSet-Cookie: b=c.txt",
		`attachment; filename="aSet-Cookie: b=c.txt"`},
	{"NUL ends a name in C", "a.txt\x00.exe",
		`attachment; filename="a.txt.exe"`},
	{"the other control characters reach terminals", "\x1b[31m\x07\x7f\u0085a\t.txt",
		`attachment; filename="[31ma.txt"`},
	{"line and paragraph separators are line breaks, too", "a\u2028b\u2029.txt",
		`attachment; filename="ab.txt"`},
	{"a path would be followed by some clients", "../../etc/passwd",
		`attachment; filename="passwd"`},
	{"also one of Windows", `..\..\boot.ini`,
		`attachment; filename="boot.ini"`},
	{"a bidirectional override hides the extension", "invoice\u202egpj.exe",
		`attachment; filename="invoicegpj.exe"`},
	{"and there are more of them", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069a.txt",
		`attachment; filename="a.txt"`},
	{"bytes that are not UTF-8", "caf\xe9.txt",
		`attachment; filename="caf_.txt"`},
	{"half a character", "a.tx\xe6\x97",
		`attachment; filename="a.tx_"`},

	{"300 characters are cut to 240 and keep their extension", strings.Repeat("a", 300) + ".txt",
		`attachment; filename="` + strings.Repeat("a", 236) + `.txt"`},
	{"a compressed tar has an extension of two", strings.Repeat("a", 300) + ".tar.gz",
		`attachment; filename="` + strings.Repeat("a", 233) + `.tar.gz"`},
	{"no other has", strings.Repeat("a", 300) + ".v1.gz",
		`attachment; filename="` + strings.Repeat("a", 237) + `.gz"`},
	{"300 characters of two bytes are cut between two", strings.Repeat("é", 300) + ".pdf",
		`attachment; filename="` + strings.Repeat("e", 118) + `.pdf"; filename*=UTF-8''` + strings.Repeat("%C3%A9", 118) + ".pdf"},
	{"300 characters of three bytes", strings.Repeat("語", 300) + ".c",
		`attachment; filename="` + strings.Repeat("_", 79) + `.c"; filename*=UTF-8''` + strings.Repeat("%E8%AA%9E", 79) + ".c"},
	{"a name without extension", strings.Repeat("a", 300),
		`attachment; filename="` + strings.Repeat("a", 240) + `"`},
	{"an extension that is most of the name is none", "a." + strings.Repeat("b", 300),
		`attachment; filename="a.` + strings.Repeat("b", 238) + `"`},
	{"240 bytes are left alone", strings.Repeat("é", 118) + ".txt",
		`attachment; filename="` + strings.Repeat("e", 118) + `.txt"; filename*=UTF-8''` + strings.Repeat("%C3%A9", 118) + ".txt"},

	{"no name", "", `attachment; filename="download"`},
	{"the directory itself is no name", ".", `attachment; filename="download"`},
	{"nor is the one above", "..", `attachment; filename="download"`},
	{"nor what clients would trim to nothing", " . .. ", `attachment; filename="download"`},
	{"nor what is empty when cleaned", "/\\\r\n\x00\u202e", `attachment; filename="download"`},
	{"a name may begin with a dot", ".profile", `attachment; filename=".profile"`},
}

func TestContentDisposition(t *testing.T) {
	for _, tt := range dispositionTests {
		t.Run(tt.reason, func(t *testing.T) {
			got := response.ContentDisposition("attachment", tt.name)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ContentDisposition(%q) (-want +got):\n%s", tt.name, diff)
			}
			checkDisposition(t, tt.name)
		})
	}
}

func TestContentDispositionType(t *testing.T) {
	for _, tt := range []struct{ reason, disposition, want string }{
		{"as asked for", "inline", `inline; filename="a.txt"`},
		{"any token", "form-data", `form-data; filename="a.txt"`},
		{"empty is the safe one", "", `attachment; filename="a.txt"`},
		{"not a token", "inline; filename=b", `attachment; filename="a.txt"`},
		{"another field", "inline\r\nSet-Cookie: a=b", `attachment; filename="a.txt"`},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			if got := response.ContentDisposition(tt.disposition, "a.txt"); got != tt.want {
				t.Errorf("ContentDisposition(%q) = %s, want %s", tt.disposition, got, tt.want)
			}
		})
	}
}

// Cutting must not leave a name that would not have been taken uncut.
func TestContentDispositionOfANameThatIsBlankOnceCut(t *testing.T) {
	for name, want := range map[string]string{
		strings.Repeat(" ", 300) + "a":                      "a",
		"a" + strings.Repeat(" ", 300) + "b":                "a",
		strings.Repeat(".", 300) + strings.Repeat("a", 200): "download",
	} {
		if got := response.ContentDisposition("attachment", name); got != `attachment; filename="`+want+`"` {
			t.Errorf("ContentDisposition(%.10q…) = %s, want %s", name, got, want)
		}
	}
}

func FuzzContentDisposition(f *testing.F) {
	for _, tt := range dispositionTests {
		f.Add(tt.name)
	}
	f.Fuzz(checkDisposition)
}

// checkDisposition checks what holds for any name.
func checkDisposition(t *testing.T, name string) {
	header := response.ContentDisposition("attachment", name)
	for i := range len(header) {
		if header[i] < 0x20 || header[i] > 0x7e {
			t.Fatalf("%q: byte %#x in %q", name, header[i], header)
		}
	}
	disposition, params, err := mime.ParseMediaType(header)
	if err != nil || disposition != "attachment" {
		t.Fatalf("%q: %s is parsed as %q, %v", name, header, disposition, err)
	}
	got, ok := params["filename"]
	if !ok {
		t.Fatalf("%q: no filename in %s", name, header)
	}
	if want := clean(name); got != want {
		t.Errorf("%q: parsed as %q, want %q", name, got, want)
	}
	if len(got) > 240 || !utf8.ValidString(got) || strings.Trim(got, ". ") == "" {
		t.Errorf("%q: not a name to save a file by: %q", name, got)
	}
	if again := response.ContentDisposition("attachment", got); again != header {
		t.Errorf("%q: who hands on the name that was parsed sends %s instead of %s", name, again, header)
	}
	checkFallback(t, header)
}

// clean is the rule of ContentDisposition in other words: it builds the name up
// instead of cutting it down.
func clean(name string) string {
	if cut := strings.TrimSpace(cutDown(name)); strings.Trim(cut, ". ") != "" {
		return cut
	}
	return "download"
}

func cutDown(name string) string {
	var runes []rune
	bad := false // in a run of bytes that are not UTF-8, which is one "_"
	for i, r := range name {
		wasBad := bad
		_, size := utf8.DecodeRuneInString(name[i:])
		if bad = r == utf8.RuneError && size == 1; bad {
			r = '_'
		}
		if r == '/' || r == '\\' {
			runes = nil // what came before is a directory
			continue
		}
		if bad && wasBad || unicode.IsControl(r) ||
			unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			continue
		}
		runes = append(runes, r)
	}
	whole := strings.TrimSpace(string(runes))
	if len(whole) <= 240 {
		return whole
	}
	ext := path.Ext(whole)
	if strings.HasSuffix(strings.ToLower(whole), ".tar"+strings.ToLower(ext)) {
		ext = whole[len(whole)-len(ext)-4:]
	}
	if len(ext) > 120 {
		ext = ""
	}
	cut := ""
	for _, r := range whole {
		if len(cut)+utf8.RuneLen(r)+len(ext) > 240 {
			break
		}
		cut += string(r)
	}
	return cut + ext
}

// checkFallback checks the name for clients that know no other.
func checkFallback(t *testing.T, header string) {
	fallback, ok := strings.CutPrefix(header, `attachment; filename="`)
	if !ok {
		t.Fatalf("the fallback does not come first: %s", header)
	}
	fallback, rest, _ := strings.Cut(fallback, `"`)
	if rest != "" && !strings.HasPrefix(rest, "; filename*=UTF-8''") {
		t.Errorf("after the fallback: %s", rest)
	}
	if strings.ContainsAny(fallback, `\/`) || strings.Contains(fallback, "=?") {
		t.Errorf("clients disagree on the fallback %q", fallback)
	}
	for i := range fallback {
		if fallback[i] == '%' && len(fallback) > i+2 && strings.Trim(fallback[i+1:i+3], "0123456789abcdefABCDEF") == "" {
			t.Errorf("some clients decode %s in the fallback %q", fallback[i:i+3], fallback)
		}
	}
}

// The name is that of the file, not the way to it; and there always is one.
func TestNames(t *testing.T) {
	for _, tt := range []struct{ reason, basename, name, contentType, want string }{
		{"a path in the option", "2026/March/report.pdf", "a.bin", "", "report.pdf"},
		{"a path of Windows", `C:\Users\me\report.pdf`, "a.bin", "", "report.pdf"},
		{"a path in the file's own name", "", "exports/report.pdf", "", "report.pdf"},
		{"and one of Windows", "", `exports\report.pdf`, "", "report.pdf"},
		{"no name", "", "", "", "download.bin"},
		{"no name, a type", "", "", "text/csv; charset=utf-8", "download.csv"},
		{"nothing left of the name", "..", "a.png", "image/jpeg", "download.jpg"},
		{"a type that has no extension here", "", "", "application/x-mine", "download"},
		{"blanks around", " report.pdf ", "", "", "report.pdf"},
	} {
		opts := response.Options{Basename: tt.basename, ContentType: tt.contentType}
		answer := servertest.Record(send(files.NewContentFile("", tt.name), opts), "GET", "/")
		if got, want := answer.Header.Get("Content-Disposition"), fmt.Sprintf("attachment; filename=%q", tt.want); got != want {
			t.Errorf("%s: %s, want %s", tt.reason, got, want)
		}
	}
}
