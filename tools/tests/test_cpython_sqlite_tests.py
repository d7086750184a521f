"""CPython's own sqlite3 tests on our library (long), and the reading of their output."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tools.cpython_sqlite_tests import LIBRARIES, Report, base_interpreter

SAMPLE = """\
test_a (test.x.A.test_a) ... ok
test_b (test.x.A.test_b) ... ERROR

======================================================================
ERROR: test_b (test.x.A.test_b)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "x.py", line 1, in test_b
sqlite3.OperationalError: not supported yet: VACUUM

----------------------------------------------------------------------
Ran 4 tests in 0.1s

FAILED (errors=1, skipped=1)
"""


def test_the_report_counts_and_names_what_failed():
    report = Report(SAMPLE)
    assert (report.ran, report.skipped, report.passed) == (4, 1, 2)
    assert report.problems == {"test.x.A.test_b": "sqlite3.OperationalError: not supported yet: VACUUM"}


def test_output_without_a_summary_means_that_nothing_ran():
    assert Report("ModuleNotFoundError: No module named 'test'").ran == 0


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
def test_more_than_half_of_cpythons_sqlite3_tests_pass(capsys):
    has_tests = subprocess.run([base_interpreter(), "-c", "import test.test_sqlite3"], capture_output=True)
    if has_tests.returncode != 0:
        pytest.skip("this Python was installed without its test package")
    assert LIBRARIES.exists()
    result = subprocess.run([sys.executable, "tools/cpython_sqlite_tests.py"], capture_output=True, text=True)
    with capsys.disabled():
        print("\n" + result.stdout)
    assert result.returncode == 0
