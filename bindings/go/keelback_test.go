package keelback_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	keelback "github.com/keelback/keelback/bindings/go"
)

func memory(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("keelback", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, db *sql.DB, query string, arguments ...any) sql.Result {
	t.Helper()
	result, err := db.Exec(query, arguments...)
	must(t, err)
	return result
}

func TestScriptsRunEveryStatementAndShareTheArguments(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(a, b); INSERT INTO t VALUES (?, ?); INSERT INTO t VALUES (?, 'x') -- end", 1, 2, 3)
	var sum int64
	must(t, db.QueryRow("SELECT sum(a) FROM t").Scan(&sum))
	if sum != 4 {
		t.Fatalf("sum is %d", sum)
	}
}

func TestValuesKeepTheirStorageClass(t *testing.T) {
	db := memory(t)
	for _, value := range []any{
		nil, int64(math.MinInt64), int64(math.MaxInt64), 1.0, math.Inf(1), "", "a\x00b", "é", []byte{}, []byte{0, 255},
	} {
		var got any
		must(t, db.QueryRow("SELECT ?", value).Scan(&got))
		if !reflect.DeepEqual(got, value) {
			t.Errorf("%#v came back as %#v", value, got)
		}
	}
}

func TestAnUnsignedIntegerBeyond63BitsIsRefused(t *testing.T) {
	if _, err := memory(t).Exec("SELECT ?", uint64(math.MaxUint64)); err == nil {
		t.Fatal("no error")
	}
}

func TestDeclaredTypesGiveTimesAndBools(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(at TIMESTAMP, ok BOOLEAN, plain TEXT)")
	moment := time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC)
	run(t, db, "INSERT INTO t VALUES (?, ?, ?)", moment, true, "2026-11-22")
	var at time.Time
	var ok bool
	var plain any
	must(t, db.QueryRow("SELECT at, ok, plain FROM t").Scan(&at, &ok, &plain))
	if !at.Equal(moment) || !ok || plain != "2026-11-22" {
		t.Fatalf("%v %v %v", at, ok, plain)
	}
}

func TestColumnTypesComeFromTheDeclaration(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(a INTEGER, b VARCHAR(10), c BLOB)")
	rows, err := db.Query("SELECT a, b, c, a+1 FROM t")
	must(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	must(t, err)
	want := []string{"INTEGER", "VARCHAR(10)", "BLOB", ""}
	for i, column := range types {
		if column.DatabaseTypeName() != want[i] {
			t.Errorf("column %d is %q", i, column.DatabaseTypeName())
		}
	}
	if types[0].ScanType() != reflect.TypeOf(sql.NullInt64{}) {
		t.Errorf("scan type %v", types[0].ScanType())
	}
}

func TestResultsCountRowsAndKnowTheLastRowid(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(a)")
	result := run(t, db, "INSERT INTO t VALUES (1), (2), (3)")
	id, _ := result.LastInsertId()
	count, _ := result.RowsAffected()
	if id != 3 || count != 3 {
		t.Fatalf("id %d, count %d", id, count)
	}
	count, _ = run(t, db, "UPDATE t SET a = 0 WHERE a > 100").RowsAffected()
	if count != 0 {
		t.Fatalf("an update of nothing counts %d", count)
	}
}

func TestTransactionsCommitAndRollBack(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(a)")
	for _, commit := range []bool{true, false} {
		tx, err := db.Begin()
		must(t, err)
		_, err = tx.Exec("INSERT INTO t VALUES (1)")
		must(t, err)
		if commit {
			must(t, tx.Commit())
		} else {
			must(t, tx.Rollback())
		}
	}
	var count int
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&count))
	if count != 1 {
		t.Fatalf("%d rows", count)
	}
}

func TestErrorsCarryCodeMessageAndOffset(t *testing.T) {
	db := memory(t)
	_, err := db.Exec("SELECT missing")
	var failure keelback.Error
	if !errors.As(err, &failure) || failure.Code != keelback.ErrError || failure.Message != "no such column: missing" || failure.Offset != 7 {
		t.Fatalf("%#v", err)
	}
	run(t, db, "CREATE TABLE t(a UNIQUE)")
	_, err = db.Exec("INSERT INTO t VALUES (1), (1)")
	if !errors.As(err, &failure) || failure.ExtendedCode != keelback.ErrConstraintUnique || !errors.Is(err, keelback.ErrConstraint) {
		t.Fatalf("%#v", err)
	}
}

func TestNamedParametersMustExist(t *testing.T) {
	db := memory(t)
	var text string
	must(t, db.QueryRow("SELECT $a || :b", sql.Named("a", "x"), sql.Named("b", "y")).Scan(&text))
	if text != "xy" {
		t.Fatal(text)
	}
	if err := db.QueryRow("SELECT :a", sql.Named("b", 1)).Scan(&text); err == nil {
		t.Fatal("an unknown name was accepted")
	}
}

func TestArgumentsHaveToBeAsManyAsParameters(t *testing.T) {
	db := memory(t)
	for _, arguments := range [][]any{{}, {1}, {1, 2, 3}} {
		var sum int
		if err := db.QueryRow("SELECT ? + ?", arguments...).Scan(&sum); err == nil {
			t.Errorf("%d arguments were accepted for two parameters", len(arguments))
		}
		if _, err := db.Exec("SELECT ? + ?", arguments...); err == nil {
			t.Errorf("%d arguments were accepted for two parameters of Exec", len(arguments))
		}
	}
}

func TestANameWithANulIsRefused(t *testing.T) {
	db, err := sql.Open("keelback", t.TempDir()+"/a\x00b.db")
	if err == nil {
		err = db.Ping()
	}
	if err == nil {
		t.Fatal("a name that C would cut was accepted")
	}
}

func TestTextWithANulOrASecondStatementIsRefused(t *testing.T) {
	db := memory(t)
	if _, err := db.Exec("SELECT 1\x00"); err == nil {
		t.Error("a NUL was accepted")
	}
	if _, err := db.Prepare("SELECT 1; SELECT 2"); err == nil {
		t.Error("two statements were prepared as one")
	}
	stmt, err := db.Prepare("SELECT 1; -- only a comment follows")
	must(t, err)
	stmt.Close()
}

func TestACancelledContextStopsAStatement(t *testing.T) {
	db := memory(t)
	run(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var count int64
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j").Scan(&count)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&count))
}

func TestConnectionsOfSeveralGoroutinesShareAFile(t *testing.T) {
	db, err := sql.Open("keelback", filepath.Join(t.TempDir(), "shared.db")+"?_txlock=immediate&_busy_timeout=20000")
	must(t, err)
	defer db.Close()
	run(t, db, "CREATE TABLE t(a)")
	var group sync.WaitGroup
	problems := make(chan error, 4)
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 5; i++ {
				if _, err := db.Exec("INSERT INTO t VALUES (?)", i); err != nil {
					problems <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(problems)
	for err := range problems {
		t.Error(err)
	}
	var count int
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&count))
	if count != 20 {
		t.Fatalf("%d rows", count)
	}
}

func TestClosingTwiceAndUsingWhatIsClosedIsSafe(t *testing.T) {
	db := memory(t)
	stmt, err := db.Prepare("SELECT 1")
	must(t, err)
	must(t, stmt.Close())
	must(t, stmt.Close())
	must(t, db.Close())
	must(t, db.Close())
	if err := db.Ping(); err == nil {
		t.Fatal("a closed database answered")
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	for _, name := range []string{"x.db?_nonsense=1", "x.db?_busy_timeout=soon", "x.db?_txlock=never", "x.db?_types=odd"} {
		if db, err := sql.Open("keelback", name); err == nil {
			db.Close()
			t.Errorf("%s was accepted", name)
		}
	}
}
