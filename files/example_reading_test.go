package files_test

import (
	"fmt"
	"io"
	"os"

	"github.com/go-downloadview/downloadview/files"
)

// Files are good for more than downloads: whoever takes an io.Reader or an
// fs.File can have one, the writer of an archive or a test for example.
func ExampleVirtualFile() {
	file := files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
		_ = yield("one\n") && yield("two\n") && yield("three\n")
	}), "numbers.txt")
	defer file.Close()

	info, err := file.Stat()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Name(), info.Size()) // -1: nobody has counted
	if _, err := io.Copy(os.Stdout, file); err != nil {
		fmt.Println(err)
	}
	// Output:
	// numbers.txt -1
	// one
	// two
	// three
}
