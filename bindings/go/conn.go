package keelback

import (
	"context"
	"database/sql/driver"
	"strings"
	"sync"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Conn is one connection. database/sql uses it from one goroutine at a time; only interrupts come from others.
type Conn struct {
	db       capi.DB
	begin    string
	rawTypes bool
	guard    sync.Mutex // held while the handle is being closed or interrupted
}

// Close closes the connection; a second time does nothing.
func (c *Conn) Close() error {
	c.guard.Lock()
	defer c.guard.Unlock()
	if c.db == nil {
		return nil
	}
	code := capi.CloseV2(c.db)
	c.db = nil
	if code != capi.OK {
		return codeError(code)
	}
	return nil
}

// IsValid says whether the pool may use the connection again.
func (c *Conn) IsValid() bool { return c.db != nil }

// ResetSession rolls back what a user of the pool left open.
func (c *Conn) ResetSession(context.Context) error {
	if c.db == nil {
		return driver.ErrBadConn
	}
	if !capi.Autocommit(c.db) {
		return c.run("ROLLBACK")
	}
	return nil
}

// Ping checks that the connection is open.
func (c *Conn) Ping(context.Context) error {
	if c.db == nil {
		return driver.ErrBadConn
	}
	return nil
}

// Prepare compiles one statement.
func (c *Conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext compiles one statement; text after it other than blanks and comments is an error.
func (c *Conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, tail, err := c.prepareFirst(ctx, query)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(tail) != "" {
		more, _, err := c.prepareFirst(ctx, tail)
		if err != nil || more.handle != nil {
			stmt.Close()
			if err == nil {
				more.Close()
				err = usageError("more than one statement in a prepared text; use Exec for scripts")
			}
			return nil, err
		}
	}
	return stmt, nil
}

func (c *Conn) prepareFirst(ctx context.Context, query string) (*Stmt, string, error) {
	if c.db == nil {
		return nil, "", driver.ErrBadConn
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	if strings.IndexByte(query, 0) >= 0 {
		return nil, "", usageError("the SQL text contains a NUL character")
	}
	handle, tail, code := capi.Prepare(c.db, query)
	if code != capi.OK {
		return nil, "", lastError(c.db)
	}
	return newStmt(c, handle), tail, nil
}

// BeginTx begins a transaction; read-only transactions are kept so by query_only.
func (c *Conn) BeginTx(_ context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options.Isolation != 0 && options.Isolation != isolationSerializable {
		return nil, usageError("only the default and the serializable isolation level exist")
	}
	begin := c.begin
	if options.ReadOnly {
		if err := c.run("PRAGMA query_only=1"); err != nil {
			return nil, err
		}
		begin = "BEGIN"
	}
	if err := c.run(begin); err != nil {
		return nil, err
	}
	return &Tx{conn: c, readOnly: options.ReadOnly}, nil
}

const isolationSerializable = driver.IsolationLevel(6)

// Begin begins a transaction.
func (c *Conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// ExecContext runs all statements of the text, each taking its share of the arguments.
func (c *Conn) ExecContext(ctx context.Context, query string, arguments []driver.NamedValue) (driver.Result, error) {
	var result driver.Result = Result{}
	for {
		stmt, tail, err := c.prepareFirst(ctx, query)
		if err != nil {
			return nil, err
		}
		if stmt.handle != nil {
			count := stmt.NumInput()
			share := arguments
			if strings.TrimSpace(tail) != "" {
				if count > len(arguments) {
					stmt.Close()
					return nil, usageError("the statements need more than the %d arguments given", len(arguments))
				}
				share = renumbered(arguments[:count])
				arguments = renumbered(arguments[count:])
			}
			result, err = stmt.ExecContext(ctx, share)
			stmt.Close()
			if err != nil {
				return nil, err
			}
		}
		if strings.TrimSpace(tail) == "" {
			return result, nil
		}
		query = tail
	}
}

func renumbered(arguments []driver.NamedValue) []driver.NamedValue {
	result := make([]driver.NamedValue, len(arguments))
	for i, argument := range arguments {
		argument.Ordinal = i + 1
		result[i] = argument
	}
	return result
}

// QueryContext runs one statement and gives its rows.
func (c *Conn) QueryContext(ctx context.Context, query string, arguments []driver.NamedValue) (driver.Rows, error) {
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt := prepared.(*Stmt)
	rows, err := stmt.QueryContext(ctx, arguments)
	if err != nil {
		stmt.Close()
		return nil, err
	}
	rows.(*Rows).closeStmt = true
	return rows, nil
}

// CheckNamedValue lets the statement convert the values that it knows.
func (c *Conn) CheckNamedValue(value *driver.NamedValue) error { return checkValue(value) }

func (c *Conn) run(sql string) error {
	_, err := c.ExecContext(context.Background(), sql, nil)
	return err
}

// watch interrupts the connection when the context ends, until the function that it returns is called.
func (c *Conn) watch(ctx context.Context) func() {
	if ctx.Done() == nil {
		return func() {}
	}
	finished := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ctx.Done():
			c.guard.Lock()
			if c.db != nil {
				capi.InterruptDB(c.db)
			}
			c.guard.Unlock()
		case <-finished:
		}
	}()
	return func() {
		close(finished)
		<-stopped
	}
}

// Tx is a transaction.
type Tx struct {
	conn     *Conn
	readOnly bool
}

// Commit commits; if that fails the transaction is rolled back, as database/sql will not ask again.
func (t *Tx) Commit() error {
	err := t.conn.run("COMMIT")
	if err != nil && t.conn.db != nil && !capi.Autocommit(t.conn.db) {
		_ = t.conn.run("ROLLBACK")
	}
	return t.end(err)
}

// Rollback rolls back; a transaction that an error ended already is no error.
func (t *Tx) Rollback() error {
	if t.conn.db != nil && capi.Autocommit(t.conn.db) {
		return t.end(nil)
	}
	return t.end(t.conn.run("ROLLBACK"))
}

func (t *Tx) end(err error) error {
	if t.readOnly {
		if other := t.conn.run("PRAGMA query_only=0"); err == nil {
			err = other
		}
	}
	return err
}

// Changes is sqlite3_changes64: the rows that the last INSERT, UPDATE or DELETE changed. For use with sql.Conn.Raw.
func (c *Conn) Changes() int64 { return capi.Changes(c.db) }

// TotalChanges is sqlite3_total_changes64: the rows changed since the connection was opened. For use with sql.Conn.Raw.
func (c *Conn) TotalChanges() int64 { return capi.TotalChanges(c.db) }
