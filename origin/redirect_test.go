package origin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
)

func TestOpenRedirects(t *testing.T) {
	var referers []string
	target := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		referers = append(referers, r.Header.Get("Referer"))
		serve("hello")(w, r)
	})
	o := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		to := r.URL.Query().Get("to")
		if to == "" {
			serve("hello")(w, r)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	tls := servertest.StartTLS(t, servertest.HTTP11, http.RedirectHandler(target.URL, http.StatusFound))
	always := func(*url.URL) bool { return true }
	refused := errors.New("refused by the client")
	for _, tt := range []struct {
		reason string
		from   string
		allow  func(*url.URL) bool
		policy func(*http.Request, []*http.Request) error
		want   string // in the error; empty: allowed
	}{
		{"within the host", o.URL + "/?to=/b", nil, nil, ""},
		{"to another port", o.URL + "/?secret&to=" + target.URL, nil, nil, "refused"},
		{"to another name of the host", o.URL + "/?secret&to=" + strings.Replace(o.URL, "127.0.0.1", "localhost", 1), nil, nil, "refused"},
		{"from https to http", tls.URL + "/?secret", nil, nil, "from https to http"},
		{"from https to http, to where it is allowed", tls.URL + "/?secret", always, nil, "from https to http"},
		{"to another port, allowed", o.URL + "/?secret&to=" + target.URL, always, nil, ""},
		{"allowed by name", o.URL + "/?to=" + target.URL, func(to *url.URL) bool { return to.Host == "example.com" }, nil, "refused"},
		{"to a local file, which nobody can allow", o.URL + "/?to=file:///etc/passwd", always, nil, "neither http nor https"},
		{"to FTP", o.URL + "/?to=ftp://127.0.0.1/", always, nil, "neither http nor https"},
		{"twice", o.URL + "/?to=" + url.QueryEscape("/?to=/b"), nil, nil, ""},
		{"the client's own policy comes on top", o.URL + "/?to=/b", nil,
			func(*http.Request, []*http.Request) error { return refused }, refused.Error()},
		{"and cannot allow what is refused", o.URL + "/?to=" + target.URL, nil,
			func(*http.Request, []*http.Request) error { return nil }, "refused"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			client := *tls.Client() // it trusts that server, and asks any
			client.CheckRedirect = tt.policy
			f, err := origin.Open(httptest.NewRequest("GET", "/", nil), tt.from, origin.Options{Client: &client, AllowRedirect: tt.allow})
			if err == nil {
				defer f.Close()
			}
			switch {
			case (err == nil) != (tt.want == ""), err != nil && !strings.Contains(err.Error(), tt.want):
				t.Errorf("error %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("error %v tells secrets", err)
			case err != nil:
				var e *origin.Error
				if !errors.As(err, &e) || e.DownloadStatus() != 502 {
					t.Errorf("error %v, want one that comes to 502", err)
				}
			}
		})
	}
	for _, referer := range referers {
		if referer != "" {
			t.Errorf("the next host was told Referer %q", referer)
		}
	}
	if len(referers) == 0 {
		t.Error("no redirect to another host was followed")
	}
}

// Whoever asks by https does not come to ask by http, whatever is allowed
// besides; not even within a host, nor on a detour.
func TestOpenRefusesToLeaveHTTPS(t *testing.T) {
	for _, tt := range []struct {
		reason   string
		url      string
		to       []string
		allow    bool
		insecure bool
		ok       bool
	}{
		{"up", "http://origin/", []string{"https://origin/"}, false, false, true},
		{"hosts are case-insensitive", "http://ORIGIN/", []string{"https://origin/"}, false, false, true},
		{"https all the way", "https://origin/", []string{"https://origin/"}, false, false, true},
		{"http all the way", "http://origin/", []string{"http://origin/"}, false, false, true},
		{"down", "https://origin/", []string{"http://origin/"}, false, false, false},
		{"down, to hosts that are allowed", "https://origin/", []string{"http://origin/"}, true, false, false},
		{"down, elsewhere", "https://origin/", []string{"http://other/"}, true, false, false},
		{"up and down again", "http://origin/", []string{"https://origin/", "http://origin/"}, true, false, false},
		{"down on purpose", "https://origin/", []string{"http://origin/"}, false, true, true},
		{"down on purpose, but not to any host", "https://origin/", []string{"http://other/"}, false, true, false},
		{"down on purpose, and to any host", "https://origin/", []string{"http://other/"}, true, true, true},
	} {
		var asked []string
		client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			if asked = append(asked, r.URL.Scheme); len(asked) <= len(tt.to) {
				http.Redirect(w, r, tt.to[len(asked)-1], http.StatusFound)
			}
			return w.Result(), nil
		})}
		opts := origin.Options{Client: client, InsecureRedirectToHTTP: tt.insecure}
		if tt.allow {
			opts.AllowRedirect = func(*url.URL) bool { return true }
		}
		f, err := origin.Open(httptest.NewRequest("GET", "/", nil), tt.url, opts)
		if err == nil {
			f.Close()
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s: error %v", tt.reason, err)
		}
		if want := len(tt.to); !tt.ok && len(asked) != want {
			t.Errorf("%s: %q were asked, want %d requests", tt.reason, asked, want)
		}
	}
}

func TestOpenStopsAfterTenRedirects(t *testing.T) {
	o := newServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	_, err := o.open(t, "GET", "/", nil)
	if err == nil || !strings.Contains(err.Error(), "stopped after 10") {
		t.Errorf("error %v", err)
	}
	if n := len(o.requests()); n != 10 {
		t.Errorf("the origin was asked %d times", n)
	}
}
