"""Both VMs answer the statements of the conformance suite alike: rows, errors, changes() and transaction state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "compat-tests"))

from vm_suite_report import SUITE, Report, compare_file

FILES = sorted(SUITE.rglob("*.kbt"))


def test_there_are_suite_files() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_vms_answer_alike(path: Path) -> None:
    report = Report()
    compare_file(path, report)
    assert report.disagreements == []
