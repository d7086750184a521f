"""Connection.load_extension: shared libraries with functions in SQL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import keelback
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = tmp_path_factory.mktemp("extension") / "extension.so"
    source = ROOT / "core/tests/capi/programs/extension.c"
    include = ROOT / "bindings/c/include/keelback"
    subprocess.check_call(["gcc", "-shared", "-fPIC", f"-I{include}", str(source), "-o", str(made)])
    return str(made)


def test_a_loaded_extension_brings_its_functions(extension: str) -> None:
    with keelback.connect(":memory:") as connection:
        connection.enable_load_extension(True)
        connection.load_extension(extension)
        assert connection.execute("SELECT half(5), product(value) FROM numbers(5)").fetchone() == (2.5, 120)


def test_sql_may_load_where_it_is_allowed(extension: str) -> None:
    with keelback.connect(":memory:") as connection:
        connection.enable_load_extension(True)
        connection.execute("SELECT load_extension(?, 'stay')", (extension,))
        connection.enable_load_extension(False)
        assert connection.execute("SELECT stayed(3)").fetchone() == (1.5,)


def test_an_extension_is_refused_where_nobody_has_allowed_it(extension: str) -> None:
    with keelback.connect(":memory:") as connection:
        with pytest.raises(keelback.OperationalError, match="not authorized"):
            connection.load_extension(extension)
        connection.enable_load_extension(True)
        with pytest.raises(keelback.OperationalError, match="error during initialization: not on mondays"):
            connection.load_extension(extension, entrypoint="refuse")
