package keelback

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Rows reads the rows of a running statement.
type Rows struct {
	ctx       context.Context
	stmt      *Stmt // nil once the rows are closed or the statement runs again
	columns   []string
	declared  []string
	closeStmt bool
}

func newRows(ctx context.Context, stmt *Stmt) *Rows {
	rows := &Rows{ctx: ctx, stmt: stmt}
	if stmt.handle != nil {
		for i := 0; i < capi.ColumnCount(stmt.handle); i++ {
			rows.columns = append(rows.columns, capi.ColumnName(stmt.handle, i))
			rows.declared = append(rows.declared, strings.ToUpper(capi.ColumnDecltype(stmt.handle, i)))
		}
	}
	return rows
}

// Columns gives the names of the columns.
func (r *Rows) Columns() []string { return r.columns }

// Close ends the run; a second time does nothing.
func (r *Rows) Close() error {
	stmt := r.stmt
	if stmt == nil {
		return nil
	}
	r.detach()
	if r.closeStmt {
		return stmt.Close()
	}
	return nil
}

func (r *Rows) detach() {
	if r.stmt != nil {
		if r.stmt.handle != nil {
			capi.Reset(r.stmt.handle)
		}
		r.stmt.rows = nil
		r.stmt = nil
	}
}

// Next reads one row into the slice.
func (r *Rows) Next(values []driver.Value) error {
	if r.stmt == nil || r.stmt.handle == nil {
		return io.EOF
	}
	if r.stmt.conn.db == nil {
		return driver.ErrBadConn
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	stop := r.stmt.conn.watch(r.ctx)
	code := capi.Step(r.stmt.handle)
	stop()
	switch code {
	case capi.Row:
	case capi.Done:
		return io.EOF
	default:
		return r.stmt.failure(r.ctx)
	}
	for i := range values {
		values[i] = columnValue(r.stmt.handle, i)
		if !r.stmt.conn.rawTypes {
			values[i] = convertDeclared(values[i], r.declared[i])
		}
	}
	return nil
}

// ColumnTypeDatabaseTypeName is the declared type in upper case, "" for an expression.
func (r *Rows) ColumnTypeDatabaseTypeName(index int) string { return r.declared[index] }

// ColumnTypeScanType is the Go type that the declared type suggests; SQLite columns may hold others.
func (r *Rows) ColumnTypeScanType(index int) reflect.Type {
	declared := r.declared[index]
	switch {
	case declared == "":
		return reflect.TypeOf(new(any)).Elem()
	case isDateType(declared):
		return reflect.TypeOf(time.Time{})
	case declared == "BOOLEAN" || declared == "BOOL":
		return reflect.TypeOf(false)
	case strings.Contains(declared, "INT"):
		return reflect.TypeOf(int64(0))
	case strings.Contains(declared, "CHAR"), strings.Contains(declared, "CLOB"), strings.Contains(declared, "TEXT"):
		return reflect.TypeOf("")
	case strings.Contains(declared, "BLOB"):
		return reflect.TypeOf([]byte{})
	}
	return reflect.TypeOf(float64(0))
}
