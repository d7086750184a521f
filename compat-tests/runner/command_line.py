"""The runner's command line.

run      run suite files on drivers, print what differs   python -m runner run --driver reference suite/select
rewrite  fill in the answers from real SQLite             python -m runner rewrite suite/order/by.kbt
list     the cases, one a line
count    how many cases, by area
slt      run sqllogictest files (.test, .slt) on drivers, print what differs; --rewrite: answers from real SQLite
matrix   feature id -> drivers on which every case passes, as JSON (COMPAT.md is generated from it)
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from runner import sqllogictest
from runner.driver_client import DriverClient, DriverDied, DriverFault
from runner.driver_registry import DriverEntry, drivers_are_required, read_drivers, selected_drivers
from runner.execution import collect_answers
from runner.suite_file import SuiteFileError, rewritten_text
from runner.suite_run import (
    excuses_of,
    excuses_without_case,
    feature_ids,
    load,
    run_file,
    strays,
    suite_name,
    suite_paths,
)


def main(arguments: list[str]) -> int:
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(prog="runner", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("run", "run suite files on drivers"),
        ("rewrite", "fill in the answers from real SQLite"),
        ("list", "print the cases"),
        ("count", "print how many cases there are, by area"),
        ("slt", "run sqllogictest files on drivers"),
        ("matrix", "print which drivers pass each feature, as JSON"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("paths", nargs="*")
        if name in ("run", "slt", "matrix", "rewrite"):
            command.add_argument("--driver", default="sqlite" if name == "rewrite" else None)
        if name == "slt":
            command.add_argument("--rewrite", action="store_true", help="fill in the answers from real SQLite")
        if name == "run":
            command.add_argument("--rewrite", action="store_true", help="the same as the command rewrite")
            command.add_argument("-q", "--quiet", action="store_true", help="print counts only")
    options = parser.parse_args(arguments)
    try:
        if options.command == "slt" and options.rewrite:
            return _complete_sqllogictest(options.paths)
        if options.command == "rewrite" or getattr(options, "rewrite", False):
            return _rewrite(options.driver or "sqlite", options.paths)
        if options.command == "run":
            return _run(options.driver, options.paths, options.quiet)
        if options.command == "slt":
            return _run_sqllogictest(options.driver, options.paths)
        if options.command == "matrix":
            return _matrix(options.driver, options.paths)
        return _list(options.paths) if options.command == "list" else _count(options.paths)
    except (SuiteFileError, KeyError) as problem:
        print(problem.args[0], file=sys.stderr)
        return 2


def _rewrite(driver: str, paths: list[str]) -> int:
    if driver != "sqlite":
        print("expectations are rewritten from real SQLite only (--driver sqlite)", file=sys.stderr)
        return 2
    client = DriverClient(read_drivers()["sqlite"])
    status = 0
    for path in suite_paths(paths):
        suite_file = load(path, complete=False)
        try:
            client.start()
            text = rewritten_text(suite_file, collect_answers(client, suite_file))
        except (DriverDied, DriverFault) as trouble:
            print(f"{suite_file.path}: {trouble}", file=sys.stderr)
            client.stop()
            status = 1
            continue
        if text != "\n".join(suite_file.lines):
            path.write_text(text, encoding="utf-8")
            print(f"rewritten: {suite_file.path}")
    client.stop()
    return status


def _start(entry: DriverEntry) -> DriverClient | None:
    """A running client, or None after saying loudly why the driver is not run."""
    missing = entry.missing()
    client = DriverClient(entry)
    try:
        if missing:
            raise DriverDied(f"missing: {', '.join(missing)}")
        hello = client.start()
    except (DriverDied, DriverFault) as trouble:
        print(f"*** NOT RUN: driver {entry.name}: {trouble}\n*** to build it: {entry.hint}")
        return None
    print(f"driver {entry.name}: {hello.name} {hello.version}, language {hello.language}, engine {hello.engine}")
    return client


def _run(drivers: str | None, paths: list[str], quiet: bool) -> int:
    files = [(path, load(path)) for path in suite_paths(paths)]
    status = 0
    for entry in selected_drivers(drivers):
        client = _start(entry)
        if client is None:
            status = 1 if drivers_are_required() else status
            continue
        excuses = excuses_of(entry.name)
        counts: Counter[str] = Counter()
        for path, suite_file in files:
            result = run_file(client, suite_file, str(path), excuses)
            counts["passed"] += len(result.passed)
            counts["excused"] += len(result.excused)
            counts["failed"] += len(result.failures) + len(result.unexpected_passes)
            if not result.is_good and not quiet:
                print(result.text() + "\n")
        client.stop()
        if not paths:
            for key in excuses_without_case(entry.name, [suite_file for _, suite_file in files]):
                print(f"excused/{entry.name}.toml names no case: {key}")
                counts["failed"] += 1
        print(f"{entry.name}: {counts['passed']} passed, {counts['failed']} failed, {counts['excused']} excused")
        status = 1 if counts["failed"] else status
    for stray in strays() if not paths else []:
        print(f"a file that nobody runs: {stray}")
        status = 1
    return status


def _run_sqllogictest(drivers: str | None, paths: list[str]) -> int:
    status = 0
    for entry in selected_drivers(drivers):
        client = _start(entry)
        if client is None:
            status = 1 if drivers_are_required() else status
            continue
        problems = [problem for path in paths for problem in sqllogictest.run_file(client, Path(path))]
        client.stop()
        print("\n".join([*problems, f"{entry.name}: {len(paths)} files, {len(problems)} differences"]))
        status = 1 if problems else status
    return status


def _complete_sqllogictest(paths: list[str]) -> int:
    client = DriverClient(read_drivers()["sqlite"])
    for path in [Path(name) for name in paths] or sqllogictest.own_files():
        path.write_text(sqllogictest.completed_text(client, path), encoding="utf-8")
    client.stop()
    return 0


def _matrix(drivers: str | None, paths: list[str]) -> int:
    files = [(path, load(path)) for path in suite_paths(paths)]
    passing: dict[str, list[str]] = {identifier: [] for identifier in feature_ids()}
    cases: dict[str, int] = Counter(need for _, suite_file in files for case in suite_file.cases for need in case.needs)
    for entry in selected_drivers(drivers):
        if entry.missing():
            continue
        client = DriverClient(entry)
        good: set[str] = set()
        for path, suite_file in files:
            good.update(run_file(client, suite_file, str(path), {}).passed if _can_start(client) else ())
        client.stop()
        failed = {
            need for _, suite_file in files for case in suite_file.cases if case.key not in good for need in case.needs
        }
        for identifier, names in passing.items():
            if cases.get(identifier) and identifier not in failed:
                names.append(entry.name)
    json.dump(
        {name: {"cases": cases.get(name, 0), "drivers": found} for name, found in passing.items()}, sys.stdout, indent=1
    )
    print()
    return 0


def _can_start(client: DriverClient) -> bool:
    try:
        client.start()
    except (DriverDied, DriverFault):
        return False
    return True


def _list(paths: list[str]) -> int:
    for path in suite_paths(paths):
        for case in load(path, complete=False).cases:
            print(case.key)
    return 0


def _count(paths: list[str]) -> int:
    counts: Counter[str] = Counter()
    for path in suite_paths(paths):
        counts[suite_name(path).split("/")[0]] += len(load(path, complete=False).cases)
    for area, count in sorted(counts.items()):
        print(f"{count:5} {area}")
    print(f"{sum(counts.values()):5} cases")
    return 0
