// Command parameters binds values by position, by number and by name.
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
	var text string
	check(db.QueryRow("SELECT ? || '-' || ?", "a", "b").Scan(&text))
	fmt.Println(text)
	check(db.QueryRow("SELECT ?2 || ?1 || ?2", "a", "b").Scan(&text))
	fmt.Println(text)
	check(db.QueryRow("SELECT :left || @right", sql.Named("left", "L"), sql.Named("right", "R")).Scan(&text))
	fmt.Println(text)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
