"""CPython's own tests of the `sqlite3` module, run on Keelback's libsqlite3.so.0.

    python tools/cpython_sqlite_tests.py [PYTHON]      PYTHON: default, the interpreter that .venv was made from

Prints how many passed and lists each test that did not, with the last line of its error. Exit code 1 if the tests could
not be run at all, or if half of them or fewer passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ROOT / "build" / "compat"
SUMMARY = re.compile(r"^Ran (\d+) tests", re.MULTILINE)


class Report:
    """What one run said. problems: test and last line of its error. ran, skipped: counts of tests."""

    def __init__(self, output: str) -> None:
        summary = SUMMARY.search(output)
        self.ran = int(summary.group(1)) if summary else 0
        self.problems: dict[str, str] = {}
        for block in re.split(r"^={20,}\n", output, flags=re.MULTILINE)[1:]:
            head = re.match(r"(?:FAIL|ERROR): (\w+) \(([\w.]+)\)", block)
            if head:
                body = block.split("\n----", 2)[1] if "\n----" in block else block
                lines = [line for line in body.splitlines() if re.match(r"^[\w.]+(Error|Exception|Warning)\b", line)]
                self.problems[head.group(2)] = lines[-1] if lines else "no message"
        skipped = re.search(r"skipped=(\d+)", output)
        self.skipped = int(skipped.group(1)) if skipped else 0

    @property
    def passed(self) -> int:
        """Tests that ran and had no failure."""
        return self.ran - self.skipped - len(self.problems)


def run_tests(python: str) -> tuple[Report, str]:
    """Run the tests; the report and the whole output."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        [python, "-m", "test", "-v", "test_sqlite3"],
        env=environment,
        cwd=ROOT / "build",
        capture_output=True,
        text=True,
        timeout=900,
    )
    output = result.stdout + result.stderr
    return Report(output), output


def base_interpreter() -> str:
    """The interpreter that the virtual environment was made from: it has the test package."""
    return os.path.realpath(sys.executable) if sys.prefix == sys.base_prefix else str(Path(sys._base_executable))


def main() -> int:
    python = sys.argv[1] if len(sys.argv) > 1 else base_interpreter()
    report, output = run_tests(python)
    if not report.ran:
        print(output[-3000:])
        print(f"CPython's sqlite3 tests could not be run with {python}")
        return 1
    for name, message in report.problems.items():
        print(f"  {name}: {message}")
    counted = report.ran - report.skipped
    print(
        f"CPython's test_sqlite3 on Keelback: {report.passed} of {counted} passed ({report.skipped} skipped by itself)"
    )
    return 0 if report.passed * 2 > counted else 1


if __name__ == "__main__":
    sys.exit(main())
