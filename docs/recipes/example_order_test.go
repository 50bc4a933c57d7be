package recipes_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// Order is a row of the orders.
type Order struct {
	ID, Cents int64
	Item      string
}

// newOrderView returns a view of the files that belong to an order.
func newOrderView(db *sql.DB) views.ObjectDownloadView[Order] {
	return views.ObjectDownloadView[Order]{
		GetObject: func(r *http.Request) (o Order, err error) {
			user, err := userOf(r.Context())
			if err != nil {
				return o, err
			}
			id, err := views.PathParam(r, "id")
			if err != nil {
				return o, err
			}
			err = db.QueryRowContext(r.Context(),
				"SELECT id, item, cents FROM orders WHERE id = ? AND customer = ?", id, user.ID).Scan(&o.ID, &o.Item, &o.Cents)
			return o, err // sql.ErrNoRows: 404
		},
		File: func(r *http.Request, o Order) (fs.File, error) {
			name, err := views.PathParam(r, "file")
			if err != nil {
				return nil, err
			}
			switch name {
			case "invoice":
				text := fmt.Sprintf("Invoice %d: %s, %d cents\n", o.ID, o.Item, o.Cents)
				return files.NewContentFile(text, fmt.Sprintf("invoice %d.txt", o.ID)), nil
			case "label":
				return files.NewContentFile(o.Item+"\n", fmt.Sprintf("label %d.txt", o.ID)), nil
			}
			return nil, fs.ErrNotExist
		},
	}
}

// One view for all files of an order: the rows are asked, the URL says which file.
func Example_order() {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := newShop(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	r := chi.NewRouter()
	r.Use(requireLogin)
	views.Mount(r, "/orders/{id}/{file}", newOrderView(db))
	for _, target := range []string{"/orders/1/invoice", "/orders/1/label", "/orders/1/else", "/orders/2/invoice"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, as("ada", target)) // order 2 is Grace's
		fmt.Printf("%d [%s] %s", w.Code, w.Header().Get("Content-Disposition"), w.Body)
	}
	// Output:
	// 200 [attachment; filename="invoice 1.txt"] Invoice 1: tea, 450 cents
	// 200 [attachment; filename="label 1.txt"] tea
	// 404 [] Not Found
	// 404 [] Not Found
}
