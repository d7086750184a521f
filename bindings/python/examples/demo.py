"""The Python part of `make demo`: reads the database, joins and groups it, and writes what it found."""

import sys

import find_keelback  # noqa: F401
import keelback

connection = keelback.connect(sys.argv[1])
connection.row_factory = keelback.Row
findings = connection.execute("""
    SELECT k.iso, k.name, count(*) AS cities, sum(c.population) AS people, avg(c.latitude) AS latitude
    FROM country AS k JOIN city AS c ON c.country_iso = k.iso
    GROUP BY k.iso ORDER BY 4 DESC, 1""").fetchall()
with connection:
    for i, found in enumerate(findings):
        connection.execute(
            "INSERT INTO finding(language, country, cities, people, mean_latitude, mark) VALUES (?, ?, ?, ?, ?, ?)",
            ("python", found["iso"], found["cities"], found["people"], found["latitude"], b"\x00\x01\xff"),
        )
        if i % 20 == 0 or i == len(findings) - 1:
            print("progress", i + 1, len(findings), flush=True)
for found in findings[:3]:
    print(f"row {found['name']} | {found['cities']} | {found['people']} | {found['latitude']:.2f}")
print("done", len(findings))
connection.close()
