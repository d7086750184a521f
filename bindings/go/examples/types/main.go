// Command types shows what each storage class comes back as.
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
	var null, integer, real, text, blob any
	row := db.QueryRow("SELECT NULL, 9223372036854775807, 1.0, 'text', x'00ff'")
	check(row.Scan(&null, &integer, &real, &text, &blob))
	fmt.Printf("%T %T %T %T %T\n", null, integer, real, text, blob)
	fmt.Println(null, integer, real, text, blob)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
