"""Errors whose message is the default one of their result code."""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CORRUPT, MESSAGES, TOOBIG


def failure(code: int) -> SqlError:
    """The error of that code with the message of `sqlite3_errstr`."""
    message = MESSAGES.get(code)
    return SqlError(code, message if message is not None else MESSAGES[code & 0xFF])


def corrupt() -> SqlError:
    """SQLITE_CORRUPT: what is on the pages cannot be."""
    return failure(CORRUPT)


def too_big() -> SqlError:
    """SQLITE_TOOBIG: a string, blob or record beyond the limit."""
    return failure(TOOBIG)


def check_length(value: object, limit: int) -> None:
    """Raises SQLITE_TOOBIG for a TEXT or BLOB of more than `limit` bytes."""
    if isinstance(value, (str, bytes)) and len(value) * 4 > limit:
        size = len(value) if isinstance(value, bytes) else len(value.encode("utf-8", "surrogateescape"))
        if size > limit:
            raise too_big()
