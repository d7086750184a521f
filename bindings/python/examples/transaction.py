"""Move an amount between two accounts, and roll back where one would become negative."""

import find_keelback  # noqa: F401
import keelback


def move(connection: keelback.Connection, amount: int) -> str:
    """Move from account 1 to account 2; the error's message, or "ok"."""
    try:
        with connection:
            connection.execute("UPDATE account SET amount = amount - ? WHERE id = 1", (amount,))
            connection.execute("UPDATE account SET amount = amount + ? WHERE id = 2", (amount,))
    except keelback.IntegrityError as error:
        return str(error)
    return "ok"


connection = keelback.connect(":memory:")
connection.execute("CREATE TABLE account(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL CHECK(amount >= 0))")
connection.execute("INSERT INTO account VALUES (1, 100), (2, 0)")
connection.commit()
print(move(connection, 60))
print(move(connection, 60))
print(connection.execute("SELECT amount FROM account ORDER BY id").fetchall())
connection.close()
