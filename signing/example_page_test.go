package signing_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
)

// explain answers a link that is refused, for customers.
func explain(w http.ResponseWriter, r *http.Request, err error) {
	text := "This link does not work."
	if errors.Is(err, signing.ErrExpired) {
		text = `This link has expired. <a href="/reports">Get a new one.</a>`
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(response.Status(err)) // 403 or 410
	_, _ = io.WriteString(w, "<!DOCTYPE html><title>Reports</title><p>"+text+"\n")
}

// Customers with an expired link see a page.
func ExampleOptions_handleError() {
	key, now := []byte("32 random bytes, or more of them"), noon
	signer, err := signing.NewSigner(signing.Options{
		Keys:        [][]byte{key},
		HandleError: explain,
		Now:         func() time.Time { return now }, // leave it out
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	link, err := reportLink(signer, "Q1 2026.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	h := serveReports(signer, fstest.MapFS{})
	now = noon.AddDate(100, 0, 0)
	for _, target := range []string{link.String(), link.EscapedPath()} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Print(w.Code, " ", w.Header().Get("Cache-Control"), " ", w.Body)
	}
	// Output:
	// 410 no-store <!DOCTYPE html><title>Reports</title><p>This link has expired. <a href="/reports">Get a new one.</a>
	// 403 no-store <!DOCTYPE html><title>Reports</title><p>This link does not work.
}
