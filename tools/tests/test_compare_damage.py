"""tools/compare_damage.py: it answers for damaged files of each kind, and tells a difference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.compare_damage import Report

ROOT = Path(__file__).resolve().parents[2]


# Seeds on which the engines once differed: a VACUUM that copies a damaged record, and a cursor that such a VACUUM left.
@pytest.mark.parametrize(("kind", "seed"), [("database", 1057), ("database", 1100), ("wal", 7), ("journal", 7)])
def test_the_engines_agree_on_a_damaged_file(kind: str, seed: int) -> None:
    command = [sys.executable, "tools/compare_damage.py", "--kind", kind, "--seed", str(seed), "--files", "1"]
    found = subprocess.run([*command, "--sides", "kernel,reference,mirror"], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_difference_is_told() -> None:
    report = Report()
    answers = {"kernel": [[0, "", "()"], [0, "", "()"]], "reference": [[11, "bad", "()"], [0, "", "()"]]}
    report.compare(1, ["SELECT 1"], answers)
    assert len(report.faults) == 1 and report.faults[0].startswith("seed 1: SELECT 1")
