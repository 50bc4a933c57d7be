package signing_test

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// signerFromEnv returns a signer with the keys in LINK_KEYS: 64 hexadecimal digits
// each, with commas between them, the newest first.
func signerFromEnv() (*signing.Signer, error) {
	var keys [][]byte
	for text := range strings.SplitSeq(os.Getenv("LINK_KEYS"), ",") {
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("LINK_KEYS: key %d is not hexadecimal", len(keys)+1)
		}
		keys = append(keys, key)
	}
	return signing.NewSigner(signing.Options{Keys: keys})
}

// serveReports returns a handler that serves reports to those who have a link.
func serveReports(signer *signing.Signer, reports fs.FS) http.Handler {
	r := chi.NewRouter()
	r.Route("/reports", func(r chi.Router) {
		r.Use(signer.Wrap)
		views.Mount(r, "/*", views.StorageDownloadView{Storage: reports})
	})
	return r
}

// reportLink returns a link to a report that is good for a week.
func reportLink(signer *signing.Signer, name string) (*url.URL, error) {
	u := &url.URL{Scheme: "https", Host: "example.com", Path: "/reports/" + name}
	return signer.Sign(u, time.Now().Add(7*24*time.Hour))
}

// A link for a mail, and what is answered to it.
func ExampleSigner() {
	os.Setenv("LINK_KEYS", strings.Repeat("00112233445566778899aabbccddeeff", 2))
	signer, err := signerFromEnv()
	if err != nil {
		fmt.Println(err)
		return
	}
	link, err := reportLink(signer, "Q1 2026.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	h := serveReports(signer, fstest.MapFS{"Q1 2026.txt": {Data: []byte("All is well.")}})

	changed := strings.Replace(link.String(), "Q1", "Q2", 1)
	for _, target := range []string{link.String(), changed, "/reports/Q1%202026.txt"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 200 All is well.
	// 403 Forbidden
	// 403 Forbidden
}
