package keelback

import "github.com/keelback/keelback/bindings/go/internal/capi"

// Version gives the version of SQLite that the library is compatible with, as text and as a number, and its source id.
func Version() (version string, number int, sourceID string) {
	return capi.Libversion(), capi.LibversionNumber(), capi.Sourceid()
}

// AutoCommit says that no transaction is open on an open connection.
func (c *Conn) AutoCommit() bool { return c.db != nil && capi.Autocommit(c.db) }

// GetLimit gives a limit by its number, such as SQLITE_LIMIT_LENGTH; -1 for one that does not exist, and once the
// connection is closed.
func (c *Conn) GetLimit(limit int) int { return c.SetLimit(limit, -1) }

// SetLimit sets a limit, unless it is negative, and gives the value before.
func (c *Conn) SetLimit(limit, value int) int {
	if c.db == nil {
		return -1
	}
	return capi.Limit(c.db, limit, value)
}

// GetFilename gives the absolute path of a database, "" where it has no file; "" as schema is main.
func (c *Conn) GetFilename(schema string) string {
	if c.db == nil {
		return ""
	}
	return capi.Filename(c.db, orMain(schema))
}

// SetFileControlInt is sqlite3_file_control for operations whose argument is an int.
func (c *Conn) SetFileControlInt(schema string, operation, value int) error {
	if c.db == nil {
		return errClosed
	}
	_, code := capi.FileControlInt(c.db, orMain(schema), operation, value)
	return controlError(code)
}

// SetFileControlInt64 is sqlite3_file_control for operations whose argument is a sqlite3_int64.
func (c *Conn) SetFileControlInt64(schema string, operation int, value int64) error {
	if c.db == nil {
		return errClosed
	}
	_, code := capi.FileControlInt64(c.db, orMain(schema), operation, value)
	return controlError(code)
}

// controlError is the error of sqlite3_file_control, which leaves none with the connection.
func controlError(code int) error {
	if code == capi.OK {
		return nil
	}
	return codeError(code)
}

// LoadExtension loads an extension; "" as entry takes the usual ones.
func (c *Conn) LoadExtension(library, entry string) error {
	if c.db == nil {
		return errClosed
	}
	message, code := capi.LoadExtension(c.db, library, entry)
	if code == capi.OK {
		return nil
	}
	if message == "" {
		return lastError(c.db)
	}
	return newError(code, message)
}

// Serialize gives the bytes of a database as a file would hold them; "" as schema is main.
func (c *Conn) Serialize(schema string) ([]byte, error) {
	if c.db == nil {
		return nil, errClosed
	}
	schema = orMain(schema)
	content := capi.Serialize(c.db, schema)
	if content == nil {
		return nil, usageError("there is no database %q, or nothing in it yet", schema)
	}
	return content, nil
}

// Deserialize puts a database in memory, with a copy of the content, in the place of another; "" as schema is main.
func (c *Conn) Deserialize(content []byte, schema string) error {
	if c.db == nil {
		return errClosed
	}
	return c.check(capi.Deserialize(c.db, orMain(schema), content))
}

func orMain(schema string) string {
	if schema == "" {
		return "main"
	}
	return schema
}
