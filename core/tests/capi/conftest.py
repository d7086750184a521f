"""Fixtures of the C API tests (see capi_support.py)."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from capi_support import BUILD, REAL, Database, load


@pytest.fixture(scope="session")
def library() -> ctypes.CDLL:
    path = BUILD / "libkeelback.so.0"
    assert path.exists(), f"{path} is not built: cmake --build build"
    return load(path)


@pytest.fixture(scope="session")
def real() -> ctypes.CDLL:
    return load(REAL)


@pytest.fixture
def database(library: ctypes.CDLL):
    database = Database(library)
    yield database
    library.sqlite3_close_v2(database.handle)
