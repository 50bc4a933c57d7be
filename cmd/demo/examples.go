package main

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

// An example is a view, where it is mounted, and what the page says of it.
type example struct {
	ID      string // of its section on the page
	Title   string
	About   string
	Path    string // of the download that the page links to
	Pattern string // for chi, if it is not just Path
	View    views.DownloadView
	File    string // with the source of the view
	Curl    string // lines to copy; URL stands for the address
	Show    string // "image" or "audio": the page shows the content itself

	// Routes mounts what the download leads to; nil: it leads nowhere else.
	Routes func(chi.Router)

	// List returns links to further downloads; nil: there are none.
	List func(context.Context) ([]link, error)
}

type link struct{ Path, Text string }

// newExamples returns all there is, in the order of the page.
func newExamples(s *stores) []example {
	report := &ReportDownloadView{Cache: s.reports, Orders: s.library, Pause: 100 * time.Millisecond}
	return []example{
		{
			ID:    "text",
			Title: "Text in memory",
			About: "The shortest view there is. A ContentFile can seek, so ranges work, and its entity tag is made of its bytes.",
			Path:  "/text",
			View:  TextDownloadView{},
			File:  "text.go",
			Curl:  "curl -i URL",
		},
		{
			ID:    "reader",
			Title: "A reader",
			About: "A VirtualFile makes any io.Reader look like a file; what the reader can do, the file can.",
			Path:  "/reader",
			View:  ReaderDownloadView{},
			File:  "reader.go",
			Curl:  "curl -r 13- URL",
		},
		{
			ID:    "generated",
			Title: "Text generated on the way",
			About: "Two thousand Fibonacci numbers from an ordinary iterator. None is computed before somebody asks, and all that is stored is two of them.",
			Path:  "/generated",
			View:  GeneratedDownloadView{},
			File:  "generated.go",
			Curl:  "curl -OJ URL",
		},
		{
			ID:    "not-modified",
			Title: "Not modified",
			About: "The view itself knows whether its content has changed. This one says that it has not, and a client that asks “since?” is told 304.",
			Path:  "/not-modified",
			View:  NotModifiedDownloadView{},
			File:  "notmodified.go",
			Curl:  "curl -i -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' URL",
		},
		{
			ID:     "signed",
			Title:  "A link that expires",
			About:  "Whoever has the link has the file, for a minute and without a login. A changed link is a 403, and this one is a 410 when its minute is over: the server's clock decides, whatever a page shows.",
			Path:   "/signed",
			View:   NewSignedView(s.links),
			Routes: func(r chi.Router) { mountPrivate(r, s.signer, embedded) },
			File:   "signing.go",
			Curl: `curl -iL URL
link=$(curl -s -o /dev/null -w '%{redirect_url}' URL); curl -i "$link&user=admin"
sleep 60; curl -i "$link"`,
			List: func(ctx context.Context) ([]link, error) { return listLinks(ctx, s.links) },
		},
		{
			ID:    "unicode",
			Title: "All of Unicode, row by row",
			About: "Each of some 150,000 characters with its name, category and script, computed while it is sent. It is generated once more, at the first request, for its size and entity tag; so downloads show their progress, and a broken one is resumed.",
			Path:  "/unicode.csv",
			View:  UnicodeDownloadView{},
			File:  "unicode.go",
			Curl:  "curl -r 0-999999 -O URL\ncurl -C - -O URL",
		},
		{
			ID:      "picture",
			Title:   "A picture as large as you ask for",
			About:   "Marbled paper, computed pixel by pixel while image/png encodes it. The size is in the address: change it. Up to 1920 × 1200, that is; beyond, it is a 404.",
			Path:    "/picture/1200x600.png",
			Pattern: "/picture/{width}x{height}.png",
			View:    PictureDownloadView{},
			File:    "picture.go",
			Curl:    "curl -O URL",
			Show:    "image",
		},
		{
			ID:    "tone",
			Title: "An hour of sound",
			About: "318 MB that exist nowhere. Each sample follows from its number alone, so you can move to any place in the hour, and nothing before it is computed.",
			Path:  "/tone.wav",
			View:  ToneDownloadView{},
			File:  "tone.go",
			Curl:  "curl -I URL\ncurl -s -r 300000000- URL | wc -c",
			Show:  "audio",
		},
		{
			ID:      "disk",
			Title:   "A file on disk",
			About:   "The demo keeps its source in a temporary directory; any file there may be named. An os.Root confines the view: what leads out of it, or is no regular file, is a 404.",
			Path:    "/disk/main.go",
			Pattern: "/disk/*",
			View:    NewDiskView(s.disk),
			File:    "disk.go",
			Curl:    "curl -i -r 3-58 URL",
		},
		{
			ID:      "greetings",
			Title:   "A file in a zip",
			About:   "Every fs.FS is a storage; this one is a zip in memory, which nobody unpacks. In a browser, names reach your disk in their own script.",
			Path:    "/greetings/Ελληνικά.txt",
			Pattern: "/greetings/*",
			View:    NewGreetingView(s.greetings),
			File:    "greetings.go",
			Curl:    "curl -i URL",
			List:    listGreetings,
		},
		{
			ID:      "documents",
			Title:   "A document from a database",
			About:   "SQLite knows name, type and age of each document. It has the bytes of one; those of the others are in a storage.",
			Path:    "/documents/endpaper",
			Pattern: "/documents/{id}",
			View:    NewDocumentView(s.library, embedded),
			File:    "library.go",
			Curl:    "curl -OJ URL",
			List:    func(ctx context.Context) ([]link, error) { return listLibrary(ctx, s.library) },
		},
		{
			ID:    "archive",
			Title: "A zip that exists nowhere",
			About: "The source of this demo and the hour of sound, as one file. Its length is known before a byte of it is made, and it resumes at any place.",
			Path:  "/demo.zip",
			View:  s.archive,
			File:  "archive.go",
			Curl:  "curl -I URL\ncurl -C - -O URL\naria2c -x8 URL",
			List:  s.archive.list,
		},
		{
			ID:    "report",
			Title: "A report that takes ten seconds",
			About: "Open it in two tabs: one run makes it for both, and its first line says which download has started that. Leave, and it goes on for the other. For a minute the finished copy is a file on disk, and can be resumed.",
			Path:  "/report.csv",
			View:  report,
			File:  "report.go",
			Curl:  "curl -N URL\ncurl -i -r 0-99 URL",
			List:  report.State,
		},
		{
			ID:    "proxy",
			Title: "A file from another server",
			About: "It passes through and is not kept. Ranges and conditions are passed on to the other server, which sends no more than you ask for. Here the demo asks itself, for all of Unicode.",
			Path:  "/proxy.csv",
			View:  NewProxyView("/unicode.csv"),
			File:  "proxy.go",
			Curl:  "curl -I URL\ncurl -r 2000000-2000999 URL",
		},
		{
			ID:    "failing",
			Title: "An export that fails",
			About: "The database is lost after some megabytes. The browser says that the download failed, and curl leaves with 18: a part never looks like the whole.",
			Path:  "/failing.csv",
			View:  FailingDownloadView{},
			File:  "failing.go",
			Curl:  `curl -O URL; echo "exit code $?"`,
		},
	}
}

// CurlLines returns the lines to copy, with the address of the download at host.
func (e example) CurlLines(host string) []string {
	return strings.Split(strings.ReplaceAll(e.Curl, "URL", "http://"+host+e.Path), "\n")
}

// Links returns links to further downloads.
func (e example) Links(ctx context.Context) ([]link, error) {
	if e.List == nil {
		return nil, nil
	}
	return e.List(ctx)
}

// newRouter mounts the page and the examples.
func newRouter(examples []example) http.Handler {
	r := chi.NewRouter()
	mountPage(r, examples)
	for _, e := range examples {
		views.Mount(r, cmp.Or(e.Pattern, e.Path), e.View)
		if e.Routes != nil {
			e.Routes(r)
		}
	}
	return r
}
