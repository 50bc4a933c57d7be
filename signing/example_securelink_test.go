package signing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// answerAuthRequest answers the auth_request of nginx: 204 to a link that is
// good, and 403 to all else, for nginx makes a 500 of a 410.
func answerAuthRequest(signer *signing.Signer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := signer.Verify(r); err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// nginx sends the file, and asks the program whether it may.
func Example_authRequest() {
	signer, err := signing.NewSigner([]byte("32 random bytes, or more of them"))
	if err != nil {
		fmt.Println(err)
		return
	}
	link, err := signer.Sign(&url.URL{Path: "/private/film.mkv"}, time.Now().Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, target := range []string{link.String(), link.Path} {
		w := httptest.NewRecorder()
		answerAuthRequest(signer).ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Println(w.Code)
	}
	// Output:
	// 204
	// 403
}
