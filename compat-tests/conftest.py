"""pytest glue of the conformance suite: the path, the header, and the drivers that were not run.

`suite` is parametrised by (driver, file); see test_suite.py. KEELBACK_DRIVERS=sqlite,reference selects drivers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from runner.driver_registry import selected_drivers


def pytest_report_header() -> list[str]:
    """Engine, library and drivers: which of them are there."""
    engine = os.environ.get("KEELBACK_ENGINE", "the library's default")
    lines = [f"keelback: engine {engine}, library {os.environ.get('KEELBACK_LIBRARY', 'build/libkeelback.so')}"]
    for entry in selected_drivers():
        missing = entry.missing()
        lines.append(
            f"  driver {entry.name}: " + (f"NOT BUILT (missing {', '.join(missing)})" if missing else "present")
        )
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once more, loudly, which drivers were not run."""
    for entry in selected_drivers():
        if entry.missing():
            terminalreporter.write_line(
                f"*** NOT RUN: driver {entry.name}: missing {', '.join(entry.missing())}; {entry.hint}", red=True
            )
