"""The one exception of Keelback's core.

Every error a user can cause is a `SqlError`: a result code of `core/spec/errors.toml`, the message that
SQLite gives in the same case, and, for errors of the SQL text, where in the text it is.

1. `code` is an extended result code; the primary code is its low byte.
2. `offset` counts bytes of the UTF-8 SQL text, or is -1 where the error has no place in the text.
3. `tail` is where the statement that fails ends, as sqlite3_prepare_v2 says it: an index of the text in the parser,
   bytes of its UTF-8 form where it leaves the engine, -1 for the whole text.
"""

from __future__ import annotations


class SqlError(Exception):
    """An error with an SQLite result code.

    code: extended result code (int). message: text as `sqlite3_errmsg` gives it. offset: byte offset into
    the SQL text as `sqlite3_error_offset` gives it, or -1.
    """

    def __init__(self, code: int, message: str, offset: int = -1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.tail = -1

    @property
    def primary_code(self) -> int:
        """The primary result code: the low byte of the extended one."""
        return self.code & 0xFF
