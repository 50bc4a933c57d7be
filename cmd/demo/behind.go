package main

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/go-downloadview/downloadview/offload"
)

// behind returns handler with its files in dir handed over to a front server of
// the given kind, and a configuration of that for a demo that listens on addr. No
// kind is no server.
func behind(kind string, handler http.Handler, addr, dir string) (http.Handler, string, error) {
	switch kind {
	case "":
		return handler, "", nil
	case "nginx":
	default:
		return nil, "", fmt.Errorf("-behind %s: there is a configuration for nginx only", kind)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	m, err := offload.New(offload.NGINX, offload.Options{Rules: []offload.Rule{{Dir: dir, To: "/protected/"}}})
	if err != nil {
		return nil, "", err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, "", err
	}
	front := net.JoinHostPort(host, "8080")
	return m.Wrap(handler), strings.NewReplacer("APPLICATION", addr, "FRONT", front, "DIR", dir).Replace(nginxConf), nil
}

// nginxConf is a whole configuration, for a user who is not root. That of
// docs/offload.md is one for a server.
const nginxConf = `# Save this as nginx.conf, and in its directory:
#
#	nginx -p . -e stderr -c nginx.conf
#
# Then open http://FRONT/
daemon off;
pid nginx.pid;
events {}
http {
	access_log off;
	client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
	server {
		listen FRONT;
		location / {
			proxy_pass http://APPLICATION;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
		}
		location ^~ /protected/ {
			internal;
			alias DIR/;
			disable_symlinks on from=DIR/;
			gzip off;
			add_header X-Content-Type-Options nosniff always;
		}
	}
}
`
