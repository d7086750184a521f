"""Puts core and this folder on the path; a connection on both VMs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from vm_twin import TwinConnection  # noqa: E402


@pytest.fixture
def twin() -> Iterator[TwinConnection]:
    connection = TwinConnection()
    yield connection
    connection.close()
