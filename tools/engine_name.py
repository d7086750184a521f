"""Which engine the library uses where KEELBACK_ENGINE is what it is now.

python tools/engine_name.py [LIBRARY]      prints "kernel", "reference", "mirror" or "no library"
"""

from __future__ import annotations

import ctypes
import os
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


if __name__ == "__main__":
    print(engine_name(*sys.argv[1:2]))
