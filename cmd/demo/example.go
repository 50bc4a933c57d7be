package main

import (
	"context"
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// An example is a view, where it is mounted, and what the page says of it.
type example struct {
	ID       string // of its section on the page
	Title    string
	About    string
	Path     string // of a download, which URL stands for in commands
	Pattern  string // for chi, if it is not just Path
	View     view
	File     string // with the source of the view
	Commands []command
	Show     string // "image" or "audio": the page shows the content itself

	// Routes mounts what the download leads to; nil: it leads nowhere else.
	Routes func(chi.Router)

	// Paths returns those of the downloads that the page offers; nil: Path alone.
	Paths func(context.Context) ([]string, error)

	// Note returns what is to be said of them at the moment; nil: nothing.
	Note func(context.Context) (string, error)
}

// view is what all views of this module are.
type view interface {
	views.DownloadView
	GetOptions(r *http.Request, file fs.File) response.Options
	HandleError(w http.ResponseWriter, r *http.Request, err error)
}

// A command is a line to copy into a shell, and a line of what it prints.
type command struct{ Line, Prints string }

// At returns the command for the download at path on host.
func (c command) At(host, path string) command {
	c.Line = strings.ReplaceAll(c.Line, "URL", "http://"+host+path)
	return c
}
