"""Random scripts of transactions, all that reaches the disk by another way at least once among them.

A script is for one journal mode and one number of databases; each of its steps is a transaction, or a pragma that
changes no state. All are of SQL alone and mean the same to every engine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PARENTS = 12


@dataclass(frozen=True)
class Script:
    """names: of the files; setup makes them, before the recording; steps as recording.py has them."""

    mode: str
    synchronous: int
    names: list[str]
    setup: str
    steps: list[str]

    def oldest_state(self, states: list[str], done: int) -> int:
        """The first of the states that a crash after `done` steps may leave: a deleted journal may come back as long as
        the folder is not synced, and a WAL that is not synced at each commit may lose all."""
        if self.mode == "wal":
            return done if self.synchronous >= 2 else 0
        if self.synchronous >= 3 or (self.synchronous == 2 and self.mode != "delete"):
            return done
        first = done
        while first > 0 and states[first] == states[done]:
            first -= 1
        return first


def text_of(length: str, number: str) -> str:
    """An expression: a text of about this many bytes, which differs by the number."""
    return f"substr(replace(hex(zeroblob(({length}) / 8 + 1)), '00', printf('%08d', {number})), 1, {length})"


def numbers(first: int, last: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"


def tables(schema: str, rows: int) -> str:
    return (
        f"CREATE TABLE {schema}.p(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        f"CREATE TABLE {schema}.t(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id), a TEXT, b BLOB);"
        f"CREATE INDEX {schema}.ta ON t(a, p);"
        f"{numbers(1, PARENTS)} INSERT INTO {schema}.p SELECT i, 'name' || i FROM n;"
        f"{numbers(1, rows)} INSERT INTO {schema}.t SELECT i, i % {PARENTS} + 1,"
        f" {text_of('i * 37 % 300 + 5', 'i')}, zeroblob(i % 50) FROM n;"
    )


class Steps:
    """Makes steps; `schema` is where they write."""

    def __init__(self, source: random.Random, rows: int) -> None:
        self.source = source
        self.rows = rows
        self.serial = 0

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def insert(self, schema: str) -> str:
        first = self.rows + 1
        self.rows += self.source.choice((1, 7, 60))
        return (
            f"{numbers(first, self.rows)} INSERT INTO {schema}.t(id, p, a, b) SELECT i, i % {PARENTS} + 1,"
            f" {text_of(f'i * 91 % {self.source.choice((40, 900))} + 3', 'i')}, NULL FROM n"
        )

    def update(self, schema: str) -> str:
        serial = self.next()
        share = self.source.choice((1, 3, 20))
        length = self.source.choice((10, 200, 900))
        what = self.source.choice(
            (
                f"a = {text_of(f'id * 13 % {length} + 9', f'id + {serial * 1000}')}",
                f"p = (id + {serial}) % {PARENTS} + 1",
            )
        )
        return f"UPDATE {schema}.t SET {what} WHERE id % {share} = {serial % share}"

    def delete(self, schema: str) -> str:
        share = self.source.choice((2, 5, 30))
        return f"DELETE FROM {schema}.t WHERE id % {share} = {self.next() % share}"

    def blob(self, schema: str) -> str:
        self.rows += 1
        size = self.source.choice((3000, 20000, 70000))
        value = self.source.choice((f"zeroblob({size})", f"CAST({text_of(str(size), str(self.next()))} AS BLOB)"))
        return f"INSERT INTO {schema}.t(id, p, a, b) VALUES({self.rows}, 1, 'blob', {value})"

    def change(self, schema: str) -> str:
        return self.source.choice((self.insert, self.update, self.update, self.delete, self.blob))(schema)

    def several(self, schemas: list[str]) -> str:
        return ";".join(self.change(schema) for schema in schemas for _ in range(self.source.choice((1, 1, 3))))

    def savepoints(self, schemas: list[str]) -> str:
        """Parts are undone; what is kept and what is undone may both have been spilled."""
        return (
            f"BEGIN; {self.several(schemas)}; SAVEPOINT x; {self.several(schemas)}; SAVEPOINT y;"
            f"{self.several(schemas)}; ROLLBACK TO y; {self.several(schemas)};"
            f"{self.source.choice(('ROLLBACK TO x; RELEASE x', 'RELEASE x'))}; {self.several(schemas)}; COMMIT"
        )

    def undone(self, schemas: list[str]) -> str:
        return f"BEGIN; {self.several(schemas)}; ROLLBACK"

    def schema_change(self, schema: str) -> str:
        serial = self.next()
        return self.source.choice(
            (
                f"CREATE INDEX {schema}.i{serial} ON t(b, a); DROP INDEX {schema}.i{serial}",
                f"CREATE INDEX {schema}.j{serial} ON t(p, a DESC, id)",
                f"ALTER TABLE {schema}.t ADD COLUMN c{serial} TEXT DEFAULT 'x{serial}'",
                f"CREATE TABLE {schema}.u{serial}(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
                f"INSERT INTO {schema}.u{serial} SELECT a || id, id FROM {schema}.t",
                f"CREATE TABLE {schema}.v{serial} AS SELECT * FROM {schema}.t; DROP TABLE {schema}.v{serial}",
                f"ALTER TABLE {schema}.p RENAME COLUMN name TO name{serial};"
                f"ALTER TABLE {schema}.p RENAME COLUMN name{serial} TO name",
                f"ALTER TABLE {schema}.t ADD COLUMN d{serial}; UPDATE {schema}.t SET d{serial} = id;"
                f"ALTER TABLE {schema}.t DROP COLUMN d{serial}",
            )
        )

    def shape_change(self, mode: str) -> str:
        """Of the whole file; for main alone."""
        source = self.source
        vacuum = f"PRAGMA auto_vacuum = {source.choice((0, 1, 2))}; VACUUM"
        if mode != "wal":
            vacuum = f"PRAGMA page_size = {source.choice((512, 1024, 4096))}; {vacuum}"
        return source.choice((vacuum, "VACUUM", "PRAGMA incremental_vacuum", "PRAGMA incremental_vacuum(3)"))


def script(
    source: random.Random, mode: str, synchronous: int, file_count: int, step_count: int, is_fresh: bool
) -> Script:
    """is_fresh: the last file is empty when the recording starts."""
    names = ["main.db", *(f"other{number}.db" for number in range(1, file_count))]
    schemas = ["main", *(f"a{number}" for number in range(1, file_count))]
    rows = source.choice((1, 40, 250))
    setup = ""
    for schema in schemas:
        if is_fresh and schema == schemas[-1]:
            break
        setup += f"PRAGMA {schema}.page_size = {source.choice((512, 1024, 4096))};"
        setup += f"PRAGMA {schema}.auto_vacuum = {source.choice((0, 0, 1, 2))};"
        setup += tables(schema, rows)
    steps = [
        f"PRAGMA journal_mode = {mode}; PRAGMA foreign_keys = ON;"
        # Without a schema these would be of main alone.
        + "".join(
            f"PRAGMA {schema}.synchronous = {synchronous};"
            f"PRAGMA {schema}.cache_size = {source.choice((5, 5, 40, 2000))};"
            for schema in schemas
        )
        + f"PRAGMA locking_mode = {source.choice(('normal', 'normal', 'exclusive'))};"
        f"PRAGMA wal_autocheckpoint = {source.choice((0, 5, 50))};"
        f"PRAGMA journal_size_limit = {source.choice((-1, -1, 0, 20000))};"
        f"PRAGMA secure_delete = {source.choice((0, 1))}"
    ]
    maker = Steps(source, rows)
    if is_fresh:
        steps.append(f"BEGIN; {tables(schemas[-1], rows)}{maker.several(schemas[:-1])}; COMMIT")
    while len(steps) < step_count:
        kind = source.random()
        together = schemas if source.random() < 0.7 else [source.choice(schemas)]
        if kind < 0.5:
            steps.append(f"BEGIN; {maker.several(together)}; COMMIT")
        elif kind < 0.65:
            steps.append(maker.savepoints(together))
        elif kind < 0.7:
            steps.append(maker.undone(together))
        elif kind < 0.85:
            steps.append(f"BEGIN; {maker.schema_change(source.choice(schemas))}; {maker.several(together)}; COMMIT")
        elif kind < 0.93 or mode != "wal":
            steps.append(maker.shape_change(mode))
        if mode == "wal" and source.random() < 0.4:
            steps.append(f"PRAGMA wal_checkpoint({source.choice(('passive', 'full', 'restart', 'truncate'))})")
    return Script(mode, synchronous, names, setup, steps)
