"""Which engine the library uses where KEELBACK_ENGINE is what it is now, and which form of the compiler.

python tools/engine_name.py [LIBRARY]      prints "kernel", "reference", "mirror" or "no library"
python tools/engine_name.py --compiler     prints "python", "mypyc" or why the one that is asked for cannot be had
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def engine_name(library: str | None = None) -> str:
    """What keelback_engine() of a library says; "no library" where it cannot be loaded."""
    path = library or os.environ.get("KEELBACK_LIBRARY", str(ROOT / "build" / "libkeelback.so"))
    try:
        ask = ctypes.CDLL(path).keelback_engine
    except (OSError, AttributeError):
        return "no library"
    ask.restype = ctypes.c_char_p
    name: bytes = ask()
    return name.decode()


def compiler_form() -> str:
    """The form of the compiler that a process started now would use (keelback_core/__init__.py)."""
    ask = subprocess.run(
        [sys.executable, "-c", "import keelback_core; print(keelback_core.COMPILER)"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "core")},
        capture_output=True,
        text=True,
    )
    return ask.stdout.strip() if ask.returncode == 0 else ask.stderr.strip().rpartition("\n")[2]


if __name__ == "__main__":
    print(compiler_form() if sys.argv[1:2] == ["--compiler"] else engine_name(*sys.argv[1:2]))
