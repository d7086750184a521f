package keelback

import (
	"context"
	"database/sql/driver"
	"strings"
	"sync"
	"time"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Conn is one connection. database/sql uses it from one goroutine at a time; only interrupts come from others. Reach it
// by sql.Conn.Raw, or in Driver.ConnectHook.
type Conn struct {
	db       capi.DB
	begin    string
	rawTypes bool
	location *time.Location // of the times that are read, nil as they were written
	hooks    map[hookKind]capi.Hook
	panicked any        // of a function or hook, on its way from C to Go
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
	for _, hook := range c.hooks {
		hook.Delete()
	}
	c.hooks = nil
	c.repanic()
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
	c.repanic()
	if code != capi.OK {
		return nil, "", lastError(c.db)
	}
	return newStmt(c, handle), tail, nil
}

// ExecContext runs all statements of the text. Each takes its share of the nameless arguments; named ones are for all.
func (c *Conn) ExecContext(ctx context.Context, query string, values []driver.NamedValue) (driver.Result, error) {
	result := Result{}
	given := newArguments(values)
	for {
		stmt, tail, err := c.prepareFirst(ctx, query)
		if err != nil {
			return nil, err
		}
		if stmt.handle != nil {
			result, err = stmt.exec(ctx, given)
			_ = stmt.Close()
			if err != nil {
				return nil, err
			}
		}
		if strings.TrimSpace(tail) == "" {
			return result, given.checkAllTaken()
		}
		query = tail
	}
}

// Exec is ExecContext without a context.
func (c *Conn) Exec(query string, values []driver.Value) (driver.Result, error) {
	return c.ExecContext(context.Background(), query, ordinal(values))
}

// QueryContext runs the statements up to the first that gives columns, and gives its rows; the statements behind it run
// when the next result set is asked for. Arguments are shared as in ExecContext.
func (c *Conn) QueryContext(ctx context.Context, query string, values []driver.NamedValue) (driver.Rows, error) {
	script := &script{ctx: ctx, conn: c, tail: query, given: newArguments(values)}
	rows, err := script.next()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(script.tail) == "" {
		if err := script.given.checkAllTaken(); err != nil {
			_ = rows.Close()
			return nil, err
		}
	}
	return rows, nil
}

// Query is QueryContext without a context.
func (c *Conn) Query(query string, values []driver.Value) (driver.Rows, error) {
	return c.QueryContext(context.Background(), query, ordinal(values))
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
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		c.guard.Lock()
		defer c.guard.Unlock()
		if c.db != nil {
			capi.InterruptDB(c.db)
		}
	})
	return func() {
		if !stop() {
			<-interrupted
		}
	}
}

// protect runs what C called. A panic may not pass through C: it is kept, and goes on in Go once C has returned.
func (c *Conn) protect(body func()) {
	defer func() {
		if problem := recover(); problem != nil && c.panicked == nil {
			c.panicked = problem
		}
	}()
	body()
}

// repanic goes on with a panic that protect has kept.
func (c *Conn) repanic() {
	if problem := c.panicked; problem != nil {
		c.panicked = nil
		panic(problem)
	}
}

// Changes is sqlite3_changes64: the rows that the last INSERT, UPDATE or DELETE changed. For use with sql.Conn.Raw.
func (c *Conn) Changes() int64 { return capi.Changes(c.db) }

// TotalChanges is sqlite3_total_changes64: the rows changed since the connection was opened. For use with sql.Conn.Raw.
func (c *Conn) TotalChanges() int64 { return capi.TotalChanges(c.db) }
