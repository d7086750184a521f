"""Real SQLite and Keelback through the same functions of the C API, called by ctypes: what sqlite3_prepare_v2 answers.

1. Real SQLite is the one inside of apsw, the oracle of everything else. It does not export its functions, but names
   them in its symbol table (.symtab), from which their addresses come: address of the mapping + value of the symbol.
2. Keelback is build/libkeelback.so of this tree, with the engine that KEELBACK_ENGINE names.

Must not know: which statements are asked for.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

import apsw

ROOT = Path(__file__).resolve().parents[2]
SYMBOL_TABLE = 2
ROW, BLOB = 100, 4

_P, _I, _S, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_longlong
# The functions with the types of their results and arguments.
SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "open": (_I, [_S, _P]),
    "close": (_I, [_P]),
    "exec": (_I, [_P, _S, _P, _P, _P]),
    "prepare_v2": (_I, [_P, _P, _I, _P, _P]),
    "step": (_I, [_P]),
    "finalize": (_I, [_P]),
    "errmsg": (_S, [_P]),
    "error_offset": (_I, [_P]),
    "extended_errcode": (_I, [_P]),
    "column_count": (_I, [_P]),
    "column_name": (_S, [_P, _I]),
    "column_decltype": (_S, [_P, _I]),
    "column_type": (_I, [_P, _I]),
    "column_text": (_P, [_P, _I]),
    "column_blob": (_P, [_P, _I]),
    "column_bytes": (_I, [_P, _I]),
    "bind_parameter_count": (_I, [_P]),
    "bind_parameter_name": (_S, [_P, _I]),
    "stmt_readonly": (_I, [_P]),
    "stmt_isexplain": (_I, [_P]),
    "interrupt": (None, [_P]),
    "get_autocommit": (_I, [_P]),
    "soft_heap_limit64": (_L, [_L]),
    "hard_heap_limit64": (_L, [_L]),
    "limit": (_I, [_P, _I, _I]),
    "progress_handler": (None, [_P, _I, _P, _P]),
    "deserialize": (_I, [_P, _S, _P, _L, _L, ctypes.c_uint]),
    "file_control": (_I, [_P, _S, _I, _P]),
    "backup_init": (_P, [_P, _S, _P, _S]),
    "backup_step": (_I, [_P, _I]),
    "backup_finish": (_I, [_P]),
    "blob_open": (_I, [_P, _S, _S, _S, _L, _I, _P]),
    "blob_bytes": (_I, [_P]),
    "blob_read": (_I, [_P, _P, _I, _I]),
    "blob_write": (_I, [_P, _P, _I, _I]),
    "blob_reopen": (_I, [_P, _L]),
    "blob_close": (_I, [_P]),
    "expanded_sql": (_P, [_P]),
    "set_authorizer": (_I, [_P, _P, _P]),
    "busy_handler": (_I, [_P, _P, _P]),
    "wal_checkpoint_v2": (_I, [_P, _S, _I, _P, _P]),
}


def real_functions() -> dict[str, object]:
    """The functions of the SQLite inside of apsw by name, without their prefix."""
    path = os.path.realpath(apsw.__file__)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        base = min(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(path))
    found = {}
    for name, value in _symbols(Path(path).read_bytes()):
        short = name.removeprefix("sqlite3_")
        if name.startswith("sqlite3_") and short in SIGNATURES:
            result, arguments = SIGNATURES[short]
            found[short] = ctypes.CFUNCTYPE(result, *arguments)(base + value)
    return found


def _symbols(image: bytes) -> list[tuple[str, int]]:
    """The named addresses of a 64-bit little-endian ELF file."""
    (table_at,) = struct.unpack_from("<Q", image, 0x28)
    entry_size, count = struct.unpack_from("<HH", image, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, table_at + i * entry_size) for i in range(count)]
    found = []
    for section in sections:
        if section[1] != SYMBOL_TABLE:
            continue
        names_at = sections[section[6]][4]
        for place in range(section[4], section[4] + section[5], section[9]):
            name, _info, _other, _section, value, _size = struct.unpack_from("<IBBHQQ", image, place)
            end = image.index(b"\0", names_at + name)
            found.append((image[names_at + name : end].decode(), value))
    return found


def our_functions() -> dict[str, object]:
    """The same functions of Keelback."""
    os.environ.setdefault("KEELBACK_CORE_PATH", str(ROOT / "core"))
    build = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build"))
    # Lest its names are taken from an SQLite of the process; sanitizers do without, and refuse it.
    own_names = 0 if "san.so" in os.environ.get("LD_PRELOAD", "") else os.RTLD_DEEPBIND
    library = ctypes.CDLL(str(build / "libkeelback.so"), mode=os.RTLD_LOCAL | os.RTLD_NOW | own_names)
    found = {}
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(library, f"sqlite3_{name}")
        function.restype, function.argtypes = result, arguments
        found[name] = function
    return found


class Database:
    """A connection of one side, of a database in memory unless a name is given."""

    def __init__(self, functions: dict[str, object], name: str = ":memory:") -> None:
        self.call: dict[str, object] = functions
        self.handle = _P()
        functions["open"](name.encode(), ctypes.addressof(self.handle))

    def close(self) -> None:
        self.call["close"](self.handle)

    def run(self, sql: str) -> int:
        """Execute all statements of a text; the result code."""
        return self.call["exec"](self.handle, sql.encode("utf-8", "surrogateescape"), None, None, None)

    def message(self) -> str:
        return self.call["errmsg"](self.handle).decode("utf-8", "replace")

    def prepared(self, sql: str) -> tuple[object, ...]:
        """What prepare answers: code, message, offset, tail; of a statement what can be asked before its first step."""
        data = sql.encode("utf-8", "surrogateescape")
        buffer = ctypes.create_string_buffer(data)
        statement, tail = _P(), _P()
        call = self.call
        code = call["prepare_v2"](
            self.handle, ctypes.addressof(buffer), len(data) + 1, ctypes.addressof(statement), ctypes.addressof(tail)
        )
        end = tail.value - ctypes.addressof(buffer) if tail.value else -1
        if code or not statement:
            error = (call["extended_errcode"](self.handle), self.message()) if code else (0, "")
            return (code, *error, call["error_offset"](self.handle) if code else -1, end, bool(statement))
        names = tuple(call["column_name"](statement, i) for i in range(call["column_count"](statement)))
        types = tuple(call["column_decltype"](statement, i) for i in range(len(names)))
        count = call["bind_parameter_count"](statement)
        parameters = tuple(call["bind_parameter_name"](statement, i + 1) for i in range(count))
        facts = (call["stmt_readonly"](statement), call["stmt_isexplain"](statement))
        call["finalize"](statement)
        return (0, end, names, types, parameters, facts)

    def rows(self, sql: str, most: int = 200) -> tuple[object, ...]:
        """Prepare and run one statement: its rows as text with their types, or the error."""
        data = sql.encode("utf-8", "surrogateescape")
        statement = _P()
        call = self.call
        code = call["prepare_v2"](self.handle, data, len(data), ctypes.addressof(statement), None)
        if code:
            return ("prepare", call["extended_errcode"](self.handle), self.message())
        rows = []
        names = tuple(call["column_name"](statement, i) for i in range(call["column_count"](statement)))
        while (code := call["step"](statement)) == ROW and len(rows) < most:
            row = []
            for index in range(len(names)):
                kind = call["column_type"](statement, index)
                text = call["column_blob" if kind == BLOB else "column_text"](statement, index)
                row.append((kind, ctypes.string_at(text, call["column_bytes"](statement, index)) if text else None))
            rows.append(tuple(row))
        error = (call["extended_errcode"](self.handle), self.message()) if code not in (ROW, 101) else ()
        call["finalize"](statement)
        return ("rows", names, tuple(rows), *error)
