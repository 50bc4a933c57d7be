package main

import (
	"context"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

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
			Commands: []command{
				{"curl -i URL", `Content-Disposition: attachment; filename="hello-world.txt"`},
			},
		},
		{
			ID:    "reader",
			Title: "A reader",
			About: "A VirtualFile makes any io.Reader look like a file; what the reader can do, the file can.",
			Path:  "/reader",
			View:  ReaderDownloadView{},
			File:  "reader.go",
			Commands: []command{
				{"curl -s -r 13- URL", "strings.Reader!"},
			},
		},
		{
			ID:    "generated",
			Title: "Text generated on the way",
			About: "Two thousand Fibonacci numbers from an ordinary iterator. None is computed before somebody asks, and all that is stored is two of them.",
			Path:  "/generated",
			View:  GeneratedDownloadView{},
			File:  "generated.go",
			Commands: []command{
				{"curl -s URL | sed -n 91p", "F(90) = 2880067194370816120"},
			},
		},
		{
			ID:    "not-modified",
			Title: "Not modified",
			About: "The view itself knows whether its content has changed. This one says that it has not, and a client that asks “since?” is told 304.",
			Path:  "/not-modified",
			View:  NotModifiedDownloadView{},
			File:  "notmodified.go",
			Commands: []command{
				{"curl -i -H 'If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT' URL", "HTTP/1.1 304 Not Modified"},
			},
		},
		{
			ID:    "signed",
			Title: "A link that expires",
			About: "Whoever has the link has the file, for a minute and without a login. A changed link is a 403, and this one is a 410 when its minute is over: the server's clock decides, whatever a page shows.",
			Path:  "/signed",
			View:  NewSignedView(s.links),
			Routes: func(r chi.Router) {
				mountPrivate(r, s.signer, s.log.watch(views.StorageDownloadView{Storage: embedded}))
			},
			File: "signing.go",
			Commands: []command{
				{"curl -iL URL", "HTTP/1.1 302 Found"},
				{`link=$(curl -s -o /dev/null -w '%{redirect_url}' URL); curl -i "$link&user=admin"`, "HTTP/1.1 403 Forbidden"},
				{`sleep 60; curl -i "$link"`, "HTTP/1.1 410 Gone"},
			},
			Paths: func(ctx context.Context) ([]string, error) { return newLink(ctx, s.links) },
			Note:  noteExpiry,
		},
		{
			ID:    "unicode",
			Title: "All of Unicode, row by row",
			About: "Each of some 150,000 characters with its name, category and script, computed while it is sent. It is generated once more, at the first request, for its size and entity tag; so downloads show their progress, and a broken one is resumed.",
			Path:  "/unicode.csv",
			View:  UnicodeDownloadView{},
			File:  "unicode.go",
			Commands: []command{
				{"curl -s -r 0-999999 -O URL; wc -c unicode.csv", "1000000 unicode.csv"},
				{"curl -s -C - -O URL; grep HAMSTER unicode.csv", "U+1F439,🐹,HAMSTER FACE,So,Common"},
			},
		},
		{
			ID:      "picture",
			Title:   "A picture as large as you ask for",
			About:   "Marbled paper, computed pixel by pixel while image/png encodes it. The size is in the address: change it. Up to 1920 × 1200, that is; beyond, it is a 404.",
			Path:    "/picture/1200x600.png",
			Pattern: "/picture/{width}x{height}.png",
			View:    PictureDownloadView{},
			File:    "picture.go",
			Commands: []command{
				{"curl -I URL", `Content-Disposition: inline; filename="marble.png"`},
			},
			Show: "image",
		},
		{
			ID:    "tone",
			Title: "An hour of sound",
			About: "318 MB that exist nowhere. Each sample follows from its number alone, so you can move to any place in the hour, and nothing before it is computed.",
			Path:  "/tone.wav",
			View:  ToneDownloadView{},
			File:  "tone.go",
			Commands: []command{
				{"curl -I URL", "Content-Length: 317520044"},
				{"curl -s -r 300000000- URL | wc -c", "17520044"},
			},
			Show: "audio",
		},
		{
			ID:      "disk",
			Title:   "A file on disk",
			About:   "The demo keeps its source in a temporary directory; any file there may be named. An os.Root confines the view: what leads out of it, or is no regular file, is a 404. Started with -behind nginx, the demo leaves it to nginx to send these files.",
			Path:    "/disk/main.go",
			Pattern: "/disk/*",
			View:    NewDiskView(s.disk),
			File:    "disk.go",
			Commands: []command{
				{"curl -s -r 3-58 URL", "Command demo serves one example of each kind of download"},
			},
		},
		{
			ID:      "greetings",
			Title:   "A file in a zip",
			About:   "Every fs.FS is a storage; this one is a zip in memory, which nobody unpacks. In a browser, names reach your disk in their own script.",
			Path:    "/greetings/Ελληνικά.txt",
			Pattern: "/greetings/*",
			View:    NewGreetingView(s.greetings),
			File:    "greetings.go",
			Commands: []command{
				{"curl -s URL", "Γεια σου, κόσμε!"},
			},
			Paths: listGreetings,
		},
		{
			ID:      "documents",
			Title:   "A document from a database",
			About:   "SQLite knows name, type and age of each document. It has the bytes of one; those of the others are in a storage.",
			Path:    "/documents/endpaper",
			Pattern: "/documents/{id}",
			View:    NewDocumentView(s.library, embedded),
			File:    "library.go",
			Commands: []command{
				{"curl -I URL", `Content-Disposition: attachment; filename="Marbled endpaper.png"`},
			},
			Paths: func(ctx context.Context) ([]string, error) { return listLibrary(ctx, s.library) },
		},
		{
			ID:    "archive",
			Title: "A zip that exists nowhere",
			About: "The source of this demo and the hour of sound, as one file. Its length is known before a byte of it is made, and it resumes at any place.",
			Path:  "/demo.zip",
			View:  s.archive,
			File:  "archive.go",
			Commands: []command{
				{"curl -I URL", "Accept-Ranges: bytes"},
				{"curl -s -r -22 URL | od -A n -t x1 -N 4 # the signature of its last record", "50 4b 05 06"},
			},
		},
		{
			ID:    "report",
			Title: "A report that takes ten seconds",
			About: "Open it in two tabs: one run makes it for both, and its first line says which download has started that. Leave, and it goes on for the other. For a minute the finished copy is a file on disk, and can be resumed.",
			Path:  "/report.csv",
			View:  report,
			File:  "report.go",
			Commands: []command{
				{"curl -N URL", "100,100,25031.00,"},
				{"curl -i -r 0-99 URL", "HTTP/1.1 206 Partial Content"},
			},
			Note: report.note,
		},
		{
			ID:    "proxy",
			Title: "A file from another server",
			About: "It passes through and is not kept. Ranges and conditions are passed on to the other server, which sends no more than you ask for. Here the demo asks itself, for all of Unicode.",
			Path:  "/proxy.csv",
			View:  NewProxyView("/unicode.csv"),
			File:  "proxy.go",
			Commands: []command{
				{"curl -I URL", "Accept-Ranges: bytes"},
				{"curl -s -r 11-40 URL", "character,name,category,script"},
			},
		},
		{
			ID:    "failing",
			Title: "An export that fails",
			About: "The database is lost after some megabytes. The browser says that the download failed, and curl leaves with an error: a part never looks like the whole.",
			Path:  "/failing.csv",
			View:  FailingDownloadView{},
			File:  "failing.go",
			Commands: []command{
				{"curl -s -O URL && echo whole || echo broken off", "broken off"},
			},
		},
	}
}
