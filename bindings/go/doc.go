// Package keelback is a database/sql driver for Keelback, an in-process SQL database compatible with SQLite.
//
//	import (
//		"database/sql"
//		_ "github.com/keelback/keelback/bindings/go"
//	)
//	db, err := sql.Open("keelback", "file.db")
//
// The data source name is a path, ":memory:", or a "file:" URI. After a "?" (in a plain path too) come settings that
// this package takes out of the name: _busy_timeout (milliseconds, default 5000), _foreign_keys (0 or 1), _txlock
// (deferred, immediate, exclusive: how Begin begins), _types (auto or raw). With _types=auto, the default, columns
// declared BOOLEAN come as bool, and text in columns declared DATE, DATETIME or TIMESTAMP as time.Time where it is one.
//
// Each connection of the pool is a Keelback connection of its own: ":memory:" gives every one its own database, so use
// db.SetMaxOpenConns(1) with it.
package keelback
