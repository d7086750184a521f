package keelback_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	keelback "github.com/keelback/keelback/bindings/go"
	_ "github.com/keelback/keelback/bindings/go/sqlite3"
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

func TestGoFunctionsAreCalledWithConvertedArguments(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	functions := map[string]any{
		"add8":   func(a int8, b int16) int32 { return int32(a) + int32(b) },
		"addu":   func(a uint, b uint64) uint64 { return uint64(a) + b },
		"half":   func(a float64) float32 { return float32(a / 2) },
		"is_not": func(a bool) bool { return !a },
		"shout":  func(a string) string { return strings.ToUpper(a) },
		"twice":  func(a []byte) []byte { return append(a, a...) },
		"kind":   func(a any) string { return fmt.Sprintf("%T %v", a, a) },
		"number": func(all ...any) int { return len(all) },
		"total": func(first int, all ...int) (sum int) {
			sum = first
			for _, one := range all {
				sum += one
			}
			return
		},
		"refuse": func(a string) (string, error) { return a, errors.New("refused: " + a) },
		"empty":  func() []byte { return nil },
		"echo":   func(a any) (any, error) { return a, nil },
	}
	for name, function := range functions {
		must(t, raw.RegisterFunc(name, function, true))
	}
	for query, want := range map[string]string{
		"SELECT add8(100, 1000)":              "1100",
		"SELECT add8(128, 1)":                 "error: argument 1 does not fit a int8",
		"SELECT add8('1', 1)":                 "error: argument 1 has to be an INTEGER",
		"SELECT addu(-1, 1)":                  "error: argument 1 does not fit a uint",
		"SELECT typeof(half(3))":              "real",
		"SELECT half(3.0)":                    "1.5",
		"SELECT is_not(0) - is_not(1)":        "1",
		"SELECT shout('é' || char(0) || 'a')": "É\u0000A",
		"SELECT shout(NULL)":                  "error: argument 1 has to be TEXT or a BLOB",
		"SELECT hex(twice(x'00ff'))":          "00FF00FF",
		"SELECT kind(1)":                      "int64 1",
		"SELECT kind(1.5)":                    "float64 1.5",
		"SELECT kind('a')":                    "string a",
		"SELECT kind(x'61')":                  "[]uint8 [97]",
		"SELECT kind(NULL)":                   "[]uint8 []",
		"SELECT number() || number(1,2,3)":    "03",
		"SELECT total(1, 2, 3)":               "6",
		"SELECT total()":                      "error: at least 1 arguments are needed",
		"SELECT refuse('no')":                 "error: refused: no",
		"SELECT empty()":                      "NULL",
		"SELECT typeof(echo(NULL))":           "null",
		"SELECT typeof(echo(''))":             "text",
		"SELECT typeof(echo(x''))":            "blob",
		"SELECT half()":                       "error: wrong number of arguments to function half()",
		"SELECT add8(a,1) FROM (SELECT 2 a) WHERE add8(a, 0) > 1": "3",
	} {
		expect(t, conn, want, query)
	}
	do(t, conn, "CREATE TABLE t(a); CREATE INDEX i ON t(shout(a)); INSERT INTO t VALUES ('x')")
	expect(t, conn, "x", "SELECT a FROM t WHERE shout(a) = 'X'")
}

func TestWhatIsNoFunctionIsRefused(t *testing.T) {
	_, raw := connect(t, ":memory:")
	for _, one := range []any{
		1, nil, func() {}, func(chan int) int { return 1 }, func() (int, int) { return 1, 2 }, func() struct{} { return struct{}{} },
		func(map[string]int) int { return 1 }, (func() int)(nil),
	} {
		if err := raw.RegisterFunc("f", one, false); err == nil {
			t.Errorf("%T was accepted", one)
		}
	}
	for _, one := range []any{1, func() int { return 1 }, func(int) *spread { return nil }, func() *strings.Builder { return nil }} {
		if err := raw.RegisterAggregator("f", one, false); err == nil {
			t.Errorf("%T was accepted as a constructor", one)
		}
	}
}

// spread is the largest minus the smallest of a group, which it can only be if it keeps all.
type spread struct{ values []int64 }

func (s *spread) Step(value int64) error {
	if value < 0 {
		return errors.New("negative")
	}
	s.values = append(s.values, value)
	return nil
}

func (s *spread) Inverse(int64) { s.values = s.values[1:] }

func (s *spread) Value() int64 {
	if len(s.values) == 0 {
		return -1
	}
	low, high := s.values[0], s.values[0]
	for _, value := range s.values {
		low, high = min(low, value), max(high, value)
	}
	return high - low
}

func (s *spread) Done() int64 { return s.Value() }

func TestAggregatesHaveAnObjectForEachGroup(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	made := 0
	must(t, raw.RegisterAggregator("spread", func() *spread { made++; return &spread{} }, true))
	must(t, raw.RegisterAggregator("never", func() (*spread, error) { return nil, errors.New("not today") }, true))
	do(t, conn, "CREATE TABLE t(g, v); INSERT INTO t VALUES (1,5),(2,7),(1,9),(2,20),(3,1)")
	expect(t, conn, "4,13,0", "SELECT group_concat(s) FROM (SELECT spread(v) AS s FROM t GROUP BY g ORDER BY g)")
	if made != 3 {
		t.Errorf("%d objects for three groups", made)
	}
	expect(t, conn, "-1", "SELECT spread(v) FROM t WHERE g > 9")
	expect(t, conn, "error: negative", "SELECT spread(-v) FROM t")
	expect(t, conn, "error: not today", "SELECT never(v) FROM t")
	expect(t, conn, "error: not today", "SELECT never(v) FROM t WHERE g > 9")
	expect(t, conn, "0,4,2,13,19", `SELECT group_concat(s) FROM
		(SELECT spread(v) OVER (ORDER BY g, v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM t ORDER BY g, v)`)
}

func TestAPanicOfAFunctionGoesOnInGo(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	must(t, raw.RegisterFunc("burst", func() int { panic("burst") }, false))
	func() {
		defer func() {
			if problem := recover(); problem != "burst" {
				t.Errorf("recovered %v", problem)
			}
		}()
		_, _ = raw.Exec("SELECT burst()", nil)
	}()
	expect(t, conn, "2", "SELECT 1 + 1")
}

func TestCollationsOrderAndGoAway(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	must(t, raw.RegisterCollation("backwards", func(left, right string) int { return strings.Compare(right, left) }))
	expect(t, conn, "c,b,a", "SELECT group_concat(a, ',' ORDER BY a COLLATE backwards) FROM (SELECT 'a' AS a UNION SELECT 'c' UNION SELECT 'b')")
	must(t, raw.RegisterCollation("backwards", nil))
	expect(t, conn, "error: no such collation sequence: backwards", "SELECT 'a' < 'b' COLLATE backwards")
}

func TestHooksSeeWhatHappensAndMayRefuseIt(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	var seen []string
	answer := 0
	raw.RegisterCommitHook(func() int { seen = append(seen, "commit"); return answer })
	raw.RegisterRollbackHook(func() { seen = append(seen, "rollback") })
	raw.RegisterUpdateHook(func(action int, schema, table string, rowid int64) {
		seen = append(seen, fmt.Sprintf("%d %s.%s %d", action, schema, table, rowid))
	})
	do(t, conn, "CREATE TABLE t(a)")
	do(t, conn, "INSERT INTO t VALUES (1), (2)")
	answer = 1
	_, err := conn.ExecContext(context.Background(), "DELETE FROM t WHERE a = 2")
	if !errors.Is(err, keelback.ErrConstraintCommitHook) {
		t.Errorf("the refused commit gave %v", err)
	}
	want := []string{"commit", "18 main.t 1", "18 main.t 2", "commit", "9 main.t 2", "commit", "rollback"}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("%q, not %q", seen, want)
	}
	raw.RegisterCommitHook(nil)
	raw.RegisterRollbackHook(nil)
	raw.RegisterUpdateHook(nil)
	do(t, conn, "DELETE FROM t")
	if len(seen) != len(want) {
		t.Errorf("a hook that was taken away saw %q", seen[len(want):])
	}
}

func TestTheAuthorizerIsAsked(t *testing.T) {
	conn, raw := connect(t, ":memory:")
	do(t, conn, "CREATE TABLE t(a, secret); INSERT INTO t VALUES (1, 2)")
	raw.RegisterAuthorizer(func(action int, first, second, _ string) int {
		switch {
		case action == keelback.SQLITE_READ && second == "secret":
			return keelback.SQLITE_IGNORE
		case action == keelback.SQLITE_DELETE && first == "t":
			return keelback.SQLITE_DENY
		}
		return keelback.SQLITE_OK
	})
	expect(t, conn, "NULL", "SELECT secret FROM t")
	_, err := conn.ExecContext(context.Background(), "DELETE FROM t")
	if !errors.Is(err, keelback.ErrAuth) || err.Error() != "not authorized" {
		t.Errorf("%v", err)
	}
	raw.RegisterAuthorizer(nil)
	expect(t, conn, "2", "SELECT secret FROM t")
}

func TestABackupCopiesADatabaseStepByStep(t *testing.T) {
	source, from := connect(t, ":memory:")
	do(t, source, "CREATE TABLE t(a); INSERT INTO t SELECT randomblob(500) FROM generate_series(1, 100)")
	target, to := connect(t, filepath.Join(t.TempDir(), "copy.db"))
	backup, err := to.Backup("main", from, "main")
	must(t, err)
	done, err := backup.Step(3)
	must(t, err)
	if done || backup.Remaining() == 0 || backup.PageCount() != backup.Remaining()+3 {
		t.Errorf("after three pages: done %v, %d of %d left", done, backup.Remaining(), backup.PageCount())
	}
	done, err = backup.Step(-1)
	must(t, err)
	if !done {
		t.Error("not done after all pages")
	}
	must(t, backup.Finish())
	must(t, backup.Close())
	expect(t, target, "100", "SELECT count(*) FROM t")
	if _, err := to.Backup("nowhere", from, "main"); err == nil || err.Error() != "unknown database nowhere" {
		t.Errorf("%v", err)
	}
}

func TestASerializedDatabaseIsReadElsewhere(t *testing.T) {
	source, from := connect(t, ":memory:")
	do(t, source, "CREATE TABLE t(a); INSERT INTO t VALUES ('kept')")
	content, err := from.Serialize("")
	must(t, err)
	target, to := connect(t, ":memory:")
	must(t, to.Deserialize(content, ""))
	expect(t, target, "kept", "SELECT a FROM t")
	do(t, target, "INSERT INTO t SELECT randomblob(9000)")
	expect(t, target, "ok", "PRAGMA integrity_check")
	if _, err := from.Serialize("nowhere"); err == nil {
		t.Error("an unknown schema was serialized")
	}
}

func TestLimitsAndFileControls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	conn, raw := connect(t, path)
	if before := raw.SetLimit(keelback.SQLITE_LIMIT_LENGTH, 100); before != 1_000_000_000 {
		t.Errorf("the limit was %d", before)
	}
	if now := raw.GetLimit(keelback.SQLITE_LIMIT_LENGTH); now != 100 {
		t.Errorf("the limit is %d", now)
	}
	expect(t, conn, "error: string or blob too big", "SELECT zeroblob(101)")
	if name := raw.GetFilename(""); name != path {
		t.Errorf("the file is %q", name)
	}
	must(t, raw.SetFileControlInt("", keelback.SQLITE_FCNTL_PERSIST_WAL, 1))
	if err := raw.SetFileControlInt("", 4711, 1); !errors.Is(err, keelback.ErrNotFound) {
		t.Errorf("an unknown operation gave %v", err)
	}
}

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

func TestAClosedConnectionRefusesCalls(t *testing.T) {
	_, raw := connect(t, ":memory:")
	must(t, raw.Close())
	raw.RegisterCommitHook(func() int { return 0 })
	raw.RegisterAuthorizer(nil)
	_, backup := raw.Backup("main", raw, "main")
	_, serialize := raw.Serialize("")
	for name, err := range map[string]error{
		"RegisterFunc": raw.RegisterFunc("f", func() int { return 1 }, true), "Backup": backup, "Serialize": serialize,
		"RegisterCollation": raw.RegisterCollation("c", strings.Compare), "LoadExtension": raw.LoadExtension("x", ""),
		"RegisterAggregator": raw.RegisterAggregator("f", func() *spread { return nil }, true),
		"Deserialize":        raw.Deserialize(nil, ""), "SetFileControlInt": raw.SetFileControlInt("", 1, 1),
	} {
		if err == nil {
			t.Errorf("%s worked", name)
		}
	}
	if raw.GetLimit(0) != -1 || raw.GetFilename("") != "" || raw.AutoCommit() {
		t.Error("a closed connection gave values")
	}
}

func TestDriversOfOnesOwnPrepareTheirConnections(t *testing.T) {
	sql.Register("keelback_with_answer", &keelback.Driver{ConnectHook: func(conn *keelback.Conn) error {
		return conn.RegisterFunc("answer", func() int { return 42 }, true)
	}})
	sql.Register("keelback_refusing", &keelback.Driver{Extensions: []string{"/nowhere/extension.so"}})
	db, err := sql.Open("keelback_with_answer", ":memory:")
	must(t, err)
	defer db.Close()
	var answer int
	must(t, db.QueryRow("SELECT answer()").Scan(&answer))
	if answer != 42 {
		t.Errorf("%d", answer)
	}
	refusing, err := sql.Open("keelback_refusing", ":memory:")
	must(t, err)
	defer refusing.Close()
	if err := refusing.Ping(); err == nil || !strings.Contains(err.Error(), "/nowhere/extension.so") {
		t.Errorf("%v", err)
	}
}

func TestTheDriverIsAlsoThereAsSqlite3(t *testing.T) {
	db, err := sql.Open("sqlite3", "file::memory:?cache=shared&_fk=1")
	must(t, err)
	defer db.Close()
	var on int
	must(t, db.QueryRow("PRAGMA foreign_keys").Scan(&on))
	if on != 1 {
		t.Errorf("%d", on)
	}
}
