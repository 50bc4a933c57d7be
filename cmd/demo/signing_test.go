package main

import (
	"net/http"
	"testing"
)

func TestPrivateFilesNeedALink(t *testing.T) {
	srv := newTestServer(t)
	if status := head(t, srv.URL+"/private/signing.go"); status != http.StatusForbidden {
		t.Errorf("status %d, want 403", status)
	}
}
