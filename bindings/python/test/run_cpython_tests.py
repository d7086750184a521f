"""CPython's own tests of sqlite3, run on keelback: a measure, printed as counts.

    run_cpython_tests.py [-v] [PART ...]

PART is one of backup dbapi dump factory hooks regression transactions types userfunctions.

The tests are those of the running Python's `test.test_sqlite3`, imported while the name `sqlite3` stands for keelback.
The exit status is 0 whatever fails.
"""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import keelback
import keelback.dbapi2
import keelback.dump

PARTS = ("backup", "dbapi", "dump", "factory", "hooks", "regression", "transactions", "types", "userfunctions")


def stand_in() -> None:
    """Give keelback the names under which the tests look for sqlite3."""
    sys.modules["sqlite3"] = keelback
    sys.modules["sqlite3.dbapi2"] = keelback.dbapi2
    sys.modules["sqlite3.dump"] = keelback.dump
    sys.modules["_sqlite3"] = keelback


def main(arguments: list[str]) -> None:
    stand_in()
    is_verbose = "-v" in arguments
    chosen = [part for part in arguments if part in PARTS] or list(PARTS)
    totals = [0, 0, 0]
    print(
        f"tests of CPython {sys.version.split()[0]} on keelback {keelback.__version__}",
        f"(SQLite {keelback.sqlite_version})",
    )
    for part in chosen:
        loader = unittest.TestLoader()
        suite = loader.loadTestsFromName(f"test.test_sqlite3.test_{part}")
        result = unittest.TestResult()
        suite.run(result)
        # A test with subtests may appear several times among the failures.
        bad = {getattr(test, "test_case", test).id(): text for test, text in result.failures + result.errors}
        passed = result.testsRun - len(bad) - len(result.skipped)
        totals = [totals[0] + passed, totals[1] + len(bad), totals[2] + len(result.skipped)]
        print(f"{part:14} {passed:4} passed {len(bad):4} failed {len(result.skipped):4} skipped", flush=True)
        for name, text in bad.items():
            print(f"    {name}: {text.strip().splitlines()[-1]}")
            if is_verbose:
                print(text)
    print(f"{'all':14} {totals[0]:4} passed {totals[1]:4} failed {totals[2]:4} skipped")


if __name__ == "__main__":
    main(sys.argv[1:])
