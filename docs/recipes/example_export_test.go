package recipes_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// OrdersDownloadView exports the orders of whoever asks, as CSV.
type OrdersDownloadView struct {
	views.VirtualDownloadView
	DB *sql.DB
}

func (v OrdersDownloadView) GetFile(r *http.Request) (fs.File, error) {
	user, err := userOf(r.Context())
	if err != nil {
		return nil, err
	}
	tx, err := v.DB.BeginTx(r.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	write := func(w io.Writer) error { return writeOrders(r.Context(), tx, user.ID, w) }
	return files.NewVirtualFile(export{files.NewWriterIO(write), tx}, "orders.csv"), nil
}

// export is content that is read in a transaction. That ends when the file is
// closed.
type export struct {
	rows *files.WriterIO
	tx   *sql.Tx
}

func (e export) Read(p []byte) (int, error)         { return e.rows.Read(p) }
func (e export) WriteTo(w io.Writer) (int64, error) { return e.rows.WriteTo(w) }

// Close ends writeOrders, wherever it is, and then the transaction. When the client
// has left, the request's context has ended that already.
func (e export) Close() error {
	e.rows.Close() // returns nil
	if err := e.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// writeOrders writes the orders of a customer as CSV.
func writeOrders(ctx context.Context, tx *sql.Tx, customer int64, w io.Writer) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, item, cents FROM orders WHERE customer = ? ORDER BY id", customer)
	if err != nil {
		return err
	}
	defer rows.Close()
	out := csv.NewWriter(w)
	for rows.Next() {
		var id, cents int64
		var item string
		if err := rows.Scan(&id, &item, &cents); err != nil {
			return err // a row that cannot be read
		}
		row := []string{strconv.FormatInt(id, 10), item, strconv.FormatInt(cents, 10)}
		if err := out.Write(row); err != nil {
			return err // the client has left
		}
	}
	if err := rows.Err(); err != nil {
		return err // the database failed midway: without this, it would look like the end
	}
	out.Flush()
	return out.Error()
}

// newShop returns a new database in dir, with some orders in it.
func newShop(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(dir, "shop.db")))
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(`
		CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, item TEXT, cents);
		INSERT INTO orders (customer, item, cents) VALUES (1, 'tea', 450), (2, 'coffee', 520), (1, 'cake, warm', 380)`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// An export is read in a transaction, which ends however the download does.
func Example_export() {
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
	h := requireLogin(views.AsView(OrdersDownloadView{DB: db}))

	w := httptest.NewRecorder()
	h.ServeHTTP(w, as("ada", "/orders"))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Print(w.Body)
	fmt.Println("transactions left:", db.Stats().InUse)
	// Output:
	// 200 text/csv; charset=utf-8
	// 1,tea,450
	// 3,"cake, warm",380
	// transactions left: 0
}
