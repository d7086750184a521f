// Package sqlite3 stands in for github.com/mattn/go-sqlite3: its names over package keelback, and the driver registered
// as "sqlite3" too. A program changes the import path and nothing else:
//
//	import _ "github.com/keelback/keelback/bindings/go/sqlite3"
//	db, err := sql.Open("sqlite3", "file.db")
//
// Not here: user authentication, SetTrace, the modules of virtual tables written in Go. Answered otherwise on purpose:
// test/model/other_answers.txt, of 1,432 odd cases.
package sqlite3

import (
	"database/sql"

	keelback "github.com/keelback/keelback/bindings/go"
)

func init() { sql.Register("sqlite3", &SQLiteDriver{}) }

// The types of package keelback by the names that programs use.
type (
	SQLiteDriver  = keelback.Driver
	SQLiteConn    = keelback.Conn
	SQLiteStmt    = keelback.Stmt
	SQLiteRows    = keelback.Rows
	SQLiteTx      = keelback.Tx
	SQLiteResult  = keelback.Result
	SQLiteBackup  = keelback.Backup
	Error         = keelback.Error
	ErrNo         = keelback.ErrNo
	ErrNoExtended = keelback.ErrNoExtended
)

// SQLiteTimestampFormats are the forms of times that are read; they are written in the first.
var SQLiteTimestampFormats = keelback.TimestampFormats

// Version is keelback.Version.
func Version() (version string, number int, sourceID string) { return keelback.Version() }
