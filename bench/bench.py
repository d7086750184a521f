"""make bench: the same C program and the same DB-API program on real SQLite and on Keelback, ratios side by side.

    bench.py [--rows N] [--repeat N] [--only PART] [--write FILE]

Runs are interleaved and the median of each workload is taken; times are CPU time. Real SQLite is the newest that a
registry package carries as source (better-sqlite3 of npm, built here with -O3), or the system's where that cannot be
had; the header names it. A ratio above 1 means that Keelback is faster.

Texts never seen are prepared in both forms of the compiler, Python's sources and what mypyc made of them, whatever
KEELBACK_COMPILER says; the sections' titles name the form. All other workloads need the compiler a few times only.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
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
sys.path.insert(0, str(ROOT))

from tools.engine_name import engine_name  # noqa: E402

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


def build_c_program(name: str, real: Path | None) -> Path:
    """A C benchmark, linked to real SQLite under the soname that both libraries have."""
    program = BUILD / name
    BUILD.mkdir(parents=True, exist_ok=True)
    library = str(real / "libsqlite3.so.0") if real else "-l:libsqlite3.so.0"
    headers = ROOT / "bindings" / "c" / "include" / "keelback"
    source = str(ROOT / "bench" / f"{name}.c")
    subprocess.run(["gcc", "-O2", f"-I{headers}", source, "-o", str(program), library], check=True)
    return program


def compiled_form() -> dict[str, str] | None:
    """The environment of the form that mypyc makes, built if need be; None if it cannot be."""
    CONSOLE.print("the compiled form of the compiler (minutes, unless it is there) ...")
    made = subprocess.run([sys.executable, str(ROOT / "tools" / "mypyc_build.py")], capture_output=True, text=True)
    if made.returncode != 0:
        CONSOLE.print(f"left out, tools/mypyc_build.py failed: {made.stderr[-500:]}")
        return None
    return {"KEELBACK_COMPILER": "mypyc"}


def run(command: list[str], environment: dict[str, str], rows: int, into: Times) -> None:
    """Run one program once and collect its lines. rows: how many rows, or texts."""
    with tempfile.TemporaryDirectory(prefix="keelback-bench-") as folder:
        result = subprocess.run(
            [*command, folder, str(rows)], env={**os.environ, **environment}, capture_output=True, text=True
        )
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stderr}")
    for line in result.stdout.splitlines():
        name, operations, nanoseconds = line.split()
        into.setdefault(name, []).append((int(operations), int(nanoseconds)))


class Line:
    """One workload: its name, and nanoseconds of CPU time an operation on both sides (medians)."""

    def __init__(self, name: str, real: list[tuple[int, int]], ours: list[tuple[int, int]]) -> None:
        self.name = name
        self.real = statistics.median(time / count for count, time in real)
        self.ours = statistics.median(time / count for count, time in ours)

    @property
    def ratio(self) -> float:
        """How many times faster Keelback is."""
        return self.real / self.ours


def lines_of(real: Times, ours: Times) -> list[Line]:
    return [Line(name, samples, ours[name]) for name, samples in real.items()]


def show(title: str, lines: list[Line]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("workload")
    for heading in ("SQLite ns/op", "Keelback ns/op", "ratio"):
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(line.name, f"{line.real:.0f}", f"{line.ours:.0f}", f"{line.ratio:.4f}")
    CONSOLE.print(table)


def machine() -> str:
    """The processor's name and the number of cores."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def write_page(path: Path, header: str, sections: dict[str, list[Line]]) -> None:
    """The page docs/benchmarks.md."""
    text = ["<!-- Written by bench/bench.py --write; run it again rather than edit. -->", "# Benchmarks", ""]
    text += [f"{datetime.date.today().isoformat()}, {machine()}. {header}.", ""]
    text += ["CPU time an operation, in nanoseconds; medians. A ratio above 1 means that Keelback is faster.", ""]
    text += ["Both run as they are: nobody sets `cache_size`. Keelback then keeps more pages than SQLite's 2 MB"]
    text += ["([memory.md](memory.md)), which look-ups by key and writes in random order gain from.", ""]
    for title, lines in sections.items():
        text += [f"## {title}", "", "| workload | SQLite | Keelback | ratio |", "|---|---:|---:|---:|"]
        text += [f"| {x.name} | {x.real:.0f} | {x.ours:.0f} | {x.ratio:.4f} |" for x in lines]
        slower = [line.name for line in lines if line.ratio < 1]
        text += ["", f"Slower than SQLite: {', '.join(slower) or 'nothing'}.", ""]
    path.write_text("\n".join(text), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20000, help="rows in the table (default 20000)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each program (default 3)")
    parser.add_argument("--texts", type=int, default=300, help="new texts of each kind (default 300)")
    parser.add_argument("--only", choices=("c", "writes", "prepare", "dbapi"), help="only this part")
    parser.add_argument("--write", type=Path, help="write the page, docs/benchmarks.md")
    arguments = parser.parse_args()
    real_folder = newest_sqlite()
    parts = {arguments.only} if arguments.only else {"c", "writes", "prepare", "dbapi"}
    real_environment = {"LD_LIBRARY_PATH": str(real_folder)} if real_folder else {"LD_LIBRARY_PATH": ""}
    our_environment = {"LD_LIBRARY_PATH": str(ROOT / "build" / "compat")}
    engine = engine_name(str(ROOT / "build" / "libkeelback.so"))
    source = "built from " + AMALGAMATION if real_folder else "the system's libsqlite3.so.0"
    header = f"{arguments.rows} rows, {arguments.repeat} runs; real SQLite: {source}; Keelback engine: {engine}"
    CONSOLE.print(header)
    python = str(ROOT / ".venv" / "bin" / "python")
    dbapi = [python, str(ROOT / "bench" / "bench_dbapi.py")]
    binding = {"PYTHONPATH": f"{ROOT / 'bindings' / 'python' / 'src'}"}
    # Title, command and what its program is told, environments of the two sides.
    plans: list[tuple[str, list[str], int, dict[str, str], dict[str, str]]] = []
    if "c" in parts:
        program = [str(build_c_program("bench", real_folder))]
        plans.append(("The C API", program, arguments.rows, real_environment, our_environment))
    if "writes" in parts:
        program = [str(build_c_program("writes", real_folder))]
        plans.append(("The C API, writing", program, arguments.rows, real_environment, our_environment))
    if "prepare" in parts:
        program = [str(build_c_program("prepare", real_folder))]
        forms = {"Python's sources": {"KEELBACK_COMPILER": "python"}, "mypyc": compiled_form()}
        for form, chosen in forms.items():
            if chosen is not None:
                title = f"Texts never seen, the compiler as: {form}"
                plans.append((title, program, arguments.texts, real_environment, our_environment | chosen))
    if "dbapi" in parts:
        plans.append(("DB-API: Python's sqlite3 and keelback", dbapi, arguments.rows, {}, binding))
    times: dict[str, tuple[Times, Times]] = {plan[0]: ({}, {}) for plan in plans}
    for _ in track(range(arguments.repeat), description="runs", console=CONSOLE):
        for title, command, rows, real_side, our_side in plans:
            real, ours = times[title]
            is_binding = command is dbapi
            run([*command, "sqlite3"] if is_binding else command, real_side, rows, real)
            run([*command, "keelback"] if is_binding else command, our_side, rows, ours)
    sections = {title: lines_of(*both) for title, both in times.items()}
    for title, lines in sections.items():
        show(title, lines)
    if arguments.write:
        write_page(arguments.write, header, sections)


if __name__ == "__main__":
    main()
