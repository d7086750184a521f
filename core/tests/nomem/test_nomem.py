"""Out of memory: every n-th allocation of the library fails in turn, and the C program `scenarios.c` watches.

The ordinary run takes the first scenarios; make test-long all of them.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build"))
HERE = Path(__file__).parent
SCENARIOS = re.findall(r'^    \{"(\w+)",\s+\{"', (HERE / "scenarios.c").read_text(encoding="utf-8"), re.MULTILINE)
SHORT = ("point", "insert", "transaction", "wal", "blob")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `scenarios`, linked to the library, and failing_malloc.so."""
    folder = tmp_path_factory.mktemp("nomem")
    preload = folder / "failing_malloc.so"
    flags = ["-O1", "-g", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *flags, "-shared", "-fPIC", HERE / "failing_malloc.c", "-o", preload, "-ldl"], check=True)
    subprocess.run(
        [
            *("gcc", *flags, f"-I{ROOT}/bindings/c/include", HERE / "scenarios.c", "-o", folder / "scenarios"),
            *(preload, f"-L{BUILD}", "-lkeelback", f"-Wl,-rpath,{BUILD},-rpath,{folder}"),
        ],
        check=True,
    )
    return folder


@pytest.mark.parametrize("place", ["file", "memory"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_failing_allocation_gives_nomem_and_a_usable_connection(
    scenario: str, place: str, programs: Path, tmp_path: Path
) -> None:
    if scenario not in SHORT and not os.environ.get("KEELBACK_LONG"):
        pytest.skip("part of make test-long")
    child = subprocess.run(
        [programs / "scenarios", tmp_path / "nomem.db" if place == "file" else ":memory:", scenario],
        env={**os.environ, "LD_PRELOAD": str(programs / "failing_malloc.so"), "KEELBACK_ENGINE": "kernel"},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert child.returncode == 0, child.stdout[-2000:] + child.stderr[-2000:]
    counts = [int(found) for found in re.findall(r": (\d+) allocations", child.stdout)]
    assert len(counts) == 2 and counts[0] > 0, child.stdout
