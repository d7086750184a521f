// Command driver is the conformance driver of the Go binding (compat-tests/PROTOCOL.md). It uses database/sql only.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	keelback "github.com/keelback/keelback/bindings/go"
)

type request struct {
	Op     string          `json:"op"`
	ID     string          `json:"id"`
	Path   string          `json:"path"`
	Flags  int             `json:"flags"`
	SQL    string          `json:"sql"`
	Params json.RawMessage `json:"params"`
}

type reply map[string]any

// session is one connection, pinned so that transactions span statements.
type session struct {
	db   *sql.DB
	conn *sql.Conn
}

var sessions = map[string]*session{}

func main() {
	reader := bufio.NewReaderSize(os.Stdin, 1<<20)
	writer := bufio.NewWriter(os.Stdout)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			answer, last := handle(line)
			encoded, encodeErr := json.Marshal(answer)
			if encodeErr != nil {
				encoded, _ = json.Marshal(reply{"fault": encodeErr.Error()})
			}
			_, _ = writer.Write(append(encoded, '\n'))
			_ = writer.Flush()
			if last {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func handle(line []byte) (answer reply, last bool) {
	defer func() {
		if problem := recover(); problem != nil {
			answer = reply{"fault": fmt.Sprint(problem)}
		}
	}()
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{"fault": err.Error()}, false
	}
	switch r.Op {
	case "hello":
		return reply{
			"protocol": 1, "name": "go", "version": "0.1.0", "language": runtime.Version(), "engine": engine(),
			"features": []string{"named-parameters", "several-connections", "invalid-text"},
		}, false
	case "open":
		return open(r), false
	case "exec":
		return exec(r), false
	case "close":
		return closeSession(r.ID), false
	case "bye":
		for id := range sessions {
			closeSession(id)
		}
		return reply{}, true
	}
	return reply{"fault": "unknown op " + r.Op}, false
}

func engine() string {
	if name := os.Getenv("KEELBACK_ENGINE"); name != "" {
		return name
	}
	return "default"
}

func open(r request) reply {
	name := r.Path
	settings := "_busy_timeout=0&_types=raw"
	if name != ":memory:" {
		name = "file:" + (&url.URL{Path: name}).EscapedPath()
		if r.Flags&1 != 0 {
			settings += "&mode=ro"
		}
	}
	db, err := sql.Open("keelback", name+"?"+settings)
	if err != nil {
		return failure(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		db.Close()
		return failure(err)
	}
	sessions[r.ID] = &session{db, conn}
	return reply{}
}

func closeSession(id string) reply {
	s := sessions[id]
	if s == nil {
		return reply{"fault": "unknown id " + id}
	}
	delete(sessions, id)
	if err := errors.Join(s.conn.Close(), s.db.Close()); err != nil {
		return failure(err)
	}
	return reply{}
}

func exec(r request) reply {
	s := sessions[r.ID]
	if s == nil {
		return reply{"fault": "unknown id " + r.ID}
	}
	arguments, err := parameters(r.Params)
	if err != nil {
		return reply{"fault": err.Error()}
	}
	ctx := context.Background()
	before, err := totalChanges(ctx, s.conn)
	if err != nil {
		return failure(err)
	}
	rows, err := s.conn.QueryContext(ctx, r.SQL, arguments...)
	if err != nil {
		return failure(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return failure(err)
	}
	result := [][]any{}
	for rows.Next() {
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return reply{"fault": err.Error()}
		}
		for i := range values {
			values[i] = encode(values[i])
		}
		result = append(result, values)
	}
	if err := rows.Err(); err != nil {
		return failure(err)
	}
	rows.Close()
	changes, err := changesSince(ctx, s.conn, before)
	if err != nil {
		return failure(err)
	}
	if columns == nil {
		columns = []string{}
	}
	return reply{"columns": columns, "rows": result, "changes": changes}
}

// totalChanges and changesSince ask the connection itself: QueryContext gives no Result.
func totalChanges(_ context.Context, conn *sql.Conn) (int64, error) {
	var total int64
	err := conn.Raw(func(raw any) error {
		total = raw.(*keelback.Conn).TotalChanges()
		return nil
	})
	return total, err
}

func changesSince(_ context.Context, conn *sql.Conn, before int64) (int64, error) {
	var changes int64
	err := conn.Raw(func(raw any) error {
		if raw.(*keelback.Conn).TotalChanges() != before {
			changes = raw.(*keelback.Conn).Changes()
		}
		return nil
	})
	return changes, err
}

func failure(err error) reply {
	var database keelback.Error
	if errors.As(err, &database) {
		return reply{"error": reply{"code": database.ExtendedCode, "name": "", "message": database.Message}}
	}
	return reply{"fault": err.Error()}
}

func parameters(raw json.RawMessage) ([]any, error) {
	text := strings.TrimSpace(string(raw))
	if text == "" || text == "null" {
		return nil, nil
	}
	if text[0] == '{' {
		var named map[string]map[string]string
		if err := json.Unmarshal(raw, &named); err != nil {
			return nil, err
		}
		arguments := []any{}
		for name, value := range named {
			decoded, err := decode(value)
			if err != nil {
				return nil, err
			}
			arguments = append(arguments, sql.Named(name[1:], decoded))
		}
		return arguments, nil
	}
	var list []map[string]string
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	arguments := make([]any, len(list))
	for i, value := range list {
		decoded, err := decode(value)
		if err != nil {
			return nil, err
		}
		arguments[i] = decoded
	}
	return arguments, nil
}

func decode(value map[string]string) (any, error) {
	if value == nil {
		return nil, nil
	}
	if text, ok := value["i"]; ok {
		return strconv.ParseInt(text, 10, 64)
	}
	if text, ok := value["r"]; ok {
		bits, err := strconv.ParseUint(text, 16, 64)
		return math.Float64frombits(bits), err
	}
	if text, ok := value["t"]; ok {
		return text, nil
	}
	if text, ok := value["b"]; ok {
		return hex.DecodeString(text)
	}
	return nil, fmt.Errorf("not a value: %v", value)
}

func encode(value any) any {
	switch value := value.(type) {
	case nil:
		return nil
	case int64:
		return map[string]string{"i": strconv.FormatInt(value, 10)}
	case float64:
		return map[string]string{"r": fmt.Sprintf("%016x", math.Float64bits(value))}
	case string:
		if !utf8.ValidString(value) {
			return map[string]string{"tx": hex.EncodeToString([]byte(value))}
		}
		return map[string]string{"t": value}
	case []byte:
		return map[string]string{"b": hex.EncodeToString(value)}
	}
	panic(fmt.Sprintf("a value of type %T", value))
}
