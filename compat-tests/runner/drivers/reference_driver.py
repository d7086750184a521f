"""The reference engine in this process, without the C API: tells a fault of the engine from one of the library."""

from __future__ import annotations

import sys

from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

from runner.drivers.serve import SqlFailure, serve
from runner.values import Value


class ReferenceConnection:
    """One connection of the reference engine."""

    def __init__(self, path: str, flags: int) -> None:
        try:
            self.connection = Connection(path, flags)
        except SqlError as error:
            raise SqlFailure(error.code, error.message) from error

    def execute(self, sql: str, parameters: list[Value] | dict[str, Value]) -> tuple[list[str], list[list[Value]], int]:
        """See DriverConnection."""
        connection = self.connection
        before = connection.total_changes
        try:
            statement, _ = connection.prepare(sql)
            if statement is None:
                return [], [], 0
            try:
                for index in range(1, statement.parameter_count + 1):
                    statement.bind(index, _parameter(parameters, index, statement.parameter_names[index - 1]))
                rows = []
                while statement.step():
                    rows.append(list(statement.row))
            finally:
                columns = list(statement.column_names)
                statement.finalize()
        except SqlError as error:
            raise SqlFailure(error.code, error.message) from error
        return columns, rows, connection.changes if connection.total_changes != before else 0

    def close(self) -> None:
        """See DriverConnection."""
        try:
            self.connection.close()
        except SqlError as error:
            raise SqlFailure(error.code, error.message) from error


def _parameter(parameters: list[Value] | dict[str, Value], index: int, name: str | None) -> Value:
    if isinstance(parameters, dict):
        return parameters[name or ""]
    return parameters[index - 1]


if __name__ == "__main__":
    serve(
        {
            "name": "reference",
            "version": "0." + ".".join(map(str, sys.version_info[:2])),
            "language": "python",
            "engine": "reference",
            "features": ["named-parameters", "invalid-text", "several-connections"],
        },
        ReferenceConnection,
    )
