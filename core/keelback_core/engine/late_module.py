"""Modules that are imported when they are first needed, because most processes never need them and every one would pay.

Only for what no layer forbids: a plain import at the top would be allowed too.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def late_module(name: str) -> Any:
    """The module of this full name."""
    __import__(name)
    return sys.modules[name]
