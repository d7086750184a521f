"""What a profile of the compiled tower is made of: every statement of the conformance suite, prepared and run once.

    mypyc_training.py LIBRARY BUILD    the library, and the folder of a build that counts (mypyc_build.py --profile)

1. The suite says what people write, and nothing here is chosen by what bench/prepare_cost.py measures.
2. All of it happens in this process: it writes the counts as it ends.
3. A case has a database in memory of its own. Steps of a second connection are left out, and so are parameters:
   neither changes what is compiled. Answers are not looked at, as the suite's own run does that.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "compat-tests" / "suite"
sys.path.insert(0, str(ROOT / "compat-tests"))

import keelback_core  # noqa: E402
from runner.suite_file import Step, read_suite_file  # noqa: E402

ROW = 100
# A statement that never ends by itself is left after so many rows.
MOST_ROWS = 100


def run(library: ctypes.CDLL, database: ctypes.c_void_p, sql: str) -> None:
    """Prepare the first statement of a text, and run it."""
    statement = ctypes.c_void_p()
    library.sqlite3_prepare_v2(database, sql.encode("utf-8", "surrogateescape"), -1, ctypes.byref(statement), None)
    if statement:
        rows = 0
        while library.sqlite3_step(statement) == ROW and rows < MOST_ROWS:
            rows += 1
        library.sqlite3_finalize(statement)


def run_case(library: ctypes.CDLL, steps: list[Step]) -> int:
    """Run steps on a new database; how many there were."""
    database = ctypes.c_void_p()
    library.sqlite3_open(b":memory:", ctypes.byref(database))
    own = [step for step in steps if step.kind == "statement" and step.connection == ""]
    for step in own:
        run(library, database, step.sql)
    library.sqlite3_close(database)
    return len(own)


def main() -> int:
    # As keelback_core itself takes a build, which has to be complete for that.
    sys.path.append(sys.argv[2])
    keelback_core.__path__.insert(0, str(Path(sys.argv[2]) / "keelback_core"))
    library = ctypes.CDLL(sys.argv[1])
    count = 0
    for path in sorted(SUITE.rglob("*.kbt")):
        for case in read_suite_file(path, path.name).cases:
            if not case.needs_file:
                count += run_case(library, [*case.setup, *case.steps])
    print(f"{count} statements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
