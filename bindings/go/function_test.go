package keelback_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

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
