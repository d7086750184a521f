"""The driver's end of the protocol (PROTOCOL.md): reads requests, writes replies, keeps the open connections.

A driver gives `serve` its greeting and an `open_connection`; the objects it returns have `execute` and `close`.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Protocol

from runner.result_codes import code_name
from runner.values import Value, from_json, to_json

PROTOCOL_VERSION = 1


class SqlFailure(Exception):
    """An error of the database: an extended result code and a message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class DriverConnection(Protocol):
    """What `open_connection` returns."""

    def execute(self, sql: str, parameters: list[Value] | dict[str, Value]) -> tuple[list[str], list[list[Value]], int]:
        """Run one statement to its end: column names, rows, and how many rows it changed. Raises SqlFailure."""

    def close(self) -> None:
        """Close. Raises SqlFailure."""


def serve(greeting: dict[str, object], open_connection: Callable[[str, int], DriverConnection]) -> None:
    """Answer requests on stdin until `bye` or the end of input."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    connections: dict[str, DriverConnection] = {}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            reply = _reply(request, greeting, connections, open_connection)
        except SqlFailure as failure:
            reply = {"error": {"code": failure.code, "name": code_name(failure.code), "message": failure.message}}
        except Exception:
            reply = {"fault": traceback.format_exc(limit=-6)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if request["op"] == "bye":
            return


def _reply(
    request: dict[str, object],
    greeting: dict[str, object],
    connections: dict[str, DriverConnection],
    open_connection: Callable[[str, int], DriverConnection],
) -> dict[str, object]:
    operation = request["op"]
    if operation == "hello":
        return {"protocol": PROTOCOL_VERSION, **greeting}
    if operation == "bye":
        return {}
    name = str(request["id"])
    if operation == "open":
        connections[name] = open_connection(str(request["path"]), int(str(request.get("flags", 6))))
        return {}
    if operation == "close":
        connections.pop(name).close()
        return {}
    if operation == "exec":
        columns, rows, changes = connections[name].execute(str(request["sql"]), _parameters(request["params"]))
        return {"columns": columns, "rows": [[to_json(value) for value in row] for row in rows], "changes": changes}
    raise ValueError(f"unknown operation {operation!r}")


def _parameters(items: object) -> list[Value] | dict[str, Value]:
    if isinstance(items, dict):
        return {name: from_json(item) for name, item in items.items()}
    assert isinstance(items, list)
    return [from_json(item) for item in items]
