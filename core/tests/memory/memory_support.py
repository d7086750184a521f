"""Statements in a process of their own: what they gave, wrote and held in memory; and SQLite's answers beside."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import apsw

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build"))


class Outcome:
    """What one text did. growth_kb: of the most memory that was resident; temporary_bytes: written to temporary
    files.
    """

    def __init__(self, line: str) -> None:
        code, growth, written, autocommit, message = line.split(" ", 4)
        self.code = int(code)
        self.growth_kb = int(growth)
        self.temporary_bytes = int(written)
        self.is_autocommit = autocommit == "1"
        self.message = message

    def __repr__(self) -> str:
        return f"{self.code} {self.message!r} +{self.growth_kb} KiB, {self.temporary_bytes} bytes"


class Measure:
    """Runs texts on a file of its folder."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.database = folder / "measured.db"

    def prepare(self, sql: str) -> None:
        """Make the database, by real SQLite."""
        connection = apsw.Connection(str(self.database))
        connection.execute(sql)
        connection.close()

    def run(self, *texts: str, cache_size: int | None = -2000, **environment: str) -> tuple[list[Outcome], bytes]:
        """The outcome of each text, and all rows in one piece. cache_size: None leaves it to the library."""
        if cache_size is not None:
            bounded = f"PRAGMA main.cache_size = {cache_size}; PRAGMA temp.cache_size = {cache_size}"
            outcomes, rows = self.run(bounded, *texts, cache_size=None, **environment)
            return outcomes[1:], rows
        out = self.folder / "rows"
        child = subprocess.run(
            [self.program, out, self.database, *texts],
            env={**os.environ, "KEELBACK_ENGINE": "kernel", **environment},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert child.returncode == 0, child.stdout + child.stderr
        return [Outcome(line) for line in child.stdout.splitlines()], out.read_bytes()

    def expected(self, *texts: str) -> bytes:
        """The same rows by real SQLite."""
        connection = apsw.Connection(str(self.database))
        rows = [row for text in texts for row in connection.execute(text)]
        connection.close()
        return b"".join(b"|".join(as_text(value) for value in row) + b"\n" for row in rows)


def as_text(value: object) -> bytes:
    """As sqlite3_column_text gives INTEGER, TEXT, BLOB and NULL."""
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode()
