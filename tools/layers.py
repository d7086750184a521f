"""Check that imports go down only, as core/layers.toml says; in Python and in C++.

    python tools/layers.py              print every import that points the wrong way; exit 1 if there is any
    python tools/layers.py --root DIR   the same for another tree (for tests)

Imports under `if TYPE_CHECKING:` must go down too, but may name any module of the standard library. An import inside a
function is always wrong.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "keelback_core"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def room_of(path: str, rooms: dict[str, Any]) -> str | None:
    """The room that a path (without the package's folder) belongs to."""
    fitting = [room for room in rooms if path == room or path.startswith(room + "/")]
    return max(fitting, key=len, default=None)


class PythonFile:
    """The imports of one Python file: (line, module, is it for annotations only, is it inside a function)."""

    def __init__(self, path: Path, package: str) -> None:
        self.imports: list[tuple[int, str, bool, bool]] = []
        self.package = package
        self._visit(ast.parse(path.read_text(encoding="utf-8")).body, False, False)

    def _visit(self, body: list[ast.stmt], is_annotation: bool, is_inside: bool) -> None:
        for node in body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports.append((node.lineno, alias.name, is_annotation, is_inside))
            elif isinstance(node, ast.ImportFrom):
                self.imports.append((node.lineno, self._absolute(node), is_annotation, is_inside))
            elif isinstance(node, ast.If):
                is_guard = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
                self._visit(node.body, is_annotation or is_guard, is_inside)
                self._visit(node.orelse, is_annotation, is_inside)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._visit(node.body, is_annotation, True)
            else:
                for name in ("body", "orelse", "finalbody"):
                    self._visit(getattr(node, name, []), is_annotation, is_inside)
                for handler in getattr(node, "handlers", []):
                    self._visit(handler.body, is_annotation, is_inside)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The module that a (maybe relative) import names; `from . import x` names x."""
        if node.level == 0:
            return node.module or ""
        parts = self.package.split(".")
        base = parts[: len(parts) - node.level + 1]
        if node.module:
            return ".".join([*base, node.module])
        return ".".join([*base, node.names[0].name])


def check_python(root: Path, table: dict[str, Any]) -> list[str]:
    """The wrong imports of the Python package."""
    rooms = table["python"]
    top = root / "core" / PACKAGE
    found = []
    for path in sorted(top.rglob("*.py")):
        inside = path.relative_to(top)
        room = room_of(inside.parent.as_posix(), rooms)
        if room is None:
            continue
        allowed = set(table["standard"]) | set(rooms[room].get("standard", []))
        package = ".".join([PACKAGE, *inside.parent.parts])
        for line, module, is_annotation, is_inside in PythonFile(path, package).imports:
            where = f"{path.relative_to(root)}:{line}"
            if is_inside:
                found.append(f"{where}: import of {module} inside a function")
            elif module.split(".")[0] != PACKAGE:
                if not is_annotation and module.split(".")[0] not in allowed:
                    found.append(f"{where}: {room} may not import {module}")
            else:
                other = room_of("/".join(module.split(".")[1:]), rooms)
                if other is not None and other != room and other not in rooms[room]["uses"]:
                    found.append(f"{where}: {room} may not import from {other}")
    return found


def check_cpp(root: Path, table: dict[str, Any]) -> list[str]:
    """The wrong includes of the C++ kernel."""
    rooms = table["cpp"]
    top = root / "core" / "kernel"
    found = []
    for path in sorted([*top.rglob("*.cpp"), *top.rglob("*.hpp"), *top.rglob("*.h")]):
        room = room_of(path.relative_to(top).parent.as_posix(), rooms)
        if room is None:
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target = (path.parent / match.group(1)).resolve()
            inside = (
                target.relative_to(top).as_posix() if target.is_relative_to(top) and target.exists() else match.group(1)
            )
            other = room_of(inside.rpartition("/")[0], rooms)
            if other is not None and other != room and other not in rooms[room]["uses"]:
                line = text.count("\n", 0, match.start(1)) + 1
                found.append(f"{path.relative_to(root)}:{line}: {room} may not include from {other}")
    return found


def check(root: Path) -> list[str]:
    """Every import and include below `root` that points the wrong way."""
    table = tomllib.loads((root / "core" / "layers.toml").read_text(encoding="utf-8"))
    return check_python(root, table) + check_cpp(root, table)


def main(arguments: list[str]) -> int:
    root = Path(arguments[arguments.index("--root") + 1]) if "--root" in arguments else ROOT
    wrong = check(root)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
