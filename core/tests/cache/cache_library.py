"""libkeelback_cache_twin.so by ctypes."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

from keelback_core.compiler.emit.lifting import compile_lifted, encode_lifting
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.engine.connection import Connection
from keelback_core.program.encoding import encode_program
from keelback_core.program.program import Program

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
LIBRARY = Path(os.environ.get("KEELBACK_CACHE_TWIN_LIBRARY", BUILD / "libkeelback_cache_twin.so"))

if not LIBRARY.exists():
    raise RuntimeError(f"{LIBRARY} is missing: run make library")
library = ctypes.CDLL(str(LIBRARY))
library.cache_open.restype = ctypes.c_void_p
library.cache_identity.restype = ctypes.c_uint64
library.cache_identities.restype = ctypes.c_size_t
for name in ("cache_lex", "cache_statement_tokens", "cache_lift", "cache_find", "cache_store", "cache_counts"):
    getattr(library, name).restype = ctypes.c_size_t

Value = None | int | float | str


class Answer:
    """Reads what the library has written."""

    def __init__(self, name: str, *arguments: object) -> None:
        place = ctypes.c_char_p()
        size = getattr(library, name)(*arguments, ctypes.byref(place))
        self.data = ctypes.string_at(place, size)
        self.position = 0

    def is_at_end(self) -> bool:
        return self.position == len(self.data)

    def number(self) -> int:
        (value,) = struct.unpack_from("<q", self.data, self.position)
        self.position += 8
        return int(value)

    def text(self) -> bytes:
        size = self.number()
        self.position += size
        return self.data[self.position - size : self.position]

    def value(self) -> Value:
        kind = self.number()
        if kind == 1:
            return self.number()
        if kind == 2:
            return float(struct.unpack("<d", struct.pack("<q", self.number()))[0])
        return self.text().decode("utf-8", "surrogateescape") if kind == 3 else None


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class Literal:
    """A lifted literal as the library sees it; start counts bytes."""

    def __init__(self, answer: Answer) -> None:
        self.start = answer.number()
        self.kind = answer.number()
        self.is_small = bool(answer.number())
        self.value = answer.value()
        self.negated = answer.value()


def lift(sql: str) -> tuple[int, bytes, list[Literal]] | None:
    """Where the statement ends (in bytes), its shape and literals; None for a text that is not taken."""
    data = utf8(sql)
    answer = Answer("cache_lift", data, ctypes.c_size_t(len(data)))
    if not answer.number():
        return None
    end = answer.number()
    shape = answer.text()
    literals = []
    while not answer.is_at_end():
        literals.append(Literal(answer))
    return end, shape, literals


def lex(sql: str) -> list[tuple[int, int, int]]:
    """Kind, start and end (in bytes) of the tokens of the first statement."""
    data = utf8(sql)
    answer = Answer("cache_lex", data, ctypes.c_size_t(len(data)))
    found = []
    while not answer.is_at_end():
        found.append((answer.number(), answer.number(), answer.number()))
    return found


def statement_tokens(sql: str) -> tuple[list[int], list[int], list[int], bool] | None:
    """Kinds, starts and ends as the parser gets them, and whether it has words to settle; None: it reads by itself."""
    data = utf8(sql)
    answer = Answer("cache_statement_tokens", data, ctypes.c_size_t(len(data)))
    if answer.is_at_end():
        return None
    has_context_words = bool(answer.number())
    kinds, starts, ends = [], [], []
    while not answer.is_at_end():
        kinds.append(answer.number())
        starts.append(answer.number())
        ends.append(answer.number())
    return kinds, starts, ends, has_context_words


class Found:
    """What a look-up gave: the program's number of registers stands for the program."""

    def __init__(self, answer: Answer) -> None:
        self.tail = answer.number()
        self.register_count = answer.number()
        self.values = [answer.value() for _ in range(answer.number())]


class Cache:
    """A program cache of its own, with statements compiled for a connection's schema."""

    def __init__(self, entries: int = 1000, size: int = 10_000_000, schema: str = "") -> None:
        self.handle = ctypes.c_void_p(library.cache_open(ctypes.c_size_t(entries), ctypes.c_size_t(size)))
        self.connection = Connection(":memory:")
        self.connection.execute(schema)

    def close(self) -> None:
        library.cache_close(self.handle)
        self.connection.close()

    def clear(self) -> None:
        library.cache_clear(self.handle)

    def find(self, sql: str, schema: bytes = b"a", settings: bytes = b"") -> Found | None:
        data = utf8(sql)
        answer = Answer("cache_find", self.handle, schema, settings, data, ctypes.c_size_t(len(data)))
        return None if answer.is_at_end() else Found(answer)

    def store(self, sql: str, schema: bytes = b"a", settings: bytes = b"", number: int = 0) -> Found | None:
        """Compile a text and store it, the program marked with a number of registers if one is given."""
        ast, tail = parse_statement(sql)
        assert ast is not None
        program, literals = compile_lifted(ast, self.connection._catalog_for(ast), sql)
        if number:
            program.register_count = number
        return self.keep(sql, len(utf8(sql[:tail])), encode_lifting(sql, literals), program, schema, settings)

    def keep(
        self, sql: str, tail: int, lifting: bytes, program: Program, schema: bytes = b"a", settings: bytes = b""
    ) -> Found | None:
        data = utf8(sql)
        encoded = encode_program(program)
        size = ctypes.c_size_t
        answer = Answer(
            "cache_store",
            self.handle,
            schema,
            settings,
            data,
            size(len(data)),
            size(tail),
            lifting,
            size(len(lifting)),
            encoded,
            size(len(encoded)),
        )
        return None if answer.is_at_end() else Found(answer)

    def counts(self) -> dict[str, int]:
        answer = Answer("cache_counts", self.handle)
        return {name: answer.number() for name in ("entries", "bytes", "exact_hits", "lifted_hits", "misses")}
