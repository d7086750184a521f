"""Compile the compile tower with mypyc: the same sources, run as C.

    python tools/mypyc_build.py [--optimize N] [--profile]    build what has changed; prints the folder of the result
    KEELBACK_COMPILER=python|mypyc ...            runs without or with it (keelback_core/__init__.py)

1. The result is build/mypyc/<key>, the key made of the sources, the options, and the versions of Python and mypy;
   build/mypyc/current names the last one that was asked for, with the sizes and times of the sources that it is good
   for: as soon as one of them is changed, nothing takes the build any more.
2. All modules are one library, so that mypyc knows the classes that nothing derives from and calls their methods
   directly; each is a C file of its own. Beside it every module has a small library, which Python's import system asks
   for.
3. What gcc made is kept by the hash of what it was given, in build/mypyc/objects: a change inside of functions costs
   the C files of their modules, one of a class those of all that may see it.
4. mypyc drops Python's recursion check: every recursion of the tower has a limit of its own (core/spec/limits.toml).
5. mypyc's C text is changed before it is compiled: mypyc_memory.py, mypyc_runtime/tower.h. IN_C names the functions
   that are written in C; finals.h has the numbers that modules name Final for them, as CPyFinal_<module>___<name>.
   Nothing checks in the compiled form that what a zip() goes through is of one length, for mypyc makes a loop of its
   own only of a zip() that is not told to.
6. --profile is the form of a release: the C files are compiled twice, the second time with the counts of what ran how
   often while the first form prepared the statements of the conformance suite (mypyc_training.py). It needs
   build/libkeelback.so and keeps no objects, as every change changes counts. Where it is there for the sources, it is
   what a build without --profile gives too.
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
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.mypyc_memory import with_spares  # noqa: E402

PACKAGE = ROOT / "core" / "keelback_core"
BUILD = ROOT / "build" / "mypyc"
RUNTIME = ROOT / "tools" / "mypyc_runtime"
# What makes the C files, beside mypyc.
MAKERS = (
    Path(__file__),
    ROOT / "tools" / "mypyc_memory.py",
    ROOT / "tools" / "mypyc_training.py",
    *sorted(RUNTIME.iterdir()),
)
ROOMS = ("value", "program", "module", "compiler")
# Folders whose __init__.py holds more than an export list.
WHOLE_FOLDERS = ("compiler/sql/ast", "compiler/sql/parser")
# Protocols, what the engine derives classes from, and the one exception stay interpreted.
INTERPRETED = {
    "program/host.py",
    "module/protocol.py",
    "value/key.py",
    "value/errors.py",
    "compiler/catalog/function_finder.py",
}
# Functions whose place is taken by C of mypyc_runtime: by the C file of their module the heads that mypyc gives them,
# and the C, once for all that it holds.
IN_C = {
    "__native_keelback_core___program___encoding.c": (
        ("PyObject *CPyDef_encoding___program_pieces(PyObject *cpy_r_program) {", "pieces.h"),
    ),
    "__native_keelback_core___compiler___emit___builder.c": (
        (
            "CPyTagged CPyDef_builder___ProgramBuilder___emit(PyObject *cpy_r_self, CPyTagged cpy_r_opcode, "
            "CPyTagged cpy_r_p1, CPyTagged cpy_r_p2, CPyTagged cpy_r_p3, PyObject *cpy_r_p4, CPyTagged cpy_r_p5, "
            "PyObject *cpy_r_comment) {",
            "emit.h",
        ),
        ("CPyTagged CPyDef_builder___ProgramBuilder___label(PyObject *cpy_r_self) {", "place.h"),
        ("char CPyDef_builder___ProgramBuilder___place(PyObject *cpy_r_self, CPyTagged cpy_r_label) {", None),
        (
            "char CPyDef_builder___resolve_labels(PyObject *cpy_r_instructions, PyObject *cpy_r_labels) {",
            "labels.h",
        ),
    ),
    "__native_keelback_core___compiler___sql___parser___state.c": (
        ("char CPyDef_state___ParserState___advance(PyObject *cpy_r_self) {", "state.h"),
        ("char CPyDef_state___ParserState___accept(PyObject *cpy_r_self, CPyTagged cpy_r_kind) {", None),
        ("CPyTagged CPyDef_state___ParserState___start(PyObject *cpy_r_self) {", None),
        ("CPyTagged CPyDef_state___ParserState___previous_end(PyObject *cpy_r_self) {", None),
        ("PyObject *CPyDef_state___ParserState___token_text(PyObject *cpy_r_self) {", None),
        (
            "PyObject *CPyDef_state___ParserState___trimmed(PyObject *cpy_r_self, CPyTagged cpy_r_start, "
            "CPyTagged cpy_r_end) {",
            None,
        ),
    ),
    "__native_keelback_core___compiler___catalog___model___names.c": (
        ("PyObject *CPyDef_names___fold_name(PyObject *cpy_r_name) {", "names.h"),
    ),
    "__native_keelback_core___compiler___emit___may_fail.c": (
        ("char CPyDef_may_fail___may_fail(PyObject *cpy_r_instructions) {", "may_fail.h"),
    ),
    "__native_keelback_core___compiler___plan___estimate.c": (
        ("CPyTagged CPyDef_estimate___log_estimate(CPyTagged cpy_r_count) {", "estimate.h"),
        ("CPyTagged CPyDef_estimate___log_add(CPyTagged cpy_r_left, CPyTagged cpy_r_right) {", None),
    ),
    "__native_keelback_core___compiler___plan___join_order.c": (
        ("PyObject *CPyDef_join_order___JoinOrderSearch____round(PyObject *cpy_r_self) {", "join_search.h"),
    ),
    "__native_keelback_core___compiler___emit___lifting.c": (
        (
            "PyObject *CPyDef_lifting___encode_lifting(PyObject *cpy_r_sql, PyObject *cpy_r_literals) {",
            "lifting.h",
        ),
    ),
    "__native_keelback_core___compiler___emit___kept_code.c": (
        (
            "char CPyDef_kept_code___emit_shifted(PyObject *cpy_r_builder, PyObject *cpy_r_instructions, "
            "PyObject *cpy_r_places, CPyTagged cpy_r_own_register, CPyTagged cpy_r_row, CPyTagged cpy_r_key, "
            "CPyTagged cpy_r_own_cursor, CPyTagged cpy_r_cursor, CPyTagged cpy_r_own_label, CPyTagged cpy_r_label) {",
            "shifted.h",
        ),
    ),
}
IS_NAMED = re.compile(r"CPyDef_\w+")
IS_FINAL_NUMBER = re.compile(r"^([A-Z_]+): Final = (-?\d+)$", re.MULTILINE)
CHECKS_LENGTHS = re.compile(r", strict=(?:True|False)\)")
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)

GENERATE = """
import sys
from mypyc.build import mypycify
paths = sys.stdin.read().split()
extensions = mypycify(
    ["--strict", "--no-error-summary", *paths], opt_level="0", multi_file=True, group_name="keelback", target_dir="c"
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
    for fact in (sys.version.encode(), versions, " ".join(options).encode(), *(path.read_bytes() for path in MAKERS)):
        digest.update(fact)
    for path in sources():
        digest.update(str(path).encode())
        digest.update((PACKAGE / path).read_bytes())
    return digest.hexdigest()[:16]


def modules() -> list[str]:
    """The modules to compile; folders' index files that hold only an export list stay interpreted."""
    found = []
    for path in sources():
        is_plain = path.name != "__init__.py" or path.parent.as_posix() in WHOLE_FOLDERS
        if is_plain and path.as_posix() not in INTERPRETED:
            found.append(f"keelback_core/{path.as_posix()}")
    return found


def generate(folder: Path) -> list[tuple[str, list[Path]]]:
    """Write the C files of all modules; the libraries with their sources."""
    lines = "\n".join(modules())
    done = subprocess.run([sys.executable, "-c", GENERATE], input=lines, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    found = []
    for line in done.stdout.splitlines():
        if line.startswith("extension "):
            _word, name, *paths = line.split(" ")
            found.append((name, [folder / path for path in paths]))
    adapt(folder / "c")
    return [(name, [*paths, folder / "c" / "tower.c"] if len(paths) > 1 else paths) for name, paths in found]


def write_finals(path: Path) -> None:
    """Write the numbers that modules name Final, for the functions that are written in C."""
    lines = []
    for source in sources():
        for name, number in IS_FINAL_NUMBER.findall((PACKAGE / source).read_text(encoding="utf-8")):
            lines.append(f"#define CPyFinal_{source.stem}___{name} ({number})\n")
    path.write_text("".join(sorted(set(lines))), encoding="utf-8")


def adapt(folder: Path) -> None:
    """Change the C files of our modules as this file's head says."""
    for path in RUNTIME.iterdir():
        shutil.copy(path, folder / path.name)
    write_finals(folder / "finals.h")
    classes = 0
    for path in folder.glob("__native_*.c"):
        text, changed = with_spares(path.read_text(encoding="utf-8"))
        for head, place in IN_C.get(path.name, ()):
            if text.count(head) != 1:
                raise SystemExit(f"mypyc writes functions otherwise: no {head}")
            included = "" if place is None else f'#include "finals.h"\n#include "{place}"\n'
            text = text.replace(head, included + "static " + IS_NAMED.sub(r"not_called_\g<0>", head))
        path.write_text('#include "tower.h"\n' + text, encoding="utf-8")
        classes += changed
    if classes == 0:
        raise SystemExit("mypyc writes its classes otherwise: tools/mypyc_memory.py finds none to change")


def run_gcc(options: list[str], include: list[str], path: Path, made: Path) -> None:
    """Make an object."""
    flags = [f"-I{folder}" for folder in include]
    subprocess.run(["gcc", *options, "-g0", "-w", "-fPIC", "-c", *flags, str(path), "-o", str(made)], check=True)


def compile_file(path: Path, include: list[str], options: list[str]) -> Path:
    """The object of a C file: from the store, or made and put there."""
    digest = hashlib.sha256(" ".join([*options, sys.version]).encode())
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        text = one.read_text(encoding="utf-8")
        digest.update(one.name.encode() + b"\0" + text.encode())
        for name in INCLUDE.findall(text):
            for near in (one.parent / name, Path(include[0]) / name):
                if near.exists():
                    waiting.append(near)
    compiled = BUILD / "objects" / f"{digest.hexdigest()[:24]}.o"
    if not compiled.exists():
        compiled.parent.mkdir(parents=True, exist_ok=True)
        made = compiled.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        run_gcc(options, include, path, made)
        made.replace(compiled)
    return compiled


def compile_all(paths: list[Path], include: list[str], options: list[str], work: Path | None) -> dict[Path, Path]:
    """The objects of C files; work: where they lie, None: in the store."""

    def compiled(path: Path) -> Path:
        if work is None:
            return compile_file(path, include, options)
        # Counts are found by the name of the object; files of mypyc's runtime may be called like others.
        made = work / f"{path.parent.name}.{path.stem}.o"
        run_gcc(options, include, path, made)
        return made

    # The large ones first, so that no core waits for one of them at the end.
    first = sorted(paths, key=lambda path: -path.stat().st_size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(first, pool.map(compiled, first), strict=True))


def link_all(
    folder: Path, libraries: list[tuple[str, list[Path]]], objects: dict[Path, Path], options: list[str]
) -> None:
    """Make the libraries out of their objects."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")

    def link(library: tuple[str, list[Path]]) -> None:
        place = library[0].replace(".", "/")
        if (folder / place).is_dir():
            place += "/__init__"
        own = [str(objects[path]) for path in library[1]]
        subprocess.run(["gcc", *options, "-shared", *own, "-o", f"{folder / place}{suffix}"], check=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(link, libraries))


def train(folder: Path) -> None:
    """Let the statements of the suite run through a build that counts."""
    library = ROOT / "build" / "libkeelback.so"
    if not library.exists():
        raise SystemExit(f"--profile needs {library}")
    # Sets and dictionaries are gone through in one order, so that the counts of two builds are alike.
    environment = {
        **os.environ,
        "KEELBACK_COMPILER": "python",
        "KEELBACK_ENGINE": "kernel",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(ROOT / "core"),
    }
    with tempfile.TemporaryDirectory(prefix="keelback-training-") as place:
        command = [sys.executable, str(ROOT / "tools" / "mypyc_training.py"), str(library), str(folder)]
        done = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


def build(optimize: str, is_profiled: bool) -> Path:
    """The folder of a complete build."""
    # Before anything is read: what changes later makes the build stale.
    facts = facts_of_sources()
    # What runs often is optimized further by its counts.
    options = ["-O2", "-DNDEBUG", "-fno-plt", "-fvisibility=hidden"]
    folder = BUILD / key_of([*options, "-fprofile-use"])
    is_profiled = is_profiled or (folder / "complete").exists()
    if not is_profiled:
        options[0] = f"-O{optimize}"
        folder = BUILD / key_of(options)
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for path in sources():
            (folder / "keelback_core" / path).parent.mkdir(parents=True, exist_ok=True)
            text = (PACKAGE / path).read_text(encoding="utf-8")
            (folder / "keelback_core" / path).write_text(CHECKS_LENGTHS.sub(")", text), encoding="utf-8")
        (folder / "keelback_core" / "__init__.py").touch()
        import mypyc

        include = [str(folder / "c"), sysconfig.get_path("include"), str(Path(mypyc.__file__).parent / "lib-rt")]
        libraries = generate(folder)
        paths = sorted({path for _name, own in libraries for path in own})
        work = None
        if is_profiled:
            work = folder / "objects"
            work.mkdir()
            counting = [*options, "-fprofile-generate", "-fprofile-update=single"]
            link_all(folder, libraries, compile_all(paths, include, counting, work), counting)
            train(folder)
            options.append("-fprofile-use")
        link_all(folder, libraries, compile_all(paths, include, options, work), options)
        if work is not None:
            shutil.rmtree(work)
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
    parser.add_argument("--optimize", default="3", choices=("0", "1", "2", "3"))
    parser.add_argument("--profile", action="store_true", help="compile twice, as a release does")
    arguments = parser.parse_args()
    print(build(arguments.optimize, arguments.profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
