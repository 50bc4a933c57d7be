package recipes_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ExactOrdersDownloadView is OrdersDownloadView with a length and an entity tag.
type ExactOrdersDownloadView struct {
	views.VirtualDownloadView
	DB *sql.DB
}

func (v ExactOrdersDownloadView) GetFile(r *http.Request) (fs.File, error) {
	user, err := userOf(r.Context())
	if err != nil {
		return nil, err
	}
	// The rows are read twice, and must be the same: in other databases, ask for
	// sql.LevelRepeatableRead. A transaction of SQLite sees one state anyway.
	tx, err := v.DB.BeginTx(r.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	write := func(w io.Writer) error { return writeOrders(r.Context(), tx, user.ID, w) }
	size, etag, err := measure(write)
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	file := files.NewVirtualFile(export{files.NewWriterIO(write), tx}, "orders.csv")
	file.Size, file.ETag = size, etag
	return file, nil
}

// measure returns the length of what write writes, and a strong entity tag of it.
func measure(write func(io.Writer) error) (size int64, etag string, err error) {
	hash, length := sha256.New(), counter(0)
	err = write(io.MultiWriter(hash, &length))
	return int64(length), fmt.Sprintf(`"%x"`, hash.Sum(nil)), err
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// With length and tag, an export shows how far it is, can be resumed, and is not
// sent to who has it already.
func Example_exactExport() {
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
	h := requireLogin(views.AsView(ExactOrdersDownloadView{DB: db}))

	w := httptest.NewRecorder()
	h.ServeHTTP(w, as("ada", "/orders"))
	fmt.Println(w.Code, w.Header().Get("Content-Length"))

	resumed := as("ada", "/orders")
	resumed.Header.Set("Range", "bytes=10-")
	resumed.Header.Set("If-Range", w.Header().Get("ETag"))
	part := httptest.NewRecorder()
	h.ServeHTTP(part, resumed)
	fmt.Println(part.Code, part.Header().Get("Content-Range"))
	fmt.Print(part.Body)

	again := as("ada", "/orders")
	again.Header.Set("If-None-Match", w.Header().Get("ETag"))
	same := httptest.NewRecorder()
	h.ServeHTTP(same, again)
	fmt.Println(same.Code)
	// Output:
	// 200 29
	// 206 bytes 10-28/29
	// 3,"cake, warm",380
	// 304
}
