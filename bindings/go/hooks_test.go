package keelback_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	keelback "github.com/keelback/keelback/bindings/go"
)

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
