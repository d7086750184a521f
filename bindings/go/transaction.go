package keelback

import (
	"context"
	"database/sql/driver"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// BeginTx begins a transaction; read-only transactions are kept so by query_only. Transactions are serializable, which
// is no less than any isolation level that may be asked for.
func (c *Conn) BeginTx(_ context.Context, options driver.TxOptions) (driver.Tx, error) {
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

// Begin begins a transaction.
func (c *Conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

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
