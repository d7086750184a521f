"""How Python values become SQL values (adapters), and column bytes become Python values (converters).

1. `adapters` maps (type, protocol) to a callable; values of exactly the types int, float, str, bytes, bytearray and
   NoneType take part only after somebody registered an adapter for one of them.
2. `converters` maps the upper-case name of a declared type to a callable of the column's bytes.
Spec: the documentation of Python's sqlite3, "Adapt custom Python types to SQLite values"; PEP 246 in spirit.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from keelback import _keelback
from keelback._keelback import ProgrammingError

_PLAIN_TYPES = (int, float, str, bytes, bytearray, type(None))
_MISSING = object()


class PrepareProtocol:
    """The protocol that objects conform to which adapt themselves: `__conform__(PrepareProtocol)`."""


adapters: dict[tuple[type, type], Callable[[Any], Any]] = {}
converters: dict[str, Callable[[bytes], Any]] = {}


def register_adapter(type: type, adapter: Callable[[Any], Any], /) -> None:
    """Call `adapter` for each parameter of exactly this type; its result is bound instead."""
    if type in _PLAIN_TYPES:
        _keelback.set_plain_types_adapted(True)
    adapters[type, PrepareProtocol] = adapter


def register_converter(typename: str, converter: Callable[[bytes], Any], /) -> None:
    """Call `converter` for the columns of this type, on connections with `detect_types`."""
    if not isinstance(typename, str):
        raise TypeError(f"register_converter() argument 1 must be str, not {typename.__class__.__name__}")
    converters[typename.upper()] = converter


def adapt(obj: Any, proto: type = PrepareProtocol, alt: Any = _MISSING, /) -> Any:
    """The object adapted to a protocol: by a registered adapter, `proto.__adapt__`, or `obj.__conform__`.

    Raises ProgrammingError "can't adapt" where none applies and no `alt` is given.
    """
    adapter = adapters.get((type(obj), proto))
    if adapter is not None:
        return adapter(obj)
    for method, argument in ((getattr(proto, "__adapt__", None), obj), (getattr(obj, "__conform__", None), proto)):
        if method is None:
            continue
        try:
            adapted = method(argument)
        except TypeError:
            continue
        if adapted is not None:
            return adapted
    if alt is not _MISSING:
        return alt
    raise ProgrammingError("can't adapt")


def find_converter(type_name: str | None) -> Callable[[bytes], Any] | None:
    """The converter for a type's name, in any case."""
    return None if type_name is None else converters.get(type_name.upper())


def _adapt_date(value: datetime.date) -> str:
    return value.isoformat()


def _adapt_datetime(value: datetime.datetime) -> str:
    return value.isoformat(" ")


def _convert_date(value: bytes) -> datetime.date:
    year, month, day = value.split(b"-")
    return datetime.date(int(year), int(month), int(day))


def _convert_timestamp(value: bytes) -> datetime.datetime:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]`; fewer digits of the fraction are filled up, more are cut."""
    date, time = value.split(b" ")
    year, month, day = map(int, date.split(b"-"))
    clock, *fraction = time.split(b".")
    hours, minutes, seconds = map(int, clock.split(b":"))
    microseconds = int(fraction[0].decode()[:6].ljust(6, "0")) if len(fraction) == 1 else 0
    return datetime.datetime(year, month, day, hours, minutes, seconds, microseconds)


register_adapter(datetime.date, _adapt_date)
register_adapter(datetime.datetime, _adapt_datetime)
register_converter("date", _convert_date)
register_converter("timestamp", _convert_timestamp)
_keelback.set_adapt(adapt, PrepareProtocol)
