"""Helpers of the C API tests: the built library through ctypes, and real SQLite beside it.

The tests of this folder run on the real engine; KEELBACK_TEST_ENGINE=stand_in_engine puts real SQLite behind the layer
(stand_in_engine.py), which tells a fault of the layer from one of the engine.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build"))
# The system's own SQLite (Debian: libsqlite3-0); on Debian the folder bears the name of the architecture.
REAL = str(next(iter(sorted(Path("/usr/lib").glob("*-linux-gnu/libsqlite3.so.0"))), "/usr/lib64/libsqlite3.so.0"))

os.environ.setdefault("KEELBACK_CORE_PATH", f"{ROOT / 'core'}:{Path(__file__).parent}")


def load(path: str | Path) -> ctypes.CDLL:
    """The library with restypes that are no int."""
    # Lest its names are taken from an SQLite of the process; sanitizers do without, and refuse it.
    own_names = 0 if "san.so" in os.environ.get("LD_PRELOAD", "") else os.RTLD_DEEPBIND
    library = ctypes.CDLL(str(path), mode=os.RTLD_LOCAL | os.RTLD_NOW | own_names)
    for name in (
        "errmsg errstr libversion sourceid column_name column_decltype sql bind_parameter_name db_filename db_name "
        "keyword uri_parameter column_table_name column_origin_name column_database_name compileoption_get"
    ).split():
        if hasattr(library, f"sqlite3_{name}"):
            getattr(library, f"sqlite3_{name}").restype = ctypes.c_char_p
    for name in (
        "mprintf expanded_sql column_text column_blob column_text16 value_text value_blob value_text16 "
        "column_value malloc malloc64 realloc "
        "user_data aggregate_context next_stmt db_handle backup_init errmsg16 str_new str_finish str_value value_dup "
        "get_auxdata serialize column_name16 vfs_find db_mutex"
    ).split():
        getattr(library, f"sqlite3_{name}").restype = ctypes.c_void_p
    for name in "column_int64 last_insert_rowid changes64 total_changes64 value_int64 memory_used msize".split():
        getattr(library, f"sqlite3_{name}").restype = ctypes.c_longlong
    for name in "column_double value_double".split():
        getattr(library, f"sqlite3_{name}").restype = ctypes.c_double
    return library


class Database:
    """A connection through ctypes, for tests that need one to talk about."""

    def __init__(self, library: ctypes.CDLL, name: str = ":memory:", flags: int = 6) -> None:
        self.library = library
        self.handle = ctypes.c_void_p()
        self.code = library.sqlite3_open_v2(name.encode(), ctypes.byref(self.handle), flags, None)

    def prepare(self, sql: str | bytes) -> ctypes.c_void_p:
        data = sql.encode() if isinstance(sql, str) else sql
        statement = ctypes.c_void_p()
        code = self.library.sqlite3_prepare_v2(self.handle, data, len(data), ctypes.byref(statement), None)
        assert code == 0, self.message()
        return statement

    def message(self) -> str:
        return self.library.sqlite3_errmsg(self.handle).decode()

    def rows(self, sql: str) -> list[tuple[bytes | None, ...]]:
        """All rows as text."""
        library = self.library
        statement = self.prepare(sql)
        rows = []
        while (code := library.sqlite3_step(statement)) == 100:
            row = []
            for index in range(library.sqlite3_column_count(statement)):
                address = library.sqlite3_column_text(statement, index)
                row.append(
                    ctypes.string_at(address, library.sqlite3_column_bytes(statement, index)) if address else None
                )
            rows.append(tuple(row))
        assert code == 101, self.message()
        assert library.sqlite3_finalize(statement) == 0
        return rows

    def run(self, sql: str) -> int:
        return self.library.sqlite3_exec(self.handle, sql.encode(), None, None, None)

    def close(self) -> int:
        return self.library.sqlite3_close(self.handle)


def run_child(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A child process with its output, given half a minute."""
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_child(sys.executable, "-c", code, **environment)


def compiled_program(source: Path, folder: Path, *flags: str) -> Path:
    """A C program against our header, to be run on any libsqlite3.so.0."""
    built = folder / source.stem
    include = ROOT / "bindings/c/include/keelback"
    subprocess.check_call(
        ["gcc", "-Wall", "-Wextra", *flags, f"-I{include}", source, "-o", built, "-l:libsqlite3.so.0"]
    )
    return built


def outputs_of(
    program: Path, engine: str, *arguments: str | Path, folder: Path | None = None, input: str = ""
) -> tuple[list[str], list[str]]:
    """The lines that a program prints on the system's SQLite, and on ours; each run has an empty folder in `folder`."""
    outputs = []
    for name, library in (("real", os.environ.get("KEELBACK_SQLITE_ORACLE", "")), (engine, str(BUILD / "compat"))):
        place = None
        if folder is not None:
            place = folder / name
            place.mkdir()
        done = subprocess.run(
            [program, *arguments],
            env={**os.environ, "LD_LIBRARY_PATH": library, "KEELBACK_ENGINE": engine},
            input=input,
            capture_output=True,
            text=True,
            cwd=place,
            timeout=120,
            check=False,
        )
        outputs.append([*done.stdout.splitlines(), f"exit {done.returncode}", *done.stderr.splitlines()])
    return outputs[0], outputs[1]
