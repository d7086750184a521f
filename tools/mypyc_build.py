"""Compile the compile tower with mypyc: the same sources, run as C.

    python tools/mypyc_build.py [--optimize N]    build what has changed; prints the folder of the result
    KEELBACK_COMPILER=python|mypyc ...            runs without or with it (keelback_core/__init__.py)

1. The result is build/mypyc/<key>, the key made of the sources, the options, and the versions of Python and mypy;
   build/mypyc/current names the last one that was asked for, with the sizes and times of the sources that it is good
   for: as soon as one of them is changed, nothing takes the build any more.
2. The rooms are cut into groups, each one C file and one library, none of which takes longer than a minute to compile.
   Beside them every module has a small library of its own, which Python's import system asks for.
3. What gcc made is kept by the hash of what it was given, in build/mypyc/objects, so a change costs its own group.
4. mypyc drops Python's recursion check: every recursion of the tower has a limit of its own (core/spec/limits.toml).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "core" / "keelback_core"
BUILD = ROOT / "build" / "mypyc"
ROOMS = ("value", "program", "module", "compiler")
# Names of groups and what belongs to them; of a folder with a number after it, that part of its files.
GROUPS: dict[str, tuple[str, ...]] = {
    "value": ("value",),
    "program": ("program", "module"),
    "sql": ("compiler/sql", "compiler/sql/ast"),
    "parser": ("compiler/sql/parser",),
    "catalog": ("compiler/catalog",),
    "bind": ("compiler/bind",),
    "plan": ("compiler/plan",),
    "emit": ("compiler/emit",),
}
PARTS = {"bind": 2, "emit": 4}
# Protocols, what the engine derives classes from, and the one exception stay interpreted.
INTERPRETED = {
    "program/host.py",
    "module/protocol.py",
    "value/key.py",
    "value/errors.py",
    "compiler/catalog/function_finder.py",
}
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)

GENERATE = """
import sys
from mypyc.build import mypycify
groups = [line.rstrip("\\n").split(" ") for line in sys.stdin]
paths = [path for group in groups for path in group[1:]]
extensions = mypycify(
    ["--strict", "--no-error-summary", *paths],
    opt_level="0",
    separate=[(group[1:], "keelback_" + group[0]) for group in groups],
    target_dir="c",
)
for extension in extensions:
    print("extension", extension.name, *extension.sources)
"""


def sources() -> list[Path]:
    """All files of the rooms, relative to the package."""
    return sorted(path.relative_to(PACKAGE) for room in ROOMS for path in (PACKAGE / room).rglob("*.py"))


def facts_of_sources() -> list[str]:
    """What keelback_core/__init__.py looks at to see whether a build is that of the sources: a line a file."""
    found = []
    for path in sources():
        facts = (PACKAGE / path).stat()
        found.append(f"{facts.st_size} {facts.st_mtime_ns} {path.as_posix()}")
    return found


def key_of(options: list[str]) -> str:
    """What tells this build from all others."""
    digest = hashlib.sha256()
    versions = subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True, check=True).stdout
    for fact in (sys.version.encode(), versions, " ".join(options).encode(), Path(__file__).read_bytes()):
        digest.update(fact)
    for path in sources():
        digest.update(str(path).encode())
        digest.update((PACKAGE / path).read_bytes())
    return digest.hexdigest()[:16]


def groups() -> list[tuple[str, list[str]]]:
    """The groups, with the paths of their modules; folders that hold only an export list stay interpreted."""
    found = []
    for name, folders in GROUPS.items():
        paths = []
        for folder in folders:
            for path in sorted((PACKAGE / folder).glob("*.py")):
                relative = path.relative_to(PACKAGE).as_posix()
                is_plain = path.name != "__init__.py" or folder in ("compiler/sql/ast", "compiler/sql/parser")
                if is_plain and relative not in INTERPRETED:
                    paths.append(f"keelback_core/{relative}")
        count = PARTS.get(name, 1)
        size = -(-len(paths) // count)
        for part in range(count):
            found.append((name if count == 1 else f"{name}{part}", paths[part * size : (part + 1) * size]))
    return found


def generate(folder: Path) -> list[tuple[str, list[Path]]]:
    """Write the C files of all groups; the libraries with their sources."""
    lines = "".join(f"{name} {' '.join(paths)}\n" for name, paths in groups())
    done = subprocess.run([sys.executable, "-c", GENERATE], input=lines, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    found = []
    for line in done.stdout.splitlines():
        if line.startswith("extension "):
            _word, name, *paths = line.split(" ")
            found.append((name, [folder / path for path in paths]))
    return found


def compile_library(paths: list[Path], include: list[str], options: list[str]) -> Path:
    """The shared library of some C files: from the store, or made and put there."""
    digest = hashlib.sha256(" ".join([*options, sys.version]).encode())
    seen: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        text = path.read_text(encoding="utf-8")
        digest.update(path.name.encode() + b"\0" + text.encode())
        for name in INCLUDE.findall(text):
            for near in (path.parent / name, Path(include[0]) / name):
                if near.exists():
                    waiting.append(near)
    library = BUILD / "objects" / f"{digest.hexdigest()[:24]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        made = library.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        flags = [f"-I{folder}" for folder in include]
        subprocess.run(
            ["gcc", *options, "-g0", "-w", "-fPIC", "-shared", *flags, *map(str, paths), "-o", str(made)], check=True
        )
        made.replace(library)
    return library


def build(optimize: str) -> Path:
    """The folder of a complete build."""
    # Before anything is read: what changes later makes the build stale.
    facts = facts_of_sources()
    options = [f"-O{optimize}", "-fvisibility=hidden"]
    folder = BUILD / key_of(options)
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for path in sources():
            (folder / "keelback_core" / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PACKAGE / path, folder / "keelback_core" / path)
        (folder / "keelback_core" / "__init__.py").touch()
        import mypyc

        include = [str(folder / "c"), sysconfig.get_path("include"), str(Path(mypyc.__file__).parent / "lib-rt")]
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        libraries = generate(folder)
        # The large ones first, so that no core waits for one of them at the end.
        libraries.sort(key=lambda library: -sum(path.stat().st_size for path in library[1]))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            compiled = list(pool.map(lambda library: compile_library(library[1], include, options), libraries))
        for (name, _paths), library in zip(libraries, compiled, strict=True):
            place = name.replace(".", "/")
            if (folder / place).is_dir():
                place += "/__init__"
            shutil.copy(library, folder / f"{place}{suffix}")
        shutil.rmtree(folder / "c")
        shutil.rmtree(folder / ".mypy_cache", ignore_errors=True)
        (folder / "keelback_core" / "__init__.py").unlink()
        (folder / "complete").touch()
    made = BUILD / f"current.{os.getpid()}"
    made.write_text("\n".join([folder.name, sys.version, *facts]), encoding="utf-8")
    made.replace(BUILD / "current")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--optimize", default="2", choices=("0", "1", "2", "3"))
    print(build(parser.parse_args().optimize))
    return 0


if __name__ == "__main__":
    sys.exit(main())
