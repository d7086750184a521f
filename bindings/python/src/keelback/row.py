"""Row: a tuple whose values are also found by the name of their column, in any ASCII case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keelback.cursor import Cursor

# The last description that a name was looked up in, with the positions found: the rows of a query share one.
_last_positions: tuple[Any, dict[str, int]] = (None, {})


def _find(description: Any, name: str) -> int:
    """The position of the first column of this name; -1 where there is none."""
    global _last_positions
    known, positions = _last_positions
    if known is not description:
        positions = {}
        _last_positions = (description, positions)
    position = positions.get(name)
    if position is None:
        wanted = name.encode("utf-8", "surrogatepass").lower()
        names = [column[0].encode("utf-8", "surrogatepass").lower() for column in description or ()]
        position = positions[name] = names.index(wanted) if wanted in names else -1
    return position


class Row:
    """A row for `row_factory`: index, slice, name, iteration, `keys()`, equality and hash."""

    __slots__ = ("_description", "_values")
    _description: Any
    _values: tuple[Any, ...]

    def __new__(cls, *arguments: Any) -> Row:
        if len(arguments) != 2:
            raise TypeError(f"{cls.__name__} expected 2 arguments, got {len(arguments)}")
        cursor, data = arguments
        if not issubclass(type(cursor), Cursor):
            raise TypeError(f"Row() argument 1 must be {Cursor.__module__}.Cursor, not {type(cursor).__name__}")
        if not isinstance(data, tuple):
            raise TypeError(f"Row() argument 2 must be tuple, not {type(data).__name__}")
        self = object.__new__(cls)
        self._description = cursor.description
        self._values = data
        return self

    def __getitem__(self, key: int | str | slice) -> Any:
        if isinstance(key, str):
            position = _find(self._description, key)
            if position < 0:
                raise IndexError("No item with that key")
            return self._values[position]
        if isinstance(key, (int, slice)):
            return self._values[key]
        raise IndexError("Index must be int or string")

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def keys(self) -> list[str]:
        """The names of the columns."""
        return [column[0] for column in self._description or ()]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        return self._description == other._description and self._values == other._values

    def __hash__(self) -> int:
        return hash(self._description) ^ hash(self._values)
