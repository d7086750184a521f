package keelback_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

func TestSettingsOfTheNameRunPragmas(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.db") +
		"?_journal_mode=WAL&_fk=on&_sync=full&_cache_size=-4000&_pragma=user_version(7)&_rt=1&_cslike=true"
	conn, _ := connect(t, name)
	for query, want := range map[string]string{
		"PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1", "PRAGMA synchronous": "2", "PRAGMA cache_size": "-4000",
		"PRAGMA user_version": "7", "PRAGMA recursive_triggers": "1", "SELECT 'a' LIKE 'A'": "0",
	} {
		expect(t, conn, want, query)
	}
	for _, wrong := range []string{"_fk=perhaps", "_journal=paper", "_cache_size=large", "_loc=Nowhere", "_mutex=half"} {
		if db, err := sql.Open("keelback", "x.db?"+wrong); err == nil {
			db.Close()
			t.Errorf("%s was accepted", wrong)
		}
	}
}

func TestTimesComeInTheLocationAskedFor(t *testing.T) {
	conn, _ := connect(t, ":memory:?_loc=Asia/Tokyo")
	do(t, conn, "CREATE TABLE t(at DATETIME)")
	want := time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC)
	for _, stored := range []any{want, want.Unix(), want.UnixMilli(), "2026-11-22T18:30:00Z", "2026-11-22 18:30"} {
		do(t, conn, "DELETE FROM t; INSERT INTO t VALUES (?)", stored)
		var got time.Time
		must(t, conn.QueryRowContext(context.Background(), "SELECT at FROM t").Scan(&got))
		if !got.Equal(want) || got.Location().String() != "Asia/Tokyo" {
			t.Errorf("%v came back as %v", stored, got)
		}
	}
}

func TestAQueryOfSeveralStatementsHasSeveralResultSets(t *testing.T) {
	conn, _ := connect(t, ":memory:")
	rows, err := conn.QueryContext(context.Background(),
		"CREATE TABLE t(a); INSERT INTO t VALUES (:x); SELECT a FROM t; UPDATE t SET a = a + ?; SELECT a, 'two' FROM t; ",
		sql.Named("x", 5), 10)
	must(t, err)
	defer rows.Close()
	var a int
	if !rows.Next() || rows.Scan(&a) != nil || a != 5 || rows.Next() {
		t.Fatalf("first set: %d", a)
	}
	var text string
	if !rows.NextResultSet() || !rows.Next() || rows.Scan(&a, &text) != nil || a != 15 || text != "two" {
		t.Fatalf("second set: %d %q %v", a, text, rows.Err())
	}
	if rows.Next() || rows.NextResultSet() {
		t.Fatal("more than two sets")
	}
	must(t, rows.Err())
}
