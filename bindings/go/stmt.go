package keelback

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Stmt is a prepared statement; its handle is nil for a blank text.
type Stmt struct {
	conn   *Conn
	handle capi.Stmt
	names  []string
	rows   *Rows // the rows being read, whose reading ends when the statement runs again
}

func newStmt(conn *Conn, handle capi.Stmt) *Stmt {
	stmt := &Stmt{conn: conn, handle: handle}
	if handle != nil {
		for i := 1; i <= capi.ParameterCount(handle); i++ {
			stmt.names = append(stmt.names, capi.ParameterName(handle, i))
		}
	}
	return stmt
}

// Close finalizes the statement; a second time does nothing.
func (s *Stmt) Close() error {
	if s.handle != nil {
		capi.Finalize(s.handle)
		s.handle = nil
	}
	return nil
}

// NumInput is the number of parameters.
func (s *Stmt) NumInput() int { return len(s.names) }

// CheckNamedValue converts what database/sql would not.
func (s *Stmt) CheckNamedValue(value *driver.NamedValue) error { return checkValue(value) }

// Exec runs the statement.
func (s *Stmt) Exec(arguments []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), ordinal(arguments))
}

// Query runs the statement and gives its rows.
func (s *Stmt) Query(arguments []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), ordinal(arguments))
}

// Readonly is sqlite3_stmt_readonly: whether the statement leaves the database file as it is.
func (s *Stmt) Readonly() bool { return s.handle == nil || capi.Readonly(s.handle) }

// ExecContext runs the statement to its end; rows that it gives are dropped.
func (s *Stmt) ExecContext(ctx context.Context, values []driver.NamedValue) (driver.Result, error) {
	given := newArguments(values)
	result, err := s.exec(ctx, given)
	if err == nil {
		err = given.checkAllTaken()
	}
	return result, err
}

func (s *Stmt) exec(ctx context.Context, given *arguments) (Result, error) {
	if err := s.start(ctx, given); err != nil || s.handle == nil {
		return Result{}, err
	}
	stop := s.conn.watch(ctx)
	changes, rowid, code := capi.Run(s.handle)
	stop()
	var err error
	if code != capi.Done {
		err = s.failure(ctx)
	}
	capi.Reset(s.handle)
	s.conn.repanic()
	return Result{lastInsertID: rowid, rowsAffected: changes}, err
}

// QueryContext starts the statement; its rows are read one by one.
func (s *Stmt) QueryContext(ctx context.Context, values []driver.NamedValue) (driver.Rows, error) {
	given := newArguments(values)
	rows, err := s.query(ctx, given)
	if err != nil {
		return nil, err
	}
	if err := given.checkAllTaken(); err != nil {
		_ = rows.Close()
		return nil, err
	}
	return rows, nil
}

func (s *Stmt) query(ctx context.Context, given *arguments) (*Rows, error) {
	if err := s.start(ctx, given); err != nil {
		return nil, err
	}
	s.rows = newRows(ctx, s)
	return s.rows, nil
}

// start ends an earlier run, checks and binds.
func (s *Stmt) start(ctx context.Context, given *arguments) error {
	if s.conn.db == nil {
		return driver.ErrBadConn
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.handle == nil {
		return nil
	}
	if s.rows != nil {
		s.rows.detach()
	}
	capi.Reset(s.handle)
	capi.ClearBindings(s.handle)
	for i, name := range s.names {
		value, err := given.take(name)
		if err != nil {
			return err
		}
		if code := bindValue(s.handle, i+1, value); code != capi.OK {
			return lastError(s.conn.db)
		}
	}
	return nil
}

// failure is the error of the step just made: the context's own if that ended it.
func (s *Stmt) failure(ctx context.Context) error {
	err := lastError(s.conn.db)
	if ctx.Err() != nil && errors.Is(err, ErrInterrupt) {
		return ctx.Err()
	}
	return err
}

// Result is the result of Exec.
type Result struct {
	lastInsertID int64
	rowsAffected int64
}

// LastInsertId is the rowid of the connection's last insert.
func (r Result) LastInsertId() (int64, error) { return r.lastInsertID, nil }

// RowsAffected is the number of rows that the statement inserted, updated or deleted.
func (r Result) RowsAffected() (int64, error) { return r.rowsAffected, nil }
