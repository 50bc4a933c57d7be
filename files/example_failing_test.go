package files_test

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-downloadview/downloadview/files"
)

// A generator that fails yields its error. Whoever reads gets it after what
// came before it.
func ExampleNewStringIteratorIO() {
	numbers := files.NewStringIteratorIO(func(yield func(string, error) bool) {
		_ = yield("one\n", nil) && yield("", errors.New("lost count"))
	})
	text, err := io.ReadAll(numbers)
	fmt.Printf("%q, %v\n", text, err)
	// Output:
	// "one\n", lost count
}
