"""Check the direction of imports: core/layers.toml against the source, Python and C++.

    python tools/layers.py

Prints each import that goes against the table and exits with 1 if there is one. Imports under `if TYPE_CHECKING` count for
direction (a type known is a room known) but not for the modules that may not be imported at run time. An import inside
a function is an error of its own.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "keelback_core"


def room_of(module: str, rooms: list[str]) -> str | None:
    """The room of a dotted module inside the package: the longest room that is its prefix."""
    fitting = [room for room in rooms if module == room or module.startswith(room + ".")]
    return max(fitting, key=len, default=None)


def imports_of(tree: ast.Module) -> Iterator[tuple[ast.stmt, str, bool, bool]]:
    """(statement, module, only for the checker, inside a function) for every import."""

    def visit(node: ast.AST, for_checker: bool, in_function: bool) -> Iterator[tuple[ast.stmt, str, bool, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield child, alias.name, for_checker, in_function
            elif isinstance(child, ast.ImportFrom):
                yield child, "." * child.level + (child.module or ""), for_checker, in_function
            else:
                inside = in_function or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
                checker = for_checker or (
                    isinstance(child, ast.If)
                    and isinstance(child.test, ast.Name)
                    and child.test.id == "TYPE_CHECKING"
                )
                yield from visit(child, checker, inside)

    yield from visit(tree, False, False)


def python_violations(core: Path, table: dict[str, list[str]], forbidden: set[str]) -> list[str]:
    """One line for each import of the Python core against the table."""
    rooms = list(table)
    found = []
    for path in sorted((core / PACKAGE).rglob("*.py")):
        module = ".".join(path.relative_to(core / PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        room = room_of(module, rooms)
        where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        for statement, target, for_checker, in_function in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{where}:{statement.lineno}"
            if in_function:
                found.append(f"{place}: import inside a function")
            if target.startswith("."):
                base = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                level = len(target) - len(target.lstrip("."))
                base = base[: len(base) - level + 1]
                target = ".".join([PACKAGE, *base, *([target.lstrip(".")] if target.lstrip(".") else [])])
            if target.split(".")[0] == PACKAGE:
                inner = target.removeprefix(PACKAGE).lstrip(".")
                other = room_of(inner, rooms)
                allowed = table.get(room or "", [])
                permitted = other == room or any(other == a or (other or "").startswith(a + ".") for a in allowed)
                if room is not None and other is not None and not permitted:
                    found.append(f"{place}: {room} imports {other}")
            elif not for_checker and target.split(".")[0] in forbidden:
                found.append(f"{place}: imports {target}, which the core does without")
    return found


def cpp_violations(kernel: Path, table: dict[str, list[str]]) -> list[str]:
    """One line for each #include of the kernel against the table."""
    found = []
    for path in sorted([*kernel.rglob("*.cpp"), *kernel.rglob("*.hpp")]):
        room = path.relative_to(kernel).parts[0]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.startswith('#include "'):
                continue
            target = line.split('"')[1].split("/")[0]
            if target in table and target != room and target not in table.get(room, []):
                found.append(f"{path.relative_to(ROOT)}:{number}: {room} includes {target}")
    return found


def main() -> int:
    table = tomllib.loads((ROOT / "core" / "layers.toml").read_text(encoding="utf-8"))
    forbidden = set(table["python_forbidden_modules"]["modules"])
    found = python_violations(ROOT / "core", table["python"], forbidden)
    found += cpp_violations(ROOT / "core" / "kernel", table["cpp"])
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
