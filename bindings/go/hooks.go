package keelback

import "github.com/keelback/keelback/bindings/go/internal/capi"

type hookKind int

const (
	commitHook hookKind = iota
	rollbackHook
	updateHook
	authorizerHook
)

// keep holds a hook as long as C may call it, and lets go of the one before.
func (c *Conn) keep(kind hookKind, hook capi.Hook) {
	if before, found := c.hooks[kind]; found {
		before.Delete()
		delete(c.hooks, kind)
	}
	if hook != 0 {
		c.hooks[kind] = hook
	}
}

// RegisterCommitHook has the function called before each commit; an answer other than 0 makes it a rollback. nil takes
// the hook away, as of the hooks below.
func (c *Conn) RegisterCommitHook(hook func() int) {
	if c.db == nil {
		return
	}
	protected := hook
	if hook != nil {
		protected = func() int {
			answer := 1 // a panic rolls back
			c.protect(func() { answer = hook() })
			return answer
		}
	}
	c.keep(commitHook, capi.CommitHook(c.db, protected))
}

// RegisterRollbackHook has the function called after each rollback.
func (c *Conn) RegisterRollbackHook(hook func()) {
	if c.db == nil {
		return
	}
	protected := hook
	if hook != nil {
		protected = func() { c.protect(hook) }
	}
	c.keep(rollbackHook, capi.RollbackHook(c.db, protected))
}

// RegisterUpdateHook has the function called for each row changed in a rowid table: SQLITE_INSERT, SQLITE_UPDATE or
// SQLITE_DELETE, the schema, the table and the rowid.
func (c *Conn) RegisterUpdateHook(hook func(action int, schema, table string, rowid int64)) {
	if c.db == nil {
		return
	}
	protected := hook
	if hook != nil {
		protected = func(action int, schema, table string, rowid int64) {
			c.protect(func() { hook(action, schema, table, rowid) })
		}
	}
	c.keep(updateHook, capi.UpdateHook(c.db, protected))
}

// RegisterAuthorizer has the function asked for each action of a statement while it is compiled: the action, its two
// arguments and the schema, as sqlite3_set_authorizer lists them. The answer is SQLITE_OK, SQLITE_DENY or SQLITE_IGNORE.
func (c *Conn) RegisterAuthorizer(authorize func(action int, first, second, schema string) int) {
	if c.db == nil {
		return
	}
	protected := authorize
	if authorize != nil {
		protected = func(action int, first, second, schema string) int {
			answer := SQLITE_DENY
			c.protect(func() { answer = authorize(action, first, second, schema) })
			return answer
		}
	}
	c.keep(authorizerHook, capi.SetAuthorizer(c.db, protected))
}

// RegisterCollation makes a collation of a comparison: below, equal to or above 0 as the first text goes before, with or
// behind the second. It has to be a total order. nil takes the collation away.
func (c *Conn) RegisterCollation(name string, compare func(left, right string) int) error {
	if c.db == nil {
		return errClosed
	}
	protected := compare
	if compare != nil {
		protected = func(left, right string) int {
			answer := 0
			c.protect(func() { answer = compare(left, right) })
			return answer
		}
	}
	return c.check(capi.CreateCollation(c.db, name, protected))
}

// check gives the connection's error for a code.
func (c *Conn) check(code int) error {
	if code == capi.OK {
		return nil
	}
	return lastError(c.db)
}
