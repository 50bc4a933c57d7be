package files_test

import (
	"fmt"
	"io"
	"os"
	"text/template"

	"github.com/go-downloadview/downloadview/files"
)

var letter = template.Must(template.New("letter").Parse("Dear {{.}},\nhello.\n"))

// What wants an io.Writer becomes a reader: a template, a csv.Writer, an image
// encoder. It runs when the content is wanted and not before.
func ExampleNewWriterIO() {
	file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		return letter.Execute(w, "Ada")
	}), "letter.txt")
	defer file.Close()

	if _, err := io.Copy(os.Stdout, file); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Dear Ada,
	// hello.
}
