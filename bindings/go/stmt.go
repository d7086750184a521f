package keelback

import (
	"context"
	"database/sql/driver"

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

func ordinal(arguments []driver.Value) []driver.NamedValue {
	result := make([]driver.NamedValue, len(arguments))
	for i, value := range arguments {
		result[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	return result
}

// ExecContext runs the statement to its end; rows that it gives are dropped.
func (s *Stmt) ExecContext(ctx context.Context, arguments []driver.NamedValue) (driver.Result, error) {
	if err := s.start(ctx, arguments); err != nil || s.handle == nil {
		return Result{}, err
	}
	db := s.conn.db
	before := capi.TotalChanges(db)
	stop := s.conn.watch(ctx)
	code := capi.Row
	for code == capi.Row {
		code = capi.Step(s.handle)
	}
	stop()
	var err error
	if code != capi.Done {
		err = s.failure(ctx)
	}
	result := Result{lastInsertID: capi.LastInsertRowid(db)}
	if capi.TotalChanges(db) != before {
		result.rowsAffected = capi.Changes(db)
	}
	capi.Reset(s.handle)
	return result, err
}

// QueryContext starts the statement; its rows are read one by one.
func (s *Stmt) QueryContext(ctx context.Context, arguments []driver.NamedValue) (driver.Rows, error) {
	if err := s.start(ctx, arguments); err != nil {
		return nil, err
	}
	s.rows = newRows(ctx, s)
	return s.rows, nil
}

// start ends an earlier run, checks and binds.
func (s *Stmt) start(ctx context.Context, arguments []driver.NamedValue) error {
	if s.conn.db == nil {
		return driver.ErrBadConn
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.handle == nil {
		return nil
	}
	if len(arguments) != len(s.names) {
		return usageError("the statement has %d parameters, and %d arguments were given", len(s.names), len(arguments))
	}
	if s.rows != nil {
		s.rows.detach()
	}
	capi.Reset(s.handle)
	capi.ClearBindings(s.handle)
	for _, argument := range arguments {
		if err := s.bind(argument); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stmt) bind(argument driver.NamedValue) error {
	if argument.Name == "" {
		return s.bindAt(argument.Ordinal, argument.Value)
	}
	found := false
	for i, name := range s.names {
		if name != "" && name[1:] == argument.Name {
			found = true
			if err := s.bindAt(i+1, argument.Value); err != nil {
				return err
			}
		}
	}
	if !found {
		return usageError("the statement has no parameter named %q", argument.Name)
	}
	return nil
}

func (s *Stmt) bindAt(index int, value driver.Value) error {
	code := bindValue(s.handle, index, value)
	if code != capi.OK {
		return lastError(s.conn.db)
	}
	return nil
}

// failure is the error of the step just made: the context's own if that ended it.
func (s *Stmt) failure(ctx context.Context) error {
	err := lastError(s.conn.db)
	if ctx.Err() != nil && err.(*Error).PrimaryCode() == capi.Interrupt {
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
