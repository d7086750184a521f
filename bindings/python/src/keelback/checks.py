"""What arguments must be, with the messages of Python's sqlite3."""

from __future__ import annotations

from typing import Any

LEGACY_TRANSACTION_CONTROL = -1

_LEVELS = ("", "DEFERRED", "IMMEDIATE", "EXCLUSIVE")


def name_of_type(value: Any) -> str:
    """The name of a value's type as messages give it."""
    return "None" if value is None else type(value).__name__


def check_timeout(timeout: Any) -> None:
    """A number of seconds."""
    if not hasattr(timeout, "__float__") and not hasattr(timeout, "__index__"):
        raise TypeError(f"must be real number, not {name_of_type(timeout)}")


def check_level(level: Any) -> str | None:
    """The isolation level as it is spelled in `_LEVELS`."""
    if level is None:
        return None
    if not isinstance(level, str):
        raise TypeError("isolation_level must be str or None")
    upper = str.upper(level)
    if upper not in _LEVELS:
        raise ValueError("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")
    return upper


def check_autocommit(value: Any) -> int:
    """True, False, or LEGACY_TRANSACTION_CONTROL."""
    if value is True or value is False or (type(value) is int and value == LEGACY_TRANSACTION_CONTROL):
        return value
    raise ValueError("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL")


def check_name(function: str, name: Any) -> None:
    """The name of a function or aggregate."""
    if not isinstance(name, str):
        raise TypeError(f"{function}() argument 'name' must be str, not {name_of_type(name)}")


def check_callable(callback: Any) -> None:
    """Something to call."""
    if not callable(callback):
        raise TypeError("parameter must be callable")
