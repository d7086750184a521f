"""make bench: the same C program and the same DB-API program on real SQLite and on Keelback, ratios side by side.

    bench.py [--rows N] [--repeat N]

Runs are interleaved and the median of each workload is taken; times are CPU time. Real SQLite is the newest that a
registry package carries as source (better-sqlite3 of npm, built here with -O3), or the system's where that cannot be
had; the header names it. A ratio above 1 means that Keelback is faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
AMALGAMATION = "better-sqlite3@12.11.1"
CONSOLE = Console(highlight=False)
Times = dict[str, list[tuple[int, int]]]


def newest_sqlite() -> Path | None:
    """The folder of a libsqlite3.so.0 built from the newest amalgamation, None if it cannot be had."""
    folder = BUILD / "sqlite"
    library = folder / "libsqlite3.so.0"
    if library.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("npm") is None:
        return None
    CONSOLE.print(f"fetching and building SQLite's amalgamation from {AMALGAMATION} ...")
    packed = subprocess.run(["npm", "pack", "--silent", AMALGAMATION], cwd=folder, capture_output=True, text=True)
    if packed.returncode != 0:
        return None
    archive = packed.stdout.split()[-1]
    subprocess.run(["tar", "xzf", archive], cwd=folder, check=True)
    sources = list(folder.rglob("sqlite3.c"))
    if not sources:
        inner = next(iter(folder.rglob("sqlite3.tar.gz")), None)
        if inner is None:
            return None
        subprocess.run(["tar", "xzf", str(inner)], cwd=folder, check=True)
        sources = list(folder.rglob("sqlite3.c"))
    flags = ["-O3", "-fPIC", "-shared", "-DSQLITE_DEFAULT_MEMSTATUS=0", "-DSQLITE_THREADSAFE=1"]
    subprocess.run(
        ["gcc", *flags, str(sources[0]), "-o", str(library), "-Wl,-soname,libsqlite3.so.0", "-lpthread", "-ldl", "-lm"],
        check=True,
    )
    return folder


def build_c_program() -> Path:
    """The C benchmark, linked to libsqlite3.so.0."""
    program = BUILD / "bench"
    BUILD.mkdir(parents=True, exist_ok=True)
    headers = ROOT / "bindings" / "c" / "include" / "keelback"
    if not (headers / "sqlite3.h").exists():
        headers = ROOT / "build" / "include"
    command = ["gcc", "-O2", f"-I{headers}", str(ROOT / "bench" / "bench.c"), "-o", str(program)]
    subprocess.run(
        [*command, str(ROOT / "build" / "compat" / "libsqlite3.so.0"), "-Wl,--allow-shlib-undefined"], check=True
    )
    return program


def run(command: list[str], environment: dict[str, str], rows: int, into: Times) -> None:
    """Run one program once and collect its lines."""
    with tempfile.TemporaryDirectory(prefix="keelback-bench-") as folder:
        result = subprocess.run(
            [*command, folder, str(rows)], env={**os.environ, **environment}, capture_output=True, text=True
        )
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stderr}")
    for line in result.stdout.splitlines():
        name, operations, nanoseconds = line.split()
        into.setdefault(name, []).append((int(operations), int(nanoseconds)))


def show(title: str, real: Times, ours: Times) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("workload")
    for heading in ("SQLite ns/op", "Keelback ns/op", "ratio"):
        table.add_column(heading, justify="right")
    for name, samples in real.items():
        theirs = statistics.median(time / count for count, time in samples)
        own = statistics.median(time / count for count, time in ours[name])
        table.add_row(name, f"{theirs:.0f}", f"{own:.0f}", f"{theirs / own:.4f}")
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20000, help="rows in the table (default 20000)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each program (default 3)")
    arguments = parser.parse_args()
    program = build_c_program()
    real_folder = newest_sqlite()
    real_environment = {"LD_LIBRARY_PATH": str(real_folder)} if real_folder else {"LD_LIBRARY_PATH": ""}
    our_environment = {"LD_LIBRARY_PATH": str(ROOT / "build" / "compat")}
    engine = os.environ.get("KEELBACK_ENGINE", "reference")
    source = "built from " + AMALGAMATION if real_folder else "the system's libsqlite3.so.0"
    CONSOLE.print(f"rows {arguments.rows}, {arguments.repeat} runs; real SQLite: {source}; Keelback engine: {engine}")
    python = str(ROOT / ".venv" / "bin" / "python")
    dbapi = [python, str(ROOT / "bench" / "bench_dbapi.py")]
    binding = {"PYTHONPATH": f"{ROOT / 'bindings' / 'python' / 'src'}"}
    c_real: Times = {}
    c_ours: Times = {}
    py_real: Times = {}
    py_ours: Times = {}
    for _ in track(range(arguments.repeat), description="runs", console=CONSOLE):
        run([str(program)], real_environment, arguments.rows, c_real)
        run([str(program)], our_environment, arguments.rows, c_ours)
        run([*dbapi, "sqlite3"], real_environment, arguments.rows, py_real)
        run([*dbapi, "keelback"], binding, arguments.rows, py_ours)
    show("C API", c_real, c_ours)
    show("DB-API (real: sqlite3 of the running Python, on the SQLite named above)", py_real, py_ours)


if __name__ == "__main__":
    main()
