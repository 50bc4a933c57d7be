package signing_test

import (
	"fmt"
	"net/url"
	"time"

	"github.com/go-downloadview/downloadview/signing"
)

// A link that nginx verifies by itself. See the configuration in the
// documentation of the function.
func ExampleSecureLinkMD5() {
	const secret = "YBVvkmvzTzK2eNdWVLBUJwa9qQ2cS5rX" // the one in nginx.conf
	expires := time.Date(2026, 1, 1, 13, 0, 0, 0, time.UTC)
	link, err := signing.SecureLinkMD5(&url.URL{Path: "/private/report.pdf"}, expires, secret)
	fmt.Println(link, err)
	// Output:
	// /private/report.pdf?expires=1767272400&signature=PDU_vmwM8xNyha5ib2Nk-g <nil>
}
