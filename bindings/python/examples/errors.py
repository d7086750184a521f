"""Look into an error: its class, its code, its message."""

import find_keelback  # noqa: F401
import keelback

connection = keelback.connect(":memory:")
for sql in ("SELECT * FORM t", "CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES (1), (1)"):
    try:
        connection.execute(sql)
    except keelback.Error as error:
        print(type(error).__name__, error.sqlite_errorcode, error.sqlite_errorname, error)
connection.close()
