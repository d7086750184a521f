"""Where things are: the repository and the parts of compat-tests."""

from __future__ import annotations

from pathlib import Path

COMPAT_TESTS = Path(__file__).resolve().parent.parent
REPOSITORY = COMPAT_TESTS.parent
SUITE = COMPAT_TESTS / "suite"
EXCUSED = COMPAT_TESTS / "excused"
DRIVERS_FILE = COMPAT_TESTS / "drivers.toml"
FEATURES_FILE = REPOSITORY / "core" / "spec" / "features.toml"
