"""How many statements of the suite both VMs answer alike: python core/tests/twin/vm_suite_report.py [-v]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "compat-tests"), str(Path(__file__).resolve().parent)]

from runner.suite_file import SuiteFileError, read_suite_file  # noqa: E402
from vm_twin import TwinConnection  # noqa: E402

SUITE = ROOT / "compat-tests" / "suite"
# What differs by its nature from run to run.
UNSTABLE = ("random", "now", "current_")
# What the engine does beside the VM, to its own database only: a case ends there.
ENGINE_WORK = ("VACUUM", "ATTACH", "DETACH")


class Report:
    """Counts of a suite file, or of all."""

    def __init__(self) -> None:
        self.compared = 0
        self.agreed = 0
        self.disagreements: list[str] = []


def compare_file(path: Path, report: Report, shows_text: bool = False) -> None:
    """Run the cases of a file on both twins, each case on fresh databases in memory."""
    suite_file = read_suite_file(path, path.stem)
    for case in suite_file.cases:
        twin = TwinConnection()
        try:
            for step in [*case.setup, *case.steps]:
                where = f"{path.parent.name}/{path.stem}"
                if step.sql.upper().startswith(ENGINE_WORK):
                    break
                if step.kind != "reopen" and not compare_statement(twin, step.sql, step.parameters, report, where):
                    break
        finally:
            twin.close()


def compare_statement(twin: TwinConnection, sql: str, values: Any, report: Report, where: str) -> bool:
    """False where the twins have gone apart."""
    outcomes = twin.run(sql, values)
    if outcomes is None:
        return True
    report.compared += 1
    mine, theirs = outcomes
    if mine == theirs or (mine.state == theirs.state and any(word in sql.lower() for word in UNSTABLE)):
        report.agreed += 1
        return True
    report.disagreements.append(f"{where}: {sql}\n    reference {mine}\n    kernel    {theirs}")
    return mine.state == theirs.state


def main(arguments: list[str]) -> int:
    total = Report()
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    for path in sorted(SUITE.rglob("*.kbt")):
        if wanted and not any(word in str(path) for word in wanted):
            continue
        try:
            compare_file(path, total)
        except SuiteFileError as error:
            print(path, error)
    for text in total.disagreements if "-v" in arguments else total.disagreements[:20]:
        print(text[:700])
    print(f"{total.agreed} of {total.compared} statements agree; {len(total.disagreements)} do not")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
