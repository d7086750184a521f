// Command quickstart opens a database in memory, fills a table and reads it.
package main

import (
	"database/sql"
	"fmt"
	"log"

	_ "github.com/keelback/keelback/bindings/go"
)

func main() {
	db, err := sql.Open("keelback", ":memory:")
	check(err)
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: would be a database of its own
	_, err = db.Exec(`
		CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
		INSERT INTO person(name) VALUES ('Ada'), ('Grace')`)
	check(err)
	rows, err := db.Query("SELECT id, name FROM person ORDER BY name")
	check(err)
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name string
		check(rows.Scan(&id, &name))
		fmt.Println(id, name)
	}
	check(rows.Err())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
