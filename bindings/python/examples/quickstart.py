"""Open a database in memory, fill a table and read it."""

import find_keelback  # noqa: F401
import keelback

connection = keelback.connect(":memory:")
connection.execute("CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
with connection:
    connection.executemany("INSERT INTO person(name) VALUES (?)", [("Ada",), ("Grace",)])
for number, name in connection.execute("SELECT id, name FROM person ORDER BY name"):
    print(number, name)
connection.close()
