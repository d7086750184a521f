package keelback_test

import (
	"context"
	"database/sql"
	"testing"

	keelback "github.com/keelback/keelback/bindings/go"
)

// connect gives a connection of its own, and it as the driver knows it.
func connect(t *testing.T, name string) (*sql.Conn, *keelback.Conn) {
	t.Helper()
	db, err := sql.Open("keelback", name)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	must(t, err)
	var raw *keelback.Conn
	must(t, conn.Raw(func(one any) error {
		raw = one.(*keelback.Conn)
		return nil
	}))
	return conn, raw
}

// ask gives the first column of the first row as text, or the error.
func ask(conn *sql.Conn, query string, arguments ...any) string {
	var answer sql.NullString
	if err := conn.QueryRowContext(context.Background(), query, arguments...).Scan(&answer); err != nil {
		return "error: " + err.Error()
	}
	if !answer.Valid {
		return "NULL"
	}
	return answer.String
}

func expect(t *testing.T, conn *sql.Conn, want, query string, arguments ...any) {
	t.Helper()
	if got := ask(conn, query, arguments...); got != want {
		t.Errorf("%s gave %q, not %q", query, got, want)
	}
}

func do(t *testing.T, conn *sql.Conn, query string, arguments ...any) {
	t.Helper()
	_, err := conn.ExecContext(context.Background(), query, arguments...)
	must(t, err)
}
