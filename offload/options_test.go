package offload_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/offload"
)

// New refuses what cannot work, and says what it is.
func TestNew(t *testing.T) {
	const nginx, caddyRaw, apache, lighttpd = offload.NGINX, offload.CaddyRaw, offload.Apache, offload.Lighttpd
	type rules = []offload.Rule
	for _, tt := range []struct {
		server offload.Server
		rules  rules
		err    string // a part of it; empty: none
	}{
		{nginx, rules{{Dir: "/srv/files", To: "/protected/"}}, ""},
		{nginx, rules{{Dir: "/srv/files/", To: "/a/b c/"}}, ""},
		{nginx, rules{{Dir: "/", To: "/p/"}}, ""},
		{nginx, rules{{URL: "https://bucket.example/", To: "/remote/"}}, ""},
		{nginx, rules{{URL: "/media/", To: "/protected/"}}, ""},
		{nginx, rules{{Dir: "/srv/media", URL: "/media/", To: "/protected/"}}, ""},
		{nginx, rules{{Dir: "/srv/a", To: "/a/"}, {Dir: "/srv/ab", To: "/ab/"}}, ""},
		{apache, rules{{Dir: "/srv/files"}}, ""},
		{lighttpd, rules{{Dir: "/srv/files", To: "/mnt/files"}}, ""},
		{lighttpd, rules{{URL: "/media/", To: "/mnt/files/"}}, ""},

		{0, rules{{Dir: "/srv", To: "/p/"}}, "Server(0) is not a kind of server"},
		{nginx, nil, "there are no rules"},
		{nginx, rules{{To: "/p/"}}, "rule 1: it has neither Dir nor URL"},
		{nginx, rules{{Dir: "/srv", To: "/p/"}, {Dir: "", URL: "", To: "/q/"}}, "rule 2: it has neither"},

		{nginx, rules{{Dir: "srv/files", To: "/p/"}}, `Dir "srv/files" is relative`},
		{nginx, rules{{Dir: "./files", To: "/p/"}}, "is relative"},
		{nginx, rules{{Dir: "/srv/../etc", To: "/p/"}}, `is not a clean path, such as "/etc"`},
		{nginx, rules{{Dir: "/srv//files", To: "/p/"}}, "is not a clean path"},
		{nginx, rules{{Dir: "/srv/\x00", To: "/p/"}}, "has a control character"},
		{nginx, rules{{Dir: "/srv/a\nb", To: "/p/"}}, "has a control character"},

		{nginx, rules{{Dir: "/srv"}}, `To "" is empty: NGINX needs an internal location`},
		{nginx, rules{{Dir: "/srv", To: "/p"}}, `To "/p" must end with a slash`},
		{nginx, rules{{Dir: "/srv", To: "p/"}}, "must begin with a slash"},
		{nginx, rules{{Dir: "/srv", To: "//p/"}}, "must be a clean path"},
		{nginx, rules{{Dir: "/srv", To: "//"}}, "must be a clean path"},
		{nginx, rules{{Dir: "/srv", To: "/p//"}}, "must be a clean path"},
		{nginx, rules{{Dir: "/srv", To: "/p/../q/"}}, "must be a clean path"},
		{nginx, rules{{Dir: "/srv", To: "/p/./"}}, "must be a clean path"},
		{nginx, rules{{Dir: "/srv", To: "/"}}, `To "/" is where clients ask the application`},
		{caddyRaw, rules{{URL: "/media/", To: "/"}}, "is where clients ask the application"},
		{nginx, rules{{Dir: "/srv", To: "/%2e%2e/"}}, "must be without escapes"},
		{caddyRaw, rules{{Dir: "/srv", To: "/p%2F/"}}, "must be without escapes"},
		{nginx, rules{{Dir: "/srv", To: "/p\r\nX: y/"}}, "has a control character"},
		{nginx, rules{{Dir: "/srv", To: "/p\x00/"}}, "has a control character"},
		{nginx, rules{{Dir: "/srv", To: "/p\x7f/"}}, "has a control character"},
		{caddyRaw, rules{{Dir: "/srv", To: "/p?/"}}, `CaddyRaw takes none of "?" in a name`},
		{lighttpd, rules{{Dir: "/srv/\xff"}}, "Lighttpd takes names in UTF-8 only"},
		{apache, rules{{Dir: "/srv", To: "files"}}, `To "files" is relative`},
		{apache, rules{{Dir: "/srv", To: "/a/../b"}}, "is not a clean path"},
		{apache, rules{{Dir: "/srv", To: "/a\nb"}}, "has a control character"},
		{apache, rules{{Dir: "/srv/%2e", To: "/"}}, ""},
		{apache, rules{{URL: "/media/"}}, `To "" is empty: Apache needs a directory`},

		{nginx, rules{{URL: "https://bucket.example", To: "/p/"}}, `URL "https://bucket.example" must begin with a slash`},
		{nginx, rules{{URL: "https://bucket.example/a", To: "/p/"}}, "must end with a slash"},
		{nginx, rules{{URL: "https://bucket.example/a/../", To: "/p/"}}, "must be a clean path"},
		{nginx, rules{{URL: "https://bucket.example/a%2fb/", To: "/p/"}}, "has an escaped slash"},
		{nginx, rules{{URL: "https://bucket.example/?a=b", To: "/p/"}}, "must have neither user, query nor fragment"},
		{nginx, rules{{URL: "https://me@bucket.example/", To: "/p/"}}, "must have neither user, query nor fragment"},
		{nginx, rules{{URL: "https://bucket.example/a%0Ab/", To: "/p/"}}, "has a control character"},
		{nginx, rules{{URL: "ftp://bucket.example/", To: "/p/"}}, "must have the scheme http or https"},
		{nginx, rules{{URL: "s3://bucket/", To: "/p/"}}, "must have the scheme http or https"},
		{nginx, rules{{URL: "mailto:me/", To: "/p/"}}, "must have both scheme and host, or neither"},
		{nginx, rules{{URL: "//bucket.example/", To: "/p/"}}, "must have both scheme and host, or neither"},
		{nginx, rules{{URL: "https://bucket.example:x/", To: "/p/"}}, "cannot be parsed"},

		{nginx, rules{{Dir: "/srv", To: "/p/"}, {Dir: "/srv", To: "/q/"}}, `rules 1 and 2: their Dirs "/srv" and "/srv" overlap`},
		{nginx, rules{{Dir: "/srv/a", To: "/p/"}, {Dir: "/srv", To: "/q/"}}, "overlap"},
		{nginx, rules{{Dir: "/", To: "/p/"}, {Dir: "/srv", To: "/q/"}}, "overlap"},
		{nginx, rules{{Dir: "/a", To: "/p/"}, {Dir: "/b", To: "/q/"}, {Dir: "/a/b", To: "/r/"}}, "rules 1 and 3"},
		{nginx, rules{{URL: "/a/", To: "/p/"}, {URL: "/a/b/", To: "/q/"}}, `their URLs "/a/" and "/a/b/" overlap`},
		{nginx, rules{{URL: "https://a/", To: "/p/"}, {URL: "https://A/b/", To: "/q/"}}, "overlap"},
		{nginx, rules{{URL: "https://b/", To: "/p/"}, {URL: "https://b:443/", To: "/q/"}}, "overlap"},
		{nginx, rules{{URL: "http://b:/", To: "/p/"}, {URL: "HTTP://B:80/a/", To: "/q/"}}, "overlap"},
		{nginx, rules{{URL: "https://b/", To: "/p/"}, {URL: "https://b:80/", To: "/q/"}}, ""},
		{nginx, rules{{URL: "https://b/", To: "/p/"}, {URL: "http://b/", To: "/q/"}}, ""},
		{nginx, rules{{Dir: "/a", To: "/p/"}, {Dir: "/b", To: "/p/"}}, `their To "/p/" and "/p/" overlap`},
		{nginx, rules{{Dir: "/a", To: "/p/"}, {URL: "/b/", To: "/p/q/"}}, `their To "/p/" and "/p/q/" overlap`},
		{apache, rules{{Dir: "/a", To: "/b"}, {Dir: "/b"}}, "overlap"},
	} {
		m, err := offload.New(tt.server, offload.Options{Rules: tt.rules})
		if (m == nil) != (err != nil) || (tt.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("New(%v, %+v): error %v, want %q", tt.server, tt.rules, err, tt.err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "offload: ") {
			t.Errorf("the error does not say whose it is: %v", err)
		}
	}
}

// Either slash is good in the path of a Windows directory.
func TestNewOnWindows(t *testing.T) {
	if runtime.GOOS != "windows" {
		t.Skip("paths are of another kind here")
	}
	for dir, good := range map[string]bool{
		`C:\srv\files`: true, `C:\srv\files\`: true, "C:/srv/files": true, "C:/srv/files/": true, `C:\`: true, "C:/": true,
		"C:/srv//files": false, `C:\srv\..\files`: false, `C:srv`: false, `\srv`: false,
	} {
		_, err := offload.New(offload.NGINX, offload.Options{Rules: []offload.Rule{{Dir: dir, To: "/p/"}}})
		if (err == nil) != good {
			t.Errorf("%s: error %v", dir, err)
		}
	}
}

// Options for nginx are refused for others.
func TestNewOptions(t *testing.T) {
	yes := true
	for _, tt := range []struct {
		server offload.Server
		opts   offload.NGINXOptions
		err    string
	}{
		{offload.NGINX, offload.NGINXOptions{LimitRate: 1, Buffering: &yes, Charset: "koi8-r", Expires: time.Hour}, ""},
		{offload.NGINX, offload.NGINXOptions{LimitRate: -1}, "offload: the LimitRate -1 is negative"},
		{offload.NGINX, offload.NGINXOptions{Charset: "utf-8\r\nX: y"}, "is not the name of one"},
		{offload.Caddy, offload.NGINXOptions{LimitRate: 1}, "offload: the options for NGINX cannot be used with Caddy"},
		{offload.Caddy, offload.NGINXOptions{LimitRate: -1}, "cannot be used with Caddy"},
		{offload.Apache, offload.NGINXOptions{Buffering: &yes}, "cannot be used with Apache"},
		{offload.Lighttpd, offload.NGINXOptions{Charset: "utf-8"}, "cannot be used with Lighttpd"},
		{offload.CaddyRaw, offload.NGINXOptions{Expires: -1}, "cannot be used with CaddyRaw"},
	} {
		_, err := offload.New(tt.server, offload.Options{Rules: []offload.Rule{{Dir: "/srv", To: "/p/"}}, NGINX: tt.opts})
		if (tt.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("New(%v, %+v): error %v, want %q", tt.server, tt.opts, err, tt.err)
		}
	}
}

func TestServerString(t *testing.T) {
	got := fmt.Sprint(offload.NGINX, offload.Caddy, offload.CaddyRaw, offload.Apache, offload.ApacheRaw, offload.Lighttpd, offload.Server(9))
	if want := "NGINX Caddy CaddyRaw Apache ApacheRaw Lighttpd Server(9)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
