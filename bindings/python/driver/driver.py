"""The conformance driver of the Python binding (compat-tests/PROTOCOL.md); it uses DB-API only."""

from __future__ import annotations

import json
import os
import platform
import struct
import sys
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import keelback

SQLITE_OPEN_READONLY = 1


def decode(value: dict[str, str] | None) -> Any:
    """A parameter as the value that is bound."""
    if value is None:
        return None
    ((kind, text),) = value.items()
    match kind:
        case "i":
            return int(text)
        case "r":
            return struct.unpack(">d", bytes.fromhex(text))[0]
        case "t":
            return text
        case "b":
            return bytes.fromhex(text)
    raise ValueError(f"unknown kind of value {kind}")


def encode(value: Any) -> dict[str, str] | None:
    """A value of a row as it goes to the runner."""
    if value is None:
        return None
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"r": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"tx": value.encode("utf-8", "surrogateescape").hex()}
    return {"t": value}


class Driver:
    """The connections of a run, and an answer to each operation."""

    def __init__(self) -> None:
        self.connections: dict[str, keelback.Connection] = {}

    def hello(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "protocol": 1,
            "name": "python",
            "version": keelback.__version__,
            "language": f"Python {platform.python_version()}",
            "engine": os.environ.get("KEELBACK_ENGINE", "default"),
            "features": ["named-parameters", "invalid-text", "several-connections"],
        }

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        path, is_uri = request["path"], False
        if request["flags"] & SQLITE_OPEN_READONLY:
            path, is_uri = f"file:{quote(path)}?mode=ro", True
        connection = keelback.connect(path, timeout=0, isolation_level=None, uri=is_uri)
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        self.connections[request["id"]] = connection
        return {}

    def exec(self, request: dict[str, Any]) -> dict[str, Any]:
        connection = self.connections[request["id"]]
        given = request.get("params") or []
        if isinstance(given, dict):
            parameters: Any = {name[1:]: decode(value) for name, value in given.items()}
        else:
            parameters = [decode(value) for value in given]
        before = connection.total_changes
        cursor = connection.execute(request["sql"], parameters)
        rows = [[encode(value) for value in row] for row in cursor.fetchall()]
        columns = [column[0] for column in cursor.description or ()]
        changes = 0
        if connection.total_changes != before:
            changes = connection.execute("SELECT changes()").fetchone()[0]
        return {"columns": columns, "rows": rows, "changes": changes}

    def close(self, request: dict[str, Any]) -> dict[str, Any]:
        self.connections.pop(request["id"]).close()
        return {}

    def bye(self, request: dict[str, Any]) -> dict[str, Any]:
        for connection in self.connections.values():
            connection.close()
        return {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request: its result, an error of the database, or a fault of ours."""
        operation = getattr(self, request["op"], None)
        try:
            if operation is None:
                raise ValueError(f"unknown op {request['op']}")
            return operation(request)
        except keelback.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is None:
                return {"fault": traceback.format_exc()}
            return {"error": {"code": code, "name": error.sqlite_errorname, "message": str(error)}}
        except Exception:
            return {"fault": traceback.format_exc()}


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write(json.dumps(driver.answer(request)) + "\n")
        sys.stdout.flush()
        if request["op"] == "bye":
            return
    driver.bye({})


if __name__ == "__main__":
    main()
