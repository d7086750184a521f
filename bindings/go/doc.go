// Package keelback is a database/sql driver for Keelback, an in-process SQL database compatible with SQLite.
//
//	import (
//		"database/sql"
//		_ "github.com/keelback/keelback/bindings/go"
//	)
//	db, err := sql.Open("keelback", "file.db")
//
// The data source name is a path, ":memory:", or a "file:" URI. After a "?" (in a plain path too) come settings, which
// begin with "_" and are taken out of the name; the README lists them. With _types=auto, the default, columns declared
// BOOLEAN come as bool, and times in columns declared DATE, DATETIME or TIMESTAMP as time.Time.
//
// Functions, aggregates, collations, hooks, backups and the like are methods of Conn: set them in Driver.ConnectHook, or
// reach the connection by sql.Conn.Raw.
//
// Each connection of the pool is a Keelback connection of its own: ":memory:" gives every one its own database, so use
// db.SetMaxOpenConns(1) with it.
package keelback
