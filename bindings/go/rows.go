package keelback

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"reflect"
	"strings"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Rows reads the rows of a running statement.
type Rows struct {
	ctx      context.Context
	stmt     *Stmt // nil once the rows are closed or the statement runs again
	columns  []string
	declared []string
	written  []string
	row      capi.Row
	stop     func() // ends the watch over the context
	script   *script
	isOwner  bool // the statement is closed with the rows
}

func newRows(ctx context.Context, stmt *Stmt) *Rows {
	rows := &Rows{ctx: ctx, stmt: stmt, stop: func() {}}
	if stmt.handle != nil {
		rows.stop = stmt.conn.watch(ctx)
		count := capi.ColumnCount(stmt.handle)
		rows.row = capi.NewRow(count)
		for i := 0; i < count; i++ {
			rows.columns = append(rows.columns, capi.ColumnName(stmt.handle, i))
			written := capi.ColumnDecltype(stmt.handle, i)
			rows.written = append(rows.written, written)
			rows.declared = append(rows.declared, strings.ToUpper(written))
		}
	}
	return rows
}

// Columns gives the names of the columns.
func (r *Rows) Columns() []string { return r.columns }

// DeclTypes gives the declared types in lower case, "" for an expression.
func (r *Rows) DeclTypes() []string {
	types := make([]string, len(r.declared))
	for i, declared := range r.declared {
		types[i] = strings.ToLower(declared)
	}
	return types
}

// Close ends the run; a second time does nothing. Statements of the text that have not run stay so.
func (r *Rows) Close() error {
	stmt := r.stmt
	if stmt == nil {
		return nil
	}
	r.detach()
	if r.isOwner {
		return stmt.Close()
	}
	return nil
}

func (r *Rows) detach() {
	if r.stmt == nil {
		return
	}
	r.stop()
	stmt := r.stmt
	r.stmt = nil
	stmt.rows = nil
	if stmt.handle != nil {
		capi.Reset(stmt.handle)
		stmt.conn.repanic()
	}
}

// Next reads one row into the slice.
func (r *Rows) Next(values []driver.Value) error {
	if r.stmt == nil || r.stmt.handle == nil {
		return io.EOF
	}
	conn := r.stmt.conn
	if conn.db == nil {
		return driver.ErrBadConn
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	code := r.row.Step(r.stmt.handle)
	conn.repanic()
	switch code {
	case capi.HasRow:
	case capi.Done:
		r.stop()
		r.stop = func() {}
		return io.EOF
	default:
		return r.stmt.failure(r.ctx)
	}
	for i := range values {
		values[i] = columnValue(r.row, i)
		if !conn.rawTypes && r.declared[i] != "" {
			values[i] = convertDeclared(values[i], r.declared[i], conn.location)
		}
	}
	return nil
}

// HasNextResultSet says whether statements are left in the text.
func (r *Rows) HasNextResultSet() bool {
	return r.script != nil && strings.TrimSpace(r.script.tail) != ""
}

// NextResultSet goes on with the statements of the text, to the next that gives columns.
func (r *Rows) NextResultSet() error {
	if !r.HasNextResultSet() {
		return io.EOF
	}
	script := r.script
	if err := r.Close(); err != nil {
		return err
	}
	next, err := script.next()
	if err != nil {
		return err
	}
	*r = *next
	if r.stmt != nil {
		r.stmt.rows = r
	}
	if len(r.columns) == 0 {
		return io.EOF
	}
	return nil
}

// script is a text whose statements run one after the other.
type script struct {
	ctx   context.Context
	conn  *Conn
	tail  string
	given *arguments
}

// next runs statements up to the first that gives columns, and begins that; where there is none its rows are empty.
func (s *script) next() (*Rows, error) {
	for {
		stmt, tail, err := s.conn.prepareFirst(s.ctx, s.tail)
		if err != nil {
			return nil, err
		}
		s.tail = tail
		isLast := strings.TrimSpace(tail) == ""
		if isLast || stmt.handle != nil && capi.ColumnCount(stmt.handle) > 0 {
			rows, err := stmt.query(s.ctx, s.given)
			if err != nil {
				_ = stmt.Close()
				return nil, err
			}
			rows.isOwner = true
			rows.script = s
			return rows, nil
		}
		if stmt.handle != nil {
			_, err = stmt.exec(s.ctx, s.given)
			_ = stmt.Close()
			if err != nil {
				return nil, err
			}
		}
	}
}

// ColumnTypeDatabaseTypeName is the declared type as it is written, "" for an expression.
func (r *Rows) ColumnTypeDatabaseTypeName(index int) string { return r.written[index] }

// ColumnTypeNullable says that any column may hold NULL: what an outer join or a key of old gives knows no NOT NULL.
func (r *Rows) ColumnTypeNullable(int) (nullable, known bool) { return true, true }

// ColumnTypeScanType is the Go type that the declared type suggests, and that takes NULL; SQLite columns may hold others.
func (r *Rows) ColumnTypeScanType(index int) reflect.Type {
	declared := r.declared[index]
	switch {
	case isDateType(declared):
		return reflect.TypeOf(sql.NullTime{})
	case declared == "BOOLEAN":
		return reflect.TypeOf(sql.NullBool{})
	case strings.Contains(declared, "INT"):
		return reflect.TypeOf(sql.NullInt64{})
	case strings.Contains(declared, "CHAR"), strings.Contains(declared, "CLOB"), strings.Contains(declared, "TEXT"):
		return reflect.TypeOf(sql.NullString{})
	case strings.Contains(declared, "BLOB"):
		return reflect.TypeOf(sql.RawBytes{})
	}
	for _, part := range []string{"REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"} {
		if strings.Contains(declared, part) {
			return reflect.TypeOf(sql.NullFloat64{})
		}
	}
	return reflect.TypeOf(new(any))
}
