package archive_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/archive"
	"golang.org/x/text/unicode/norm"
)

var safeNames = []struct {
	reason string
	text   string
	want   string
}{
	{"plain", "photo (7).jpg", "photo (7).jpg"},
	{"hidden", ".env", ".env"},
	{"a path", `C:\Users\me/photo.jpg`, "C__Users_me_photo.jpg"},
	{"out of the directory", "../../etc/passwd", ".._.._etc_passwd"},
	{"what Windows cannot have", `a*b?c<d>e|f"g:h`, "a_b_c_d_e_f_g_h"},
	{"a line feed", "two\nlines", "twolines"},
	{"controls", "\x00a\x1bb\x7fc\u0085d\u2028", "abcd"},
	{"bidirectional controls", "a\u202egpj.exe\u200f", "agpj.exe"},
	{"invalid UTF-8", "a\xff\xfeb", "a_b"},
	{"dots and blanks at the end", "name. . ", "name"},
	{"blanks in front", " \u00a0 name", "name"},
	{"decomposed", "Cafe\u0301", "Caf\u00e9"},
	{"composed once a control is gone", "Cafe\x00\u0301", "Caf\u00e9"},
	{"a device", "con", "_con"},
	{"a device with an extension", "NUL.txt", "_NUL.txt"},
	{"a device with a blank", "Com1 .txt", "_Com1 .txt"},
	{"a device by a superscript", "lpt\u00b2", "_lpt\u00b2"},
	{"no device", "console", "console"},
	{"no device either", "COM10", "COM10"},
	{"empty", "", "_"},
	{"nothing but dots", "...", "_"},
	{"two dots", "..", "_"},
	{"nothing but controls", "\r\n\u200e", "_"},
	{"too long", strings.Repeat("x", 300) + ".jpg", strings.Repeat("x", 251) + ".jpg"},
	{"too long, in the middle of a letter", strings.Repeat("\u65e5", 100) + ".jpg", strings.Repeat("\u65e5", 83) + ".jpg"},
	{"too long, with two extensions", strings.Repeat("x", 300) + ".tar.gz", strings.Repeat("x", 248) + ".tar.gz"},
	{"an extension that is most of it", "a." + strings.Repeat("x", 300), "a." + strings.Repeat("x", 253)},
	{"a blank where it is cut", strings.Repeat("x", 254) + " yz", strings.Repeat("x", 254)},
}

func TestSafeName(t *testing.T) {
	for _, tt := range safeNames {
		if got := archive.SafeName(tt.text); got != tt.want {
			t.Errorf("%s: SafeName(%q) = %q, want %q", tt.reason, tt.text, got, tt.want)
		}
	}
}

// FuzzSafeName: of any text it makes an element that NewZip takes, and that it would
// not change again.
func FuzzSafeName(f *testing.F) {
	for _, tt := range safeNames {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := archive.SafeName(text)
		if _, err := archive.NewZip(t.Context(), "all.zip", named("dir/"+name, name)); err != nil {
			t.Errorf("%q of %q: %v", name, text, err)
		}
		if again := archive.SafeName(name); again != name {
			t.Errorf("%q of %q becomes %q", name, text, again)
		}
		if len(name) > 255 || !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) || strings.ContainsAny(name, `/\*?<>|":`) {
			t.Errorf("%q of %q", name, text)
		}
	})
}
