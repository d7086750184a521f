"""The database as SQL text, statement by statement: what `Connection.iterdump` gives.

Tables come by name with their rows, then indexes, triggers and views, then the state of AUTOINCREMENT, in one
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keelback._keelback import OperationalError

if TYPE_CHECKING:
    from keelback.connection import Connection


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _dump_rows(cursor: Any, table: str) -> Iterator[str]:
    """An INSERT for each row; the database quotes the values."""
    name = _quote_name(table)
    columns = [str(row[1]) for row in cursor.execute(f"PRAGMA table_info({name})").fetchall()]
    quoted = "||','||".join(f"quote({_quote_name(column)})" for column in columns)
    prefix = _quote_text(f"INSERT INTO {name} VALUES(")
    for row in cursor.execute(f"SELECT {prefix}||{quoted}||')' FROM {name}"):
        yield f"{row[0]};"


def _has_violations(cursor: Any) -> bool:
    """Whether foreign keys are violated; keys that do not fit their parent tables are not asked about."""
    try:
        return bool(cursor.execute("PRAGMA foreign_key_check").fetchall())
    except OperationalError:
        return False


def dump(connection: Connection, filter: str | None = None) -> Iterator[str]:
    """The statements that make the database anew; `filter` is a LIKE pattern for the objects' names."""
    cursor = connection.cursor()
    cursor.row_factory = None
    is_schema_open = False
    sequence: list[str] = []
    where, parameters = ('AND "name" LIKE ?', [filter]) if filter else ("", [])
    if _has_violations(cursor):
        yield "PRAGMA foreign_keys=OFF;"
    yield "BEGIN TRANSACTION;"
    tables = cursor.execute(
        f"""SELECT "name", "sql" FROM "sqlite_master"
            WHERE "sql" NOT NULL AND "type" = 'table' {where} ORDER BY "name\"""",
        parameters,
    ).fetchall()
    for name, sql in tables:
        if name == "sqlite_sequence":
            rows = cursor.execute('SELECT "name", "seq" FROM "sqlite_sequence"').fetchall()
            sequence = ['DELETE FROM "sqlite_sequence";']
            sequence += [f'INSERT INTO "sqlite_sequence" VALUES({_quote_text(table)},{last});' for table, last in rows]
            continue
        if name == "sqlite_stat1":
            yield 'ANALYZE "sqlite_master";'
        elif name.startswith("sqlite_"):
            continue
        elif sql.startswith("CREATE VIRTUAL TABLE"):
            if not is_schema_open:
                is_schema_open = True
                yield "PRAGMA writable_schema=ON;"
            quoted = _quote_text(name)
            values = f"VALUES('table',{quoted},{quoted},0,{_quote_text(sql)});"
            yield f"INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql){values}"
        else:
            yield f"{sql};"
        yield from _dump_rows(cursor, name)
    others = cursor.execute(
        f"""SELECT "sql" FROM "sqlite_master"
            WHERE "sql" NOT NULL AND "type" IN ('index', 'trigger', 'view') {where}""",
        parameters,
    ).fetchall()
    for (sql,) in others:
        yield f"{sql};"
    if is_schema_open:
        yield "PRAGMA writable_schema=OFF;"
    yield from sequence
    yield "COMMIT;"
