"""Bind values by position, by number and by name."""

import find_keelback  # noqa: F401
import keelback

connection = keelback.connect(":memory:")
print(connection.execute("SELECT ? || '-' || ?", ("a", "b")).fetchone()[0])
print(connection.execute("SELECT ?2 || ?1 || ?2", ("a", "b")).fetchone()[0])
print(connection.execute("SELECT :left || @right", {"left": "L", "right": "R"}).fetchone()[0])
connection.close()
