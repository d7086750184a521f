"""Every program that the suite compiles, as bytes: tells a change of the compiler's speed from one of its work.

    python tools/programs.py write FILE          run the suite on the kernel inside this Python, write what was compiled
    python tools/programs.py compare OLD NEW     texts whose programs differ, or were compiled in one of them only

A line of the file: the text, and the digest of tail, program, whether it is kept, and free literals, or the error. The
same text may stand there with several digests, as schemas and settings differ; KEELBACK_COMPILER chooses the form.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def record(folder: str) -> None:
    """Be the ctypes driver, and write down what is compiled meanwhile."""
    sys.path[:0] = [str(ROOT / "core"), str(ROOT / "compat-tests")]
    from keelback_core.engine.compiler_service import CompilerService
    from keelback_core.program.encoding import join_pieces
    from keelback_core.value.errors import SqlError
    from runner.drivers.ctypes_driver import main as serve

    compile_before = CompilerService.compile
    # A line at once: the last driver of a run is ended, and what it has not written by then is lost.
    with open(os.path.join(folder, str(os.getpid())), "w", encoding="utf-8", buffering=1) as file:

        def compile_and_record(service: CompilerService, handle: int, lexer: Any, *arguments: Any) -> Any:
            error = None
            answer: Any = []
            try:
                answer = compile_before(service, handle, lexer, *arguments)
            except SqlError as raised:
                error = raised
            facts: list[Any]
            if error is None:
                tail, pieces, is_kept, lifting = answer[:4]
                facts = [tail, pieces and join_pieces(pieces), is_kept, lifting]
            else:
                facts = [error.code, error.message, error.offset]
            digest = hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
            file.write(json.dumps([lexer.text, arguments[0], int(arguments[1]), digest]) + "\n")
            if error is not None:
                raise error
            return answer

        CompilerService.compile = compile_and_record  # type: ignore[method-assign]
        serve()


def write(path: Path) -> int:
    """Run the suite and gather the lines."""
    with tempfile.TemporaryDirectory(prefix="keelback-programs-") as folder:
        run = (
            "import sys; sys.path.insert(0, sys.argv[1]); import runner.driver_registry as r; from runner import"
            " command_line as c; before = r.read_drivers\n"
            "def read(*a):\n found = before(*a)\n"
            " found['ctypes'].command = [sys.executable, sys.argv[2], 'record', sys.argv[3]]\n return found\n"
            "r.read_drivers = read\nsys.exit(c.main(['run', '--driver', 'ctypes', 'suite']))"
        )
        command = [sys.executable, "-c", run, str(ROOT / "compat-tests"), __file__, folder]
        environment = {**os.environ, "KEELBACK_ENGINE": "kernel"}
        code = subprocess.run(command, cwd=ROOT / "compat-tests", env=environment).returncode
        lines = {line for part in Path(folder).iterdir() for line in part.read_text("utf-8").splitlines()}
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    print(f"{len(lines)} programs")
    return code


def digests(path: Path) -> dict[str, set[str]]:
    """The digests of each text (with mode and lifting)."""
    found: dict[str, set[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        *text, digest = json.loads(line)
        found.setdefault(json.dumps(text), set()).add(digest)
    return found


def compare(old: Path, new: Path) -> int:
    """Print the texts that differ; 1 if there are any. What only one has met (its cache knew less) is none."""
    before, after = digests(old), digests(new)
    common = before.keys() & after.keys()
    different = [text for text in sorted(common) if not (before[text] <= after[text] or after[text] <= before[text])]
    for text in different[:40]:
        print(text, before[text], after[text])
    print(f"{len(before)} texts before, {len(after)} after, {len(common)} in both, {len(different)} differ")
    return int(bool(different))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("file", type=Path)
    commands.add_parser("record").add_argument("folder")
    comparing = commands.add_parser("compare")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "record":
        record(arguments.folder)
        return 0
    return write(arguments.file) if arguments.command == "write" else compare(arguments.old, arguments.new)


if __name__ == "__main__":
    sys.exit(main())
