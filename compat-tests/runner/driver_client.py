"""The runner's end of the driver protocol: one child process, one question at a time.

1. A child that dies, hangs or answers nonsense raises DriverDied; the next question starts a fresh child.
2. A statement has STATEMENT_SECONDS; then the child is killed.
3. Only children that this client started are ever killed, by their own handle.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO

from runner.driver_registry import DriverEntry
from runner.places import REPOSITORY
from runner.result_codes import code_name
from runner.suite_file import Answer
from runner.values import Value, from_json, to_json

PROTOCOL_VERSION = 1
STATEMENT_SECONDS = 20.0


class DriverDied(Exception):
    """The child ended, hung, or broke the protocol; the text says how."""


class DriverFault(Exception):
    """The child answered that it failed outside of SQL (a `fault`)."""


@dataclass
class Hello:
    """How a driver presents itself."""

    name: str
    version: str
    language: str
    engine: str
    features: list[str]


class DriverClient:
    """A driver child, started when first needed and again after its death."""

    def __init__(self, entry: DriverEntry, seconds: float = STATEMENT_SECONDS) -> None:
        self.entry = entry
        self.seconds = seconds
        self.hello: Hello | None = None
        self.starts = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._buffer = b""

    def start(self) -> Hello:
        """Start the child unless it runs; its greeting. Raises DriverDied."""
        if self._child is not None and self.hello is not None:
            return self.hello
        self._stderr = tempfile.TemporaryFile()
        self._buffer = b""
        try:
            self._child = subprocess.Popen(
                self.entry.command,
                cwd=REPOSITORY,
                env={**os.environ, **self.entry.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
            )
        except OSError as problem:
            self._child = None
            raise DriverDied(f"cannot start {' '.join(self.entry.command)}: {problem}") from problem
        self.starts += 1
        greeting = self._ask({"op": "hello", "protocol": PROTOCOL_VERSION})
        if greeting.get("protocol") != PROTOCOL_VERSION:
            raise self._death(f"speaks protocol {greeting.get('protocol')!r}, the runner speaks {PROTOCOL_VERSION}")
        features = greeting.get("features", [])
        self.hello = Hello(
            str(greeting.get("name", "?")),
            str(greeting.get("version", "?")),
            str(greeting.get("language", "?")),
            str(greeting.get("engine", "?")),
            [str(feature) for feature in features] if isinstance(features, list) else [],
        )
        return self.hello

    def open(self, connection: str, path: str, flags: int = 6) -> Answer | None:
        """Open a connection; None, or the error as an Answer."""
        self.start()
        reply = self._ask({"op": "open", "id": connection, "path": path, "flags": flags})
        return _error_of(reply)

    def execute(
        self, connection: str, sql: str, parameters: list[Value] | dict[str, Value] | None
    ) -> tuple[Answer, list[str]]:
        """Run one statement: its answer, and its column names (empty when it has no result)."""
        items: object = []
        if isinstance(parameters, dict):
            items = {name: to_json(value) for name, value in parameters.items()}
        elif parameters is not None:
            items = [to_json(value) for value in parameters]
        reply = self._ask({"op": "exec", "id": connection, "sql": sql, "params": items})
        error = _error_of(reply)
        if error is not None:
            return error, []
        try:
            return _answer_of(reply)
        except (KeyError, TypeError, ValueError) as problem:
            raise self._death(f"broke the protocol: {problem!r} in {str(reply)[:500]}") from problem

    def close(self, connection: str) -> Answer | None:
        """Close a connection; None, or the error as an Answer."""
        return _error_of(self._ask({"op": "close", "id": connection}))

    def stop(self) -> None:
        """End the child politely, then firmly."""
        if self._child is None:
            return
        try:
            self._ask({"op": "bye"})
        except (DriverDied, DriverFault):
            pass
        self._discard()

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        child = self._child
        if child is None:
            raise DriverDied("the driver is not running")
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            child.stdin.flush()
        except OSError as problem:
            raise self._death("ended") from problem
        line = self._read_line()
        try:
            reply = json.loads(line)
        except ValueError as problem:
            raise self._death(f"answered no JSON: {line[:200]!r}") from problem
        if not isinstance(reply, dict):
            raise self._death(f"answered no JSON object: {line[:200]!r}")
        if "fault" in reply:
            raise DriverFault(str(reply["fault"]))
        return reply

    def _read_line(self) -> bytes:
        assert self._child is not None and self._child.stdout is not None
        descriptor = self._child.stdout.fileno()
        deadline = time.monotonic() + self.seconds
        pieces = [self._buffer]
        while b"\n" not in pieces[-1]:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([descriptor], [], [], remaining)[0]:
                raise self._death(f"hung: no answer within {self.seconds:g} s")
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                raise self._death("ended")
            pieces.append(piece)
        line, self._buffer = b"".join(pieces).split(b"\n", 1)
        return line

    def _death(self, how: str) -> DriverDied:
        assert self._child is not None
        if how == "ended":
            try:
                how = f"ended with status {self._child.wait(timeout=2)}"
            except subprocess.TimeoutExpired:
                pass
        tail = ""
        if self._stderr is not None:
            self._stderr.seek(0)
            tail = self._stderr.read()[-1500:].decode("utf-8", "replace").strip()
        self._discard()
        return DriverDied(f"the driver {self.entry.name} {how}" + (f"\n{tail}" if tail else ""))

    def _discard(self) -> None:
        child, self._child, self.hello = self._child, None, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                try:
                    if pipe is not None:
                        pipe.close()
                except OSError:
                    pass
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None


def _error_of(reply: dict[str, object]) -> Answer | None:
    error = reply.get("error")
    if error is None:
        return None
    assert isinstance(error, dict)
    return Answer("error", code_name=code_name(int(error["code"])), message=str(error["message"]))


def _answer_of(reply: dict[str, object]) -> tuple[Answer, list[str]]:
    columns, rows, changes = reply["columns"], reply["rows"], reply["changes"]
    if not isinstance(columns, list) or not isinstance(rows, list) or not isinstance(changes, int):
        raise TypeError("columns and rows are lists, changes is a number")
    if not columns:
        if rows:
            raise ValueError("rows without columns")
        return Answer("ok", changes=changes), []
    decoded = [[from_json(item) for item in row] for row in rows]
    if any(len(row) != len(columns) for row in decoded):
        raise ValueError("a row is not as long as the columns")
    return Answer("rows", decoded, [str(name) for name in columns]), columns
