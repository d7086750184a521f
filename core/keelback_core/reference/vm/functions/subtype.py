"""The JSON subtype: how a text that is JSON travels from one function to the next without being quoted.

1. A `JsonText` is a TEXT value in every respect; only the JSON functions and `subtype()` look at its type.
2. It lives in registers: what makes rows and records (vm/ops/row) hands out plain `str` instead.
3. Texts made of it by `str` methods are plain, so that a function that changes its argument loses the subtype.

Spec: https://sqlite.org/c3ref/c_deterministic.html (SQLITE_SUBTYPE). Twin: the mark of core/kernel/vm/register.hpp.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

# The letter J, as SQLite's json.c numbers its subtype.
JSON_SUBTYPE = 74


class JsonText(str):
    """A text that a JSON function made and that is JSON."""

    __slots__ = ()


def without_subtype(value: Value) -> Value:
    """The value as it is stored and shown."""
    return str(value) if type(value) is JsonText else value
