// Command transaction moves an amount between two accounts, and rolls back where one would become negative.
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
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`
		CREATE TABLE account(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL CHECK(amount >= 0));
		INSERT INTO account VALUES (1, 100), (2, 0)`)
	check(err)
	fmt.Println(move(db, 60))
	fmt.Println(move(db, 60))
	var first, second int64
	check(db.QueryRow("SELECT a.amount, b.amount FROM account a, account b WHERE a.id=1 AND b.id=2").Scan(&first, &second))
	fmt.Println(first, second)
}

func move(db *sql.DB, amount int64) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec("UPDATE account SET amount = amount - ? WHERE id = 1", amount); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE account SET amount = amount + ? WHERE id = 2", amount); err != nil {
		return err
	}
	return tx.Commit()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
