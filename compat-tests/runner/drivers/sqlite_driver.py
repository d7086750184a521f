"""The oracle: real SQLite through apsw. Expectations of the suite are written from this driver only.

Text that is not UTF-8 cannot come through apsw: such a query is asked again with its texts as blobs.
"""

from __future__ import annotations

import apsw

from runner.drivers.serve import SqlFailure, serve
from runner.values import Value, text_from_bytes


class SqliteConnection:
    """One connection of real SQLite."""

    def __init__(self, path: str, flags: int) -> None:
        try:
            self.connection = apsw.Connection(path, flags=flags)
        except apsw.Error as error:
            raise _failure(error) from error
        self.columns: list[str] = []
        self.connection.exec_trace = self._note_columns

    def _note_columns(self, cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        if not self.columns:
            self.columns = [description[0] for description in cursor.get_description()]
        return True

    def execute(self, sql: str, parameters: list[Value] | dict[str, Value]) -> tuple[list[str], list[list[Value]], int]:
        """See DriverConnection."""
        bindings = (
            {name[1:]: value for name, value in parameters.items()} if isinstance(parameters, dict) else parameters
        )
        self.columns = []
        before = self.connection.total_changes()
        try:
            rows = self._rows(sql, bindings)
        except apsw.Error as error:
            raise _failure(error) from error
        changed = self.connection.total_changes() != before
        return self.columns, rows, self.connection.changes() if changed else 0

    def _rows(self, sql: str, bindings: object) -> list[list[Value]]:
        try:
            return [list(row) for row in self.connection.execute(sql, bindings)]  # type: ignore[arg-type]
        except UnicodeDecodeError:
            columns = self.columns
        names = [f"c{number}" for number in range(len(columns))]
        parts = [
            f"typeof({name}), CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
            for name in names
        ]
        query = f"WITH q({', '.join(names)}) AS ({sql}) SELECT {', '.join(parts)} FROM q"
        rows = [list(row) for row in self.connection.execute(query, bindings)]  # type: ignore[arg-type]
        self.columns = columns
        return [[_decoded(row[at], row[at + 1]) for at in range(0, len(row), 2)] for row in rows]

    def close(self) -> None:
        """See DriverConnection."""
        try:
            self.connection.close()
        except apsw.Error as error:
            raise _failure(error) from error


def _decoded(type_name: object, value: Value) -> Value:
    if type_name == "text" and isinstance(value, bytes):
        return text_from_bytes(value)
    return value


def _failure(error: apsw.Error) -> SqlFailure:
    if not hasattr(error, "extendedresult"):
        raise error
    return SqlFailure(error.extendedresult, str(error))


if __name__ == "__main__":
    serve(
        {
            "name": "sqlite",
            "version": apsw.sqlite_lib_version(),
            "language": "python",
            "engine": "sqlite",
            "features": ["named-parameters", "invalid-text", "several-connections"],
        },
        SqliteConnection,
    )
