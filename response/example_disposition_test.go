package response_test

import (
	"fmt"

	"github.com/go-downloadview/downloadview/response"
)

// Every client gets a name that it can read, and none gets one that does harm.
func ExampleContentDisposition() {
	for _, name := range []string{
		"report.pdf",
		"Übersicht – März.pdf",
		"../../etc/passwd",
		"a\r\nSet-Cookie: b=c.txt",
	} {
		fmt.Println(response.ContentDisposition("attachment", name))
	}
	// Output:
	// attachment; filename="report.pdf"
	// attachment; filename="Ubersicht - Marz.pdf"; filename*=UTF-8''%C3%9Cbersicht%20%E2%80%93%20M%C3%A4rz.pdf
	// attachment; filename="passwd"
	// attachment; filename="aSet-Cookie: b=c.txt"
}
