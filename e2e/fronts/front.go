package fronts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/docs/configurations"
	"github.com/go-downloadview/downloadview/offload"
)

// Front is a kind of front server that can be started.
type Front struct {
	Kind offload.Server
	// Rule is for the configuration and files in dir.
	Rule func(dir string) offload.Rule

	config  string // a file in docs/configurations
	program func() (string, error)
	copied  bool // it is where only the user can run it
	// listen is what the configuration has for the address to listen on, and
	// listenOn what takes its place, with ADDRESS for the test's.
	listen, listenOn string
	// main is the configuration around it, which packages bring with them, with
	// HOME for the server's own directory. Empty: config is all there is.
	main string
	args func(dir string) []string
}

// Fronts returns all that can be started with a directory of files.
func Fronts() []Front { return []Front{nginx, caddy, caddyRaw, apacheRaw, lighttpd} }

// NGINX returns nginx with its configuration for files in a directory.
func NGINX() Front { return nginx }

// NGINXWith returns nginx with another file of docs/configurations, and no Rule.
func NGINXWith(config string) Front {
	f := nginx
	f.Rule, f.config = nil, config
	return f
}

// located is the rule of a server with locations.
func located(dir string) offload.Rule { return offload.Rule{Dir: dir, To: "/protected/"} }

// direct is the rule of a server that takes paths.
func direct(dir string) offload.Rule { return offload.Rule{Dir: dir} }

var nginx = Front{
	Kind: offload.NGINX, Rule: located, config: "nginx.conf", program: installed("nginx"),
	listen: "listen 80;", listenOn: "listen ADDRESS;",
	// gzip as Debian has it, and more of it.
	main: `daemon off;
pid HOME/pid;
error_log stderr;
events {}
http {
	access_log off;
	sendfile on;
	gzip on;
	gzip_types *;
	gzip_min_length 1;
	client_body_temp_path HOME/body;
	proxy_temp_path HOME/proxy;
	fastcgi_temp_path HOME/fastcgi;
	uwsgi_temp_path HOME/uwsgi;
	scgi_temp_path HOME/scgi;
	include HOME/site;
}
`,
	args: func(dir string) []string { return []string{"-p", dir, "-e", "stderr", "-c", dir + "/main"} },
}

var apacheRaw = Front{
	Kind: offload.ApacheRaw, Rule: direct, config: "apache.conf", program: installed("apache2"),
	listen: "<VirtualHost *:80>", listenOn: "Listen ADDRESS\n<VirtualHost ADDRESS>",
	main: modules("mpm_event", "authz_core", "env", "filter", "deflate", "headers", "proxy", "proxy_http", "xsendfile") + `
ServerRoot HOME
ServerName localhost
PidFile HOME/pid
Mutex file:HOME
ErrorLog /dev/stderr
AddOutputFilterByType DEFLATE text/plain application/octet-stream
Include HOME/site
`,
	args: func(dir string) []string { return []string{"-f", dir + "/main", "-k", "start", "-DFOREGROUND"} },
}

// modules returns the directives that load modules of Apache.
func modules(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", name)
	}
	return b.String()
}

var lighttpd = Front{
	Kind: offload.Lighttpd, Rule: direct, config: "lighttpd.conf", program: installed("lighttpd"),
	main: `server.bind = "127.0.0.1"
server.port = PORT
server.document-root = "HOME"
server.upload-dirs = ( "HOME" )
server.modules = ( "mod_access" )
url.access-deny = ( "~", ".inc" )
include "HOME/site"
`,
	args: func(dir string) []string { return []string{"-D", "-f", dir + "/main"} },
}

var caddy = Front{
	Kind: offload.Caddy, Rule: located, config: "Caddyfile", program: newCaddy, copied: true,
	listen: "downloads.example {", listenOn: "{\n\tadmin off\n\tauto_https off\n}\nhttp://ADDRESS {",
	args: func(dir string) []string { return []string{"run", "--adapter", "caddyfile", "--config", dir + "/main"} },
}

var caddyRaw = Front{
	Kind: offload.CaddyRaw, Rule: located, config: caddy.config, program: oldCaddy,
	listen: caddy.listen, listenOn: caddy.listenOn, args: caddy.args,
}

// installed finds a program, also where only root looks for it.
func installed(name string) func() (string, error) {
	return func() (string, error) {
		if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
			return path, nil
		}
		return exec.LookPath(name)
	}
}

// oldCaddy finds Debian's.
func oldCaddy() (string, error) {
	path, err := exec.LookPath("caddy")
	if err != nil {
		return "", err
	}
	version, err := exec.Command(path, "version").Output()
	if err == nil && !strings.Contains(string(version), "2.6.") {
		err = fmt.Errorf("caddy is of version %s, not 2.6", version)
	}
	return path, err
}

const caddyVersion = "v2.11.9"

// newCaddy finds the one that was built from its module, or builds it.
func newCaddy() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "downloadview", "caddy-"+caddyVersion)
	path := filepath.Join(dir, "caddy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	install := exec.Command("go", "install", "github.com/caddyserver/caddy/v2/cmd/caddy@"+caddyVersion)
	install.Env = append(os.Environ(), "GOBIN="+dir)
	if os.Getenv("CI") == "" {
		return "", fmt.Errorf("it is not built: GOBIN=%s %v", dir, install)
	}
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", install, err, out)
	}
	return path, nil
}

// Program returns where the server's program is. Without it the test is skipped,
// or fails where nothing may be skipped.
func (f Front) Program(t testing.TB) string {
	t.Helper()
	path, err := f.program()
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("%v cannot be tested: %v", f.Kind, err)
	case err != nil:
		t.Skipf("%v cannot be tested: %v", f.Kind, err)
	}
	return path
}

// Configuration returns the configuration for an application at upstream and files
// in dir, listening on address.
func (f Front) Configuration(t testing.TB, upstream, dir, address string) string {
	t.Helper()
	content, err := configurations.Files.ReadFile(f.config)
	if err != nil {
		t.Fatal(err)
	}
	config := string(content)
	host, port, _ := strings.Cut(upstream, ":")
	for _, r := range [][2]string{
		{"/srv/files", dir},
		{"127.0.0.1:8000", upstream},
		{`"host" => "127.0.0.1"`, `"host" => "` + host + `"`},
		{`"port" => 8000`, `"port" => ` + port},
	} {
		config = strings.ReplaceAll(config, r[0], r[1])
	}
	if f.listen != "" {
		if strings.Count(config, f.listen) != 1 {
			t.Fatalf("%s has not one %q", f.config, f.listen)
		}
		config = strings.ReplaceAll(config, f.listen, strings.ReplaceAll(f.listenOn, "ADDRESS", address))
	}
	return config
}
