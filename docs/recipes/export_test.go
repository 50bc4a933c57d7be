package recipes_test

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// newLargeShop returns a database with so many orders of Ada's that they do not
// fit into the buffers between server and client.
func newLargeShop(t *testing.T) *sql.DB {
	t.Helper()
	db, err := newShop(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // for checkNoneLeft
	if _, err := db.Exec(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO orders (customer, item, cents) SELECT 1, hex(zeroblob(500)), i FROM n`); err != nil {
		t.Fatal(err)
	}
	return db
}

// asAda is requireLogin for a client that has logged in.
func asAda(next http.Handler) http.Handler {
	next = requireLogin(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.SetBasicAuth("ada", "secret")
		next.ServeHTTP(w, r)
	})
}

// checkNoneLeft reports a transaction that has the only connection of db.
func checkNoneLeft(t *testing.T, db *sql.DB, reason string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		db.Close() // others would wait for it for ever
		t.Fatalf("a transaction is left (%v): %s", err, reason)
	}
}

// detached is middleware for requests whose context never ends, which would end a
// transaction as well: here it is for Close to do.
func detached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	})
}

func TestExportEndsItsTransaction(t *testing.T) {
	for name, newView := range map[string]func(*sql.DB) views.DownloadView{
		"streamed": func(db *sql.DB) views.DownloadView { return OrdersDownloadView{DB: db} },
		"exact":    func(db *sql.DB) views.DownloadView { return ExactOrdersDownloadView{DB: db} },
	} {
		t.Run(name, func(t *testing.T) {
			db := newLargeShop(t)
			servertest.OverEach(t, detached(asAda(views.AsView(newView(db)))), func(t *testing.T, srv *servertest.Server) {
				for _, tt := range []struct {
					do     func(t *testing.T)
					reason string
				}{
					{func(t *testing.T) {
						if got := srv.Do(t, "GET", "/"); got.Status != 200 || got.Err != nil || strings.Count(got.Body, "\n") != 10_002 {
							t.Errorf("status %d with %d bytes (%v), want 200 with all orders", got.Status, len(got.Body), got.Err)
						}
					}, "a whole download"},
					{func(t *testing.T) { srv.Do(t, "HEAD", "/").Check(t, 200, "") }, "nothing is generated"},
					{func(t *testing.T) {
						resp, err := srv.Client().Get(srv.URL)
						if err != nil {
							t.Fatal(err)
						}
						resp.Body.Close()
						srv.Wait()
					}, "a client that leaves"},
				} {
					tt.do(t)
					checkNoneLeft(t, db, tt.reason)
				}
			})
		})
	}
}

// SQLite lets a text stand where a number should.
func TestExportWithARowThatFails(t *testing.T) {
	servertest.CaptureLog(t)
	db := newLargeShop(t)
	servertest.OverEach(t, detached(asAda(views.AsView(OrdersDownloadView{DB: db}))), func(t *testing.T, srv *servertest.Server) {
		for _, tt := range []struct {
			id     int
			check  func(t testing.TB, a servertest.Answer)
			reason string
		}{
			{1, func(t testing.TB, a servertest.Answer) { a.CheckError(t, 500) }, "nothing was sent"},
			{10_000, func(t testing.TB, a servertest.Answer) { a.CheckBroken(t, 200) }, "most was sent"},
		} {
			if _, err := db.Exec("UPDATE orders SET cents = 'many' WHERE id = ?", tt.id); err != nil {
				t.Fatal(err)
			}
			tt.check(t, srv.Do(t, "GET", "/"))
			checkNoneLeft(t, db, tt.reason)
			if _, err := db.Exec("UPDATE orders SET cents = 1 WHERE id = ?", tt.id); err != nil {
				t.Fatal(err)
			}
		}
	})
	servertest.OverEach(t, detached(asAda(views.AsView(ExactOrdersDownloadView{DB: db}))), func(t *testing.T, srv *servertest.Server) {
		if _, err := db.Exec("UPDATE orders SET cents = 'many' WHERE id = 10000"); err != nil {
			t.Fatal(err)
		}
		srv.Do(t, "GET", "/").CheckError(t, 500) // it was measured first
		checkNoneLeft(t, db, "it failed while it was measured")
	})
}

func TestExportsAreGoodDownloads(t *testing.T) {
	db, err := newShop(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	t.Run("streamed", func(t *testing.T) {
		downloadtest.TestView(t, OrdersDownloadView{DB: db}, downloadtest.Through(asAda), downloadtest.Ranges(false))
	})
	t.Run("exact", func(t *testing.T) {
		downloadtest.TestView(t, ExactOrdersDownloadView{DB: db}, downloadtest.Through(asAda), downloadtest.Ranges(true))
	})
}
