package keelback_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	keelback "github.com/keelback/keelback/bindings/go"
	_ "github.com/keelback/keelback/bindings/go/sqlite3"
)

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
