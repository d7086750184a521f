"""What each storage class comes back as."""

import find_keelback  # noqa: F401
import keelback

connection = keelback.connect(":memory:")
row = connection.execute("SELECT NULL, 9223372036854775807, 1.0, 'text', x'00ff'").fetchone()
print(*(type(value).__name__ for value in row))
print(*row)
connection.close()
