// Command demo is the Go part of `make demo`: it reads the database, joins and groups it, and writes what it found.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	_ "github.com/keelback/keelback/bindings/go"
)

type finding struct {
	iso, name      string
	cities, people int64
	latitude       float64
}

func main() {
	db, err := sql.Open("keelback", os.Args[1])
	check(err)
	defer db.Close()
	rows, err := db.Query(`
		SELECT k.iso, k.name, count(*), sum(c.population), avg(c.latitude)
		FROM country AS k JOIN city AS c ON c.country_iso = k.iso
		GROUP BY k.iso ORDER BY 4 DESC, 1`)
	check(err)
	var findings []finding
	for rows.Next() {
		var f finding
		check(rows.Scan(&f.iso, &f.name, &f.cities, &f.people, &f.latitude))
		findings = append(findings, f)
	}
	check(rows.Err())
	check(rows.Close())

	tx, err := db.Begin()
	check(err)
	insert, err := tx.Prepare(`
		INSERT INTO finding(language, country, cities, people, mean_latitude, mark) VALUES (?, ?, ?, ?, ?, ?)`)
	check(err)
	for i, f := range findings {
		_, err := insert.Exec("go", f.iso, f.cities, f.people, f.latitude, []byte{0, 1, 0xff})
		check(err)
		if i%20 == 0 || i == len(findings)-1 {
			fmt.Println("progress", i+1, len(findings))
		}
	}
	check(insert.Close())
	check(tx.Commit())
	for _, f := range findings[:3] {
		fmt.Printf("row %s | %d | %d | %.2f\n", f.name, f.cities, f.people, f.latitude)
	}
	fmt.Println("done", len(findings))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
