"""Each allocation of a statement fails once: SQLITE_NOMEM, and the connection goes on (programs/out_of_memory.c)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, ROOT

PROGRAM = Path(__file__).parent / "programs" / "out_of_memory.c"


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize("place", ["memory", "file"])
def test_every_allocation_may_fail(tmp_path: Path, place: str) -> None:
    program = tmp_path / "out_of_memory"
    include = ROOT / "bindings/c/include"
    subprocess.run(
        ["cc", "-O1", f"-I{include}", PROGRAM, "-o", program, f"-L{BUILD}", "-lkeelback", "-ldl"], check=True
    )
    child = subprocess.run(
        [program, ":memory:" if place == "memory" else tmp_path / "t.db"],
        env={**os.environ, "LD_LIBRARY_PATH": str(BUILD), "KEELBACK_ENGINE": "kernel"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stdout + child.stderr
    assert child.stdout.startswith("ok, ") and "200 rows" in child.stdout
