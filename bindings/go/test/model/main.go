// Odd cases of a driver of database/sql, answered a line each, so that two packages of the same names can be compared.
package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	sqlite3 "github.com/keelback/keelback/bindings/go/sqlite3"
)

var folder string
var times = map[string]int{}

func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case []byte:
		if v == nil {
			return "nil bytes"
		}
		return "bytes " + hex.EncodeToString(v)
	case time.Time:
		return "time " + v.Format(time.RFC3339Nano) + " " + v.Location().String()
	case string:
		return fmt.Sprintf("string %q", v)
	case *any:
		return shown(*v)
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = shown(one)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprintf("%T %v", value, value)
}

func failure(err error) string {
	var own sqlite3.Error
	if errors.As(err, &own) {
		return fmt.Sprintf("Error %d %d %s", int(own.Code), int(own.ExtendedCode), err)
	}
	return "error " + err.Error()
}

func told(name string, body func() (any, error)) {
	answer := func() (answer string) {
		defer func() {
			if caught := recover(); caught != nil {
				answer = fmt.Sprintf("panic %v", caught)
			}
		}()
		value, err := body()
		if err != nil {
			return failure(err)
		}
		return shown(value)
	}()
	name = strings.ReplaceAll(name, ": ", " ")
	if times[name]++; times[name] > 1 {
		name = fmt.Sprintf("%s #%d", name, times[name])
	}
	answer = strings.ReplaceAll(answer, folder, "FOLDER")
	plain := func(char rune) rune {
		if char < ' ' || char > '~' {
			return '?'
		}
		return char
	}
	fmt.Printf("%s: %s\n", strings.Map(plain, name), strings.Map(plain, answer))
}

func open(name string) *sql.DB {
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func row(db *sql.DB, query string, values ...any) (any, error) {
	rows, err := db.Query(query, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	found := []any{}
	for rows.Next() {
		cells := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		found = append(found, cells...)
	}
	return found, rows.Err()
}

func exec(db *sql.DB, query string, values ...any) (any, error) {
	result, err := db.Exec(query, values...)
	if err != nil {
		return nil, err
	}
	id, _ := result.LastInsertId()
	count, err := result.RowsAffected()
	return []any{id, count}, err
}

type named string

type valuer struct{}

func reads(db *sql.DB) {
	for _, literal := range []string{"1", "-1", "9223372036854775807", "1.0", "1e300", "9e999", "'text'", "''", "x'00ff'", "x''", "NULL",
		"'12'", "'a' || char(0) || 'b'", "cast(x'ff' as text)", "true"} {
		told("read "+literal, func() (any, error) { return row(db, "SELECT "+literal) })
		for _, one := range []struct {
			kind string
			make func() any
		}{
			{"int64", func() any { return new(int64) }}, {"int8", func() any { return new(int8) }}, {"uint64", func() any { return new(uint64) }},
			{"float64", func() any { return new(float64) }}, {"float32", func() any { return new(float32) }}, {"bool", func() any { return new(bool) }},
			{"string", func() any { return new(string) }}, {"bytes", func() any { return new([]byte) }}, {"raw", func() any { return new(sql.RawBytes) }},
			{"time", func() any { return new(time.Time) }}, {"nullstring", func() any { return new(sql.NullString) }},
			{"nullint", func() any { return new(sql.NullInt64) }}, {"nullbool", func() any { return new(sql.NullBool) }}, {"named", func() any { return new(named) }},
		} {
			told(one.kind+" of "+literal, func() (any, error) {
				place := one.make()
				rows, err := db.Query("SELECT " + literal)
				if err != nil {
					return nil, err
				}
				defer rows.Close()
				rows.Next()
				err = rows.Scan(place)
				return reflect.ValueOf(place).Elem().Interface(), err
			})
		}
	}
	declared := []string{"INTEGER", "INT", "BIGINT", "REAL", "FLOAT", "TEXT", "VARCHAR(10)", "BLOB", "NUMERIC", "DECIMAL(10,5)", "BOOLEAN", "boolean", "DATE",
		"date", "DATETIME", "TIMESTAMP", "timestamp", "TIME", "JSON", "", "ANY", "BOOL"}
	literals := []string{"0", "1", "2", "-1", "1.5", "1700000000", "1700000000000", "-62135596800", "'2024-01-02'", "'2024-01-02 03:04:05'",
		"'2024-01-02T03:04:05Z'", "'2024-01-02 03:04:05.123456789+02:00'", "'2024-01-02 03:04'", "'text'", "''", "x'31'", "NULL", "'true'", "'1'"}
	for _, kind := range declared {
		if _, err := db.Exec("CREATE TABLE d(v " + kind + ")"); err != nil {
			panic(err)
		}
		for _, literal := range literals {
			told("declared "+kind+" "+literal, func() (any, error) {
				if _, err := db.Exec("DELETE FROM d; INSERT INTO d VALUES (" + literal + ")"); err != nil {
					return nil, err
				}
				return row(db, "SELECT v FROM d")
			})
		}
		told("column "+kind, func() (any, error) {
			rows, err := db.Query("SELECT v, v + 1, count(*) FROM d")
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			types, err := rows.ColumnTypes()
			if err != nil {
				return nil, err
			}
			answer := []any{}
			for _, one := range types {
				nullable, known := one.Nullable()
				answer = append(answer, one.Name(), one.DatabaseTypeName(), fmt.Sprint(one.ScanType()), nullable, known)
			}
			return answer, nil
		})
		told("column with a row "+kind, func() (any, error) {
			rows, err := db.Query("SELECT v FROM d")
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			rows.Next()
			types, err := rows.ColumnTypes()
			if err != nil {
				return nil, err
			}
			return []any{types[0].DatabaseTypeName(), fmt.Sprint(types[0].ScanType())}, nil
		})
		if _, err := db.Exec("DROP TABLE d"); err != nil {
			panic(err)
		}
	}
}

func binds(db *sql.DB) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 123456789, time.UTC)
	zone := time.FixedZone("here", 2*3600)
	values := []struct {
		name  string
		value any
	}{{"nil", nil}, {"int", 5}, {"int8", int8(-5)}, {"uint64", uint64(7)}, {"uint64 big", uint64(math.MaxUint64)}, {"float32", float32(0.1)}, {"NaN", math.NaN()},
		{"Inf", math.Inf(1)}, {"string", "s"}, {"empty", ""}, {"NUL", "a\x00b"}, {"no UTF-8", "\xff"}, {"bytes", []byte{0, 255}}, {"no bytes", []byte{}},
		{"nil bytes", []byte(nil)}, {"true", true}, {"false", false}, {"time", at}, {"time in a zone", at.In(zone)}, {"time zero", time.Time{}},
		{"named", named("n")}, {"struct", valuer{}}, {"pointer", new(int)}, {"nil pointer", (*int)(nil)}, {"slice", []int{1}}, {"null string", sql.NullString{}},
		{"a null string", sql.NullString{String: "x", Valid: true}}, {"complex", complex(1, 2)}, {"func", func() {}}, {"map", map[string]int{}}, {"rune", 'x'},
		{"Named a", sql.Named("a", 1)}, {"Out", sql.Out{Dest: new(int)}}}
	for _, one := range values {
		told("bind "+one.name, func() (any, error) { return row(db, "SELECT ?, typeof(?1), hex(?1)", one.value) })
	}
	queries := []string{"SELECT ?", "SELECT ?, ?", "SELECT ?1, ?1", "SELECT ?2, ?1", "SELECT ?3", "SELECT :a", "SELECT @a", "SELECT $a", "SELECT :a, @a, $a",
		"SELECT :a, :b", "SELECT ?, :a", "SELECT :a, ?", "SELECT 1", "SELECT ?; SELECT ?", "SELECT 1; SELECT ?", "SELECT :a; SELECT :b", "SELECT ?1 WHERE ?2"}
	given := []struct {
		name   string
		values []any
	}{{"none", nil}, {"one", []any{1}}, {"two", []any{1, 2}}, {"three", []any{1, 2, 3}}, {"a", []any{sql.Named("a", "A")}},
		{"a and b", []any{sql.Named("a", "A"), sql.Named("b", "B")}}, {"b", []any{sql.Named("b", "B")}}, {"a and one", []any{sql.Named("a", "A"), 1}}, {"one and a", []any{1, sql.Named("a", "A")}}}
	for _, query := range queries {
		for _, one := range given {
			told("query "+query+" of "+one.name, func() (any, error) { return row(db, query, one.values...) })
			told("exec "+query+" of "+one.name, func() (any, error) { return exec(db, query, one.values...) })
			told("prepared "+query+" of "+one.name, func() (any, error) {
				statement, err := db.Prepare(query)
				if err != nil {
					return nil, err
				}
				defer statement.Close()
				var answer any
				err = statement.QueryRow(one.values...).Scan(&answer)
				return answer, err
			})
		}
	}
}

func texts(db *sql.DB) {
	for _, query := range []string{"", " ", ";", "-- c", "SELECT 1", "SELECT 1;", "SELECT 1; ", "SELECT 1; -- c", "SELECT 1; SELECT 2", ";SELECT 1", "SELEC", "SELECT",
		"SELECT * FROM none", "SELECT none", "SELECT (", "SELECT 'a", "SELECT 1\x00", "SELECT 1; SELEC", "SELECT 1; SELECT none", "CREATE TABLE x1(a); INSERT INTO x1 VALUES (1), (2)",
		"INSERT INTO x1 VALUES (3) RETURNING a", "UPDATE x1 SET a = 5", "DELETE FROM x1 WHERE a = 9", "PRAGMA user_version", "PRAGMA user_version = 3", "BEGIN; ROLLBACK", "COMMIT",
		"EXPLAIN QUERY PLAN SELECT 1", "VALUES (1), (2)", "DROP TABLE x1", "INSERT INTO none VALUES (1)", "SELECT abs(-9223372036854775808)", "SELECT json('{')", "ATTACH '/none/x' AS y", "VACUUM"} {
		told(fmt.Sprintf("text %q queried", query), func() (any, error) { return row(db, query) })
		told(fmt.Sprintf("text %q run", query), func() (any, error) { return exec(db, query) })
		told(fmt.Sprintf("text %q prepared", query), func() (any, error) {
			statement, err := db.Prepare(query)
			if err != nil {
				return nil, err
			}
			return "prepared", statement.Close()
		})
	}
	told("result sets", func() (any, error) {
		rows, err := db.Query("SELECT 1; SELECT 2, 3; SELECT 4 WHERE 0; SELECT 5")
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		answer := []any{}
		for more := true; more; more = rows.NextResultSet() {
			columns, _ := rows.Columns()
			count := 0
			for rows.Next() {
				count++
			}
			answer = append(answer, len(columns), count)
		}
		return answer, rows.Err()
	})
}

func constraints(db *sql.DB) {
	for _, query := range []string{"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(a UNIQUE, b NOT NULL, c CHECK (c > 0), d REFERENCES p(id), e INTEGER PRIMARY KEY)",
		"PRAGMA foreign_keys = ON", "INSERT INTO c(a, b) VALUES (1, 1)", "INSERT INTO c(a, b) VALUES (1, 1)", "INSERT INTO c(a) VALUES (2)", "INSERT INTO c(b, c) VALUES (1, -1)",
		"INSERT INTO c(b, d) VALUES (1, 9)", "INSERT INTO c(b, e) VALUES (1, 1)", "INSERT INTO c(b, e) VALUES (1, 'x')", "INSERT OR IGNORE INTO c(a, b) VALUES (1, 1)",
		"REPLACE INTO c(a, b) VALUES (1, 2)", "CREATE TABLE p(a)", "CREATE TABLE s(a INT) STRICT", "INSERT INTO s VALUES ('x')", "CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID",
		"INSERT INTO w VALUES (NULL)", "INSERT INTO w VALUES (1)", "INSERT INTO w VALUES (1)", "CREATE TRIGGER t BEFORE INSERT ON w BEGIN SELECT raise(abort, 'no'); END",
		"INSERT INTO w VALUES (2)", "DROP TABLE none", "ALTER TABLE none ADD COLUMN x", "RELEASE x", "ROLLBACK"} {
		told("run "+query, func() (any, error) { return exec(db, query) })
	}
	told("error values", func() (any, error) {
		_, err := db.Exec("INSERT INTO c(a, b) VALUES (1, 1)")
		var own sqlite3.Error
		is := errors.As(err, &own)
		return []any{is, own.Code.Error(), own.ExtendedCode.Error(), own.Error(), int(own.SystemErrno)}, nil
	})
}

func transactions(db *sql.DB) {
	begin := func(options *sql.TxOptions, body func(tx *sql.Tx) (any, error)) (any, error) {
		tx, err := db.BeginTx(context.Background(), options)
		if err != nil {
			return nil, err
		}
		defer func() { _ = tx.Rollback() }()
		return body(tx)
	}
	for level := sql.LevelDefault; level <= sql.LevelLinearizable; level++ {
		told("level "+level.String(), func() (any, error) {
			return begin(&sql.TxOptions{Isolation: level}, func(*sql.Tx) (any, error) { return "begun", nil })
		})
	}
	told("read only", func() (any, error) {
		return begin(&sql.TxOptions{ReadOnly: true}, func(tx *sql.Tx) (any, error) {
			_, err := tx.Exec("CREATE TABLE ro(a)")
			return "written", err
		})
	})
	told("commit twice", func() (any, error) {
		return begin(nil, func(tx *sql.Tx) (any, error) {
			if err := tx.Commit(); err != nil {
				return nil, err
			}
			return nil, tx.Commit()
		})
	})
	told("rollback inside", func() (any, error) {
		return begin(nil, func(tx *sql.Tx) (any, error) {
			if _, err := tx.Exec("ROLLBACK"); err != nil {
				return nil, err
			}
			return nil, tx.Commit()
		})
	})
	told("begin inside", func() (any, error) {
		return begin(nil, func(tx *sql.Tx) (any, error) {
			_, err := tx.Exec("BEGIN")
			return nil, err
		})
	})
	told("after", func() (any, error) { return row(db, "SELECT 1") })
	told("done context", func() (any, error) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := db.ExecContext(ctx, "SELECT 1")
		return nil, err
	})
	told("context that ends", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err := db.ExecContext(ctx, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
		return nil, err
	})
}

func functions() {
	var conn *sqlite3.SQLiteConn
	name := "with functions"
	sql.Register(name, &sqlite3.SQLiteDriver{ConnectHook: func(made *sqlite3.SQLiteConn) error {
		conn = made
		return nil
	}})
	db, err := sql.Open(name, ":memory:")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	if err := db.Ping(); err != nil {
		panic(err)
	}
	for _, one := range []struct {
		name     string
		function any
	}{{"plain", func(a int64) int64 { return a * 2 }}, {"with_error", func(a int64) (int64, error) { return a, errors.New("from inside") }},
		{"text", func(a string) string { return a + "!" }}, {"bytes", func(a []byte) []byte { return append([]byte{1}, a...) }}, {"real", func(a float64) float64 { return a / 2 }},
		{"truth", func(a bool) bool { return !a }}, {"any", func(a any) string { return fmt.Sprintf("%T", a) }}, {"many", func(a ...any) int { return len(a) }},
		{"many_ints", func(a int, more ...int64) int { return a + len(more) }}, {"gives_any", func() any { return "x" }}, {"gives_nil", func() any { return nil }},
		{"small", func(a int8) int8 { return a }}, {"unsigned", func(a uint) uint { return a }}, {"nil_bytes", func() []byte { return nil }},
		{"no_result", func() {}}, {"two_results", func() (int, int) { return 1, 2 }}, {"no_function", 5}, {"nil", nil}, {"of_map", func(map[string]int) int { return 1 }},
		{"gives_map", func() map[string]int { return nil }}, {"gives_time", func() time.Time { return time.Unix(0, 0) }}, {"panics", func() int { panic("inside") }}} {
		told("register "+one.name, func() (any, error) { return nil, conn.RegisterFunc(one.name, one.function, true) })
	}
	for _, call := range []string{"plain(4)", "plain('4')", "plain(4.7)", "plain(NULL)", "plain(x'31')", "plain()", "plain(1, 2)", "with_error(1)", "text('a')", "text(5)", "text(NULL)", "text(x'41')",
		"hex(bytes(x'02'))", "hex(bytes('a'))", "bytes(5)", "bytes(NULL)", "real(5)", "real('5')", "real(NULL)", "truth(0)", "truth(5)", "truth('x')", "any(1)", "any(1.5)", "any('x')",
		"any(x'00')", "any(NULL)", "many()", "many(1, 2, 3)", "many_ints(1, 2, 3)", "many_ints()", "many_ints(1, 'x')", "gives_any()", "typeof(gives_nil())", "small(1)", "small(300)",
		"unsigned(5)", "unsigned(-1)", "typeof(nil_bytes())", "typeof(gives_time())"} {
		told("call "+call, func() (any, error) { return row(db, "SELECT "+call) })
	}
	told("register collation", func() (any, error) {
		return nil, conn.RegisterCollation("backward", func(a, b string) int { return strings.Compare(b, a) })
	})
	told("use collation", func() (any, error) {
		return row(db, "SELECT column1 FROM (VALUES ('a'), ('c'), ('b')) ORDER BY 1 COLLATE backward")
	})
	told("no collation", func() (any, error) { return row(db, "SELECT 'a' = 'b' COLLATE none") })
	told("update hook", func() (any, error) {
		heard := []any{}
		conn.RegisterUpdateHook(func(action int, schema, table string, rowid int64) {
			heard = append(heard, action, schema, table, rowid)
		})
		_, err := db.Exec("CREATE TABLE h(a); INSERT INTO h VALUES (1), (2); UPDATE h SET a = 3 WHERE rowid = 2; DELETE FROM h WHERE rowid = 1")
		return heard, err
	})
	told("commit hook", func() (any, error) {
		conn.RegisterCommitHook(func() int { return 1 })
		defer conn.RegisterCommitHook(nil)
		_, err := db.Exec("INSERT INTO h VALUES (9)")
		return nil, err
	})
	told("authorizer", func() (any, error) {
		conn.RegisterAuthorizer(func(action int, first, second, schema string) int {
			if first == "h" {
				return 1
			}
			return 0
		})
		defer conn.RegisterAuthorizer(nil)
		return row(db, "SELECT a FROM h")
	})
	told("limit", func() (any, error) { return conn.GetLimit(7), nil })
	told("filename", func() (any, error) { return conn.GetFilename("main"), nil })
	told("autocommit", func() (any, error) { return conn.AutoCommit(), nil })
	told("close with rows", func() (any, error) { return nil, db.Close() })
	told("closed", func() (any, error) { return row(db, "SELECT 1") })
}

func names() {
	for _, name := range []string{":memory:", "", "file::memory:", "file:x?mode=memory", "FOLDER/n.db", "file:FOLDER/n.db", "file:FOLDER/none.db?mode=ro", "FOLDER/none/x.db", "FOLDER",
		"file:FOLDER/n.db?_foreign_keys=on", "file:FOLDER/n.db?_fk=2", "file:FOLDER/n.db?_journal_mode=WAL", "file:FOLDER/n.db?_journal=none", "file:FOLDER/n.db?_busy_timeout=x",
		"file:FOLDER/n.db?_timeout=100", "file:FOLDER/n.db?_txlock=immediate", "file:FOLDER/n.db?_txlock=x", "file:FOLDER/n.db?_loc=auto", "file:FOLDER/n.db?_loc=UTC",
		"file:FOLDER/n.db?_loc=x", "file:FOLDER/n.db?_query_only=1", "file:FOLDER/n.db?_cache_size=-100", "file:FOLDER/n.db?_cache_size=x", "file:FOLDER/n.db?_sync=9", "file:FOLDER/n.db?_mutex=full",
		"file:FOLDER/n.db?_mutex=x", "file:FOLDER/n.db?_none=1", "file:FOLDER/n.db?mode=x", "file:FOLDER/n.db?cache=x", "file:FOLDER/n.db?vfs=none", "file:FOLDER/n.db?%", "a\x00b"} {
		told(fmt.Sprintf("open %q", name), func() (any, error) {
			db, err := sql.Open("sqlite3", strings.ReplaceAll(name, "FOLDER", folder))
			if err != nil {
				return nil, err
			}
			defer db.Close()
			if _, err := db.Exec("CREATE TABLE IF NOT EXISTS t(a)"); err != nil {
				return nil, err
			}
			answer := []any{}
			for _, pragma := range []string{"foreign_keys", "journal_mode", "busy_timeout", "cache_size", "synchronous", "query_only"} {
				found, err := row(db, "PRAGMA "+pragma)
				if err != nil {
					return nil, err
				}
				answer = append(answer, found.([]any)...)
			}
			return answer, nil
		})
	}
}

func main() {
	var err error
	if folder, err = os.MkdirTemp("", "model"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		panic(err)
	}
	if err := os.Chdir(folder); err != nil {
		panic(err)
	}
	db := open(":memory:")
	reads(db)
	binds(db)
	texts(db)
	constraints(db)
	transactions(db)
	functions()
	names()
	told("close", func() (any, error) { return nil, db.Close() })
}
