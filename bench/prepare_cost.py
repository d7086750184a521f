"""What preparing a text that was never seen costs in instructions, room by room, beside real SQLite.

    prepare_cost.py [--texts N] [--kinds NAME,...] [--functions N]

Valgrind counts what bench/prepare.c does in `measured`, so the numbers do not depend on how busy the machine is. They
are thousands of instructions a text. The compiler is in the form that KEELBACK_COMPILER says, mypyc if it says nothing;
`make compiler` and the library have to be there. --functions lists what the functions of one kind take by themselves.

Functions of the runtime, of libc and of CPython count to the rooms that call them, in proportion; what letting objects
go takes is a column of its own, as it is everybody's.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from bench import build_c_program, newest_sqlite  # noqa: E402

CORE = ROOT / "core" / "keelback_core"
KINDS = "point index range insert insert_select update delete join with window"
# From the left as a statement goes through them.
ROOMS = "cache border parse bind plan emit encode objects load rest".split()
GOES = re.compile(r"_dealloc|_clear$|^tower_let_go|^let_\w+_go|^CPy_DecRef|^tupledealloc|^subtype_")
NATIVE = (
    ("keelback::program::", "load"),
    ("keelback::cache::", "cache"),
    ("keelback::plugin::", "border"),
    ("(anonymous namespace)::compile(", "border"),
    ("keelback::engine::CompilerService", "border"),
    ("keelback::", "rest"),
    ("sqlite3_", "rest"),
    ("measured", "rest"),
)
TOWER = {
    "compiler/sql": "parse",
    "compiler/catalog": "bind",
    "compiler/bind": "bind",
    "compiler/plan": "plan",
    "compiler/emit": "emit",
    "program": "encode",
    "value": "emit",
}


class Function:
    """What callgrind tells of one function: its own instructions, and those of each function that it calls."""

    def __init__(self) -> None:
        self.own = 0
        self.calls: dict[str, int] = {}


def read_profile(path: Path) -> dict[str, Function]:
    """The functions of a callgrind file by name."""
    names: dict[str, str] = {}
    found: dict[str, Function] = {}

    def named(text: str) -> str:
        number, _, name = text.partition(" ")
        if name:
            # Callgrind marks inner calls of a recursion.
            names[number] = re.sub(r"'\d+$", "", name)
        return names[number]

    at = callee = ""
    is_call = False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("fn="):
            at = named(line[3:])
            found.setdefault(at, Function())
        elif line.startswith("cfn="):
            callee = named(line[4:])
            found.setdefault(callee, Function())
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            cost = int(line.split()[1])
            if is_call:
                found[at].calls[callee] = found[at].calls.get(callee, 0) + cost
            else:
                found[at].own += cost
            is_call = False
    return found


def module_rooms() -> dict[str, str]:
    """The rooms of the tower's modules, by every end of their names that mypyc may use for its functions."""
    found = {}
    for path in sorted(CORE.rglob("*.py")):
        place = path.relative_to(CORE).as_posix()
        for folder, room in TOWER.items():
            if place.startswith(folder + "/"):
                parts = place[: -len(".py")].removesuffix("/__init__").split("/")
                for start in range(len(parts)):
                    found["___".join(parts[start:])] = room
    found["entrance"] = found["encoded"] = "border"
    return found


def room_of(name: str, modules: dict[str, str]) -> str | None:
    """The room of a function; None: that of whoever calls it."""
    if GOES.search(name):
        return "objects"
    for begin, room in NATIVE:
        if begin in name:
            return room
    if name.startswith(("CPyDef_", "CPyPy_")):
        parts = name.split("_", 1)[1].split("___")
        for length in range(len(parts) - 1, 0, -1):
            room = modules.get("___".join(parts[:length]))
            if room is not None:
                return room
    return None


def by_room(functions: dict[str, Function]) -> dict[str, float]:
    """The instructions of every room."""
    modules = module_rooms()
    shares: dict[str, dict[str, float]] = {}
    callers: dict[str, list[tuple[str, int]]] = {}
    for name, function in functions.items():
        room = room_of(name, modules)
        if room is not None:
            shares[name] = {room: 1.0}
        for callee, cost in function.calls.items():
            callers.setdefault(callee, []).append((name, cost))
    open_names = [name for name in functions if name not in shares]
    # The runtime's functions call one another a few levels deep.
    for _ in range(12):
        for name in open_names:
            share: dict[str, float] = {}
            total = sum(cost for caller, cost in callers.get(name, ()) if shares.get(caller))
            for caller, cost in callers.get(name, ()):
                for room, part in shares.get(caller, {}).items():
                    share[room] = share.get(room, 0.0) + part * cost / (total or 1)
            shares[name] = share
    found = dict.fromkeys(ROOMS, 0.0)
    for name, function in functions.items():
        for room, part in (shares[name] or {"rest": 1.0}).items():
            found[room] += part * function.own
    return found


def profile(program: Path, library: Path, kind: str, texts: int) -> dict[str, Function]:
    """What a library does for so many new texts of a kind."""
    with tempfile.TemporaryDirectory(prefix="keelback-bench-") as folder:
        out = Path(folder) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", "--toggle-collect=measured", f"--callgrind-out-file={out}"]
        environment = {"KEELBACK_COMPILER": "mypyc", **os.environ, "LD_LIBRARY_PATH": str(library)}
        done = subprocess.run(
            [*command, str(program), folder, str(texts), f"prepare_new_{kind}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(done.stderr)
        return read_profile(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=40, help="texts of each kind (default 40)")
    parser.add_argument("--kinds", default=KINDS.replace(" ", ","), help="names of prepare.c without prepare_new_")
    parser.add_argument("--functions", type=int, default=0, help="list the first N functions of each kind too")
    arguments = parser.parse_args()
    real_library = newest_sqlite()
    if real_library is None:
        sys.exit("real SQLite cannot be had here")
    program = build_c_program("prepare", real_library)
    table = Table(title="thousands of instructions a text never seen", title_justify="left")
    table.add_column("kind")
    for heading in (*ROOMS, "all", "SQLite", "times"):
        table.add_column(heading, justify="right")
    console = Console(highlight=False, width=140)
    for kind in arguments.kinds.split(","):
        unit = 1000 * arguments.texts
        real = sum(function.own for function in profile(program, real_library, kind, arguments.texts).values()) / unit
        functions = profile(program, ROOT / "build" / "compat", kind, arguments.texts)
        rooms = by_room(functions)
        whole = sum(rooms.values()) / unit
        numbers = [*(rooms[room] / unit for room in ROOMS), whole, real]
        table.add_row(kind, *(f"{number:.1f}" for number in numbers), f"{whole / real:.2f}")
        first = sorted(functions.items(), key=lambda item: -item[1].own)[: arguments.functions]
        for name, function in first:
            console.print(f"{kind} {function.own / arguments.texts:8.0f} {name[:110]}")
    console.print(table)


if __name__ == "__main__":
    main()
