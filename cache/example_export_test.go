package cache_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// Exports has the pages of an export that takes a while: start it, follow it,
// download it.
type Exports struct {
	Cache *cache.Cache
	Open  func(ctx context.Context, tenant string) (fs.File, error)
}

// Register mounts the pages.
func (e Exports) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST /{tenant}/export", e.start)
	mux.HandleFunc("GET /{tenant}/export", e.page)
	mux.HandleFunc("GET /{tenant}/export/events", e.events)
	mux.Handle("GET /{tenant}/export/orders.csv", views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
		return e.Cache.File(r.Context(), key(r), e.open(r))
	})))
}

func key(r *http.Request) string { return r.PathValue("tenant") + "/orders" }

// open closes over the tenant, and not over r.
func (e Exports) open(r *http.Request) func(context.Context) (fs.File, error) {
	tenant := r.PathValue("tenant")
	return func(ctx context.Context) (fs.File, error) { return e.Open(ctx, tenant) }
}

// start starts an export, unless there is one.
func (e Exports) start(w http.ResponseWriter, r *http.Request) {
	if err := e.Cache.Start(r.Context(), key(r), e.open(r)); err != nil {
		slog.ErrorContext(r.Context(), "an export cannot be started", "err", err)
		http.Error(w, "The export cannot be started now.", http.StatusServiceUnavailable)
		return
	}
	// Escaped as it came: decoded, the path could lead to another host ("//host/…").
	http.Redirect(w, r, r.URL.EscapedPath(), http.StatusSeeOther)
}

// page shows how the export is. Without JavaScript, it is loaded again.
func (e Exports) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	exportPage.Execute(w, e.Cache.Status(key(r)))
}

var exportPage = template.Must(template.New("").Parse(`<!DOCTYPE html>
<title>Export</title>
{{- if eq .State.String "running"}}
<noscript><meta http-equiv="refresh" content="2"></noscript>
<p id="status">Exporting: {{.Bytes}} bytes so far.</p>
<script>
const events = new EventSource("export/events")
events.onmessage = e => { document.getElementById("status").textContent = e.data }
events.addEventListener("end", () => { events.close(); location.reload() })
</script>
{{- else if eq .State.String "kept"}}
<p><a href="export/orders.csv">Download ({{.Bytes}} bytes)</a></p>
{{- else}}
{{if eq .State.String "failed"}}<p>The export has failed.</p>{{end}}
<form method="post"><button>Export the orders</button></form>
{{- end}}
`))

// events tells how the export goes on, until it ends (server-sent events).
func (e Exports) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	for status := e.Cache.Status(key(r)); status.State == cache.Running; status = e.Cache.Status(key(r)) {
		if _, err := fmt.Fprintf(w, "data: Exporting: %d bytes so far.\n\n", status.Bytes); err != nil {
			return
		}
		http.NewResponseController(w).Flush()
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
	fmt.Fprint(w, "event: end\ndata:\n\n")
}

// A page starts an export, follows it, and has the download in the end; a failure is
// shown.
func Example_export() {
	root, remove := temporaryRoot()
	defer remove()
	exports, err := cache.New(root, cache.Options{})
	if err != nil {
		panic(err)
	}
	defer exports.Close()

	rows := make(chan string)
	mux := http.NewServeMux()
	Exports{exports, func(ctx context.Context, tenant string) (fs.File, error) {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			for row := range rows {
				if row == "" {
					return errors.New("the database is gone")
				}
				if _, err := io.WriteString(w, row); err != nil {
					return err
				}
			}
			return nil
		}), "orders.csv"), nil
	}}.Register(mux)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	get := func(path string) *http.Response {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			panic(err)
		}
		return resp
	}
	show := func(path string) {
		resp := get(path)
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		for line := range strings.Lines(string(body)) {
			if strings.HasPrefix(line, "<p") || strings.HasPrefix(line, "<form") || strings.HasPrefix(line, "id,") {
				fmt.Print(line)
			}
		}
	}
	post := func() {
		resp, err := http.Post(srv.URL+"/acme/export", "", nil)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
	}
	follow := func(events *http.Response) {
		defer events.Body.Close()
		for lines := bufio.NewScanner(events.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "event:") {
				fmt.Println(lines.Text())
			}
		}
	}

	show("/acme/export")
	post()
	rows <- "id,total\n"
	for exports.Status("acme/orders").Bytes == 0 { // a page would ask now and then
		time.Sleep(time.Millisecond)
	}
	show("/acme/export")
	events := get("/acme/export/events")
	rows <- "" // it fails
	follow(events)
	show("/acme/export")

	post()
	events = get("/acme/export/events")
	rows <- "id,total\n"
	close(rows)
	follow(events)
	show("/acme/export")
	show("/acme/export/orders.csv")
	// Output:
	// <form method="post"><button>Export the orders</button></form>
	// <p id="status">Exporting: 9 bytes so far.</p>
	// event: end
	// <p>The export has failed.</p>
	// <form method="post"><button>Export the orders</button></form>
	// event: end
	// <p><a href="export/orders.csv">Download (9 bytes)</a></p>
	// id,total
}
