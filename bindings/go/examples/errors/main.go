// Command errors looks into an error: its code, its message, its place in the text.
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log"

	keelback "github.com/keelback/keelback/bindings/go"
)

func main() {
	db, err := sql.Open("keelback", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	show(db.Exec("SELECT * FORM t"))
	show(db.Exec("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1), (1)"))
}

func show(_ sql.Result, err error) {
	var failure keelback.Error
	if errors.As(err, &failure) {
		fmt.Println(int(failure.ExtendedCode), int(failure.Code), failure.Offset, failure.Message)
	}
}
