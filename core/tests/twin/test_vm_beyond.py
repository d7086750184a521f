"""Both VMs answer alike where real SQLite has no answer; the answers in the files are not looked at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "compat-tests"))

from vm_suite_report import Report, compare_file

FILES = sorted((Path(__file__).parent / "beyond").glob("*.kbt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_both_vms_answer_alike(path: Path) -> None:
    report = Report()
    compare_file(path, report)
    assert report.disagreements == []
    assert report.agreed > 20
