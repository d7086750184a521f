"""libkeelback_twin.so by ctypes: values over the border, errors as SqlError."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_TWIN_LIBRARY", ROOT / "build" / "libkeelback_twin.so"))

if not LIBRARY.exists():
    raise RuntimeError(f"{LIBRARY} is missing: run make library")
library = ctypes.CDLL(str(LIBRARY))


class TwinValue(ctypes.Structure):
    """One value."""

    _fields_ = (
        ("type", ctypes.c_int32),
        ("integer", ctypes.c_int64),
        ("real", ctypes.c_double),
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_uint64),
    )


NULL, INTEGER, REAL, TEXT, BLOB = range(5)


def to_twin(value: Any, keep: list[Any]) -> TwinValue:
    """The structure of a value; `keep` holds its bytes alive."""
    if value is None:
        return TwinValue(NULL, 0, 0.0, None, 0)
    if isinstance(value, float):
        return TwinValue(REAL, 0, value, None, 0)
    if isinstance(value, int):
        return TwinValue(INTEGER, value, 0.0, None, 0)
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    buffer = ctypes.create_string_buffer(data, len(data) + 1)
    keep.append(buffer)
    return TwinValue(TEXT if isinstance(value, str) else BLOB, 0, 0.0, ctypes.addressof(buffer), len(data))


def array_of(values: Any, keep: list[Any]) -> Any:
    """An array of value structures."""
    array = (TwinValue * max(1, len(values)))(*[to_twin(value, keep) for value in values])
    keep.append(array)
    return array


def from_twin(twin: TwinValue) -> Any:
    """The Python value of a structure."""
    if twin.type == NULL:
        return None
    if twin.type == INTEGER:
        return twin.integer
    if twin.type == REAL:
        return twin.real
    data = ctypes.string_at(twin.data, twin.size) if twin.size else b""
    return data.decode("utf-8", "surrogateescape") if twin.type == TEXT else data


def check(code: int, message: str | None = None) -> None:
    """Raise the SqlError of a result code other than 0."""
    if code:
        raise SqlError(code, message if message is not None else MESSAGES[code])
