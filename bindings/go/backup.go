package keelback

import "github.com/keelback/keelback/bindings/go/internal/capi"

// Backup copies a database page by page, while others may use both.
type Backup struct {
	handle capi.Backup
}

// Backup begins to copy a schema of another connection over one of this connection.
func (c *Conn) Backup(schema string, source *Conn, sourceSchema string) (*Backup, error) {
	if c.db == nil || source.db == nil {
		return nil, errClosed
	}
	handle := capi.BackupInit(c.db, schema, source.db, sourceSchema)
	if handle == nil {
		return nil, lastError(c.db)
	}
	return &Backup{handle: handle}, nil
}

// Step copies so many pages, all that are left if negative, and says whether that was the end. Where a database is
// locked it is neither the end nor an error: the step may be tried again.
func (b *Backup) Step(pages int) (bool, error) {
	code := capi.BackupStep(b.handle, pages)
	switch ErrNo(code & 0xff) {
	case capi.Done:
		return true, nil
	case capi.OK, ErrBusy, ErrLocked:
		return false, nil
	}
	return false, codeError(code)
}

// Remaining gives how many pages were left at the last step.
func (b *Backup) Remaining() int { return capi.BackupRemaining(b.handle) }

// PageCount gives how many pages the source had at the last step.
func (b *Backup) PageCount() int { return capi.BackupPagecount(b.handle) }

// Finish ends the backup; before the end was reached the copy is undone. A second time does nothing.
func (b *Backup) Finish() error {
	if b.handle == nil {
		return nil
	}
	code := capi.BackupFinish(b.handle)
	b.handle = nil
	if code != capi.OK {
		return codeError(code)
	}
	return nil
}

// Close is Finish.
func (b *Backup) Close() error { return b.Finish() }
