"""Connections and statements: the only room that knows both towers, the compiler and the machine.

`Connection` and `Statement` are those of the reference, imported when first named: the kernel's path through this
package must not pay for them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.connection import Connection
    from keelback_core.engine.statement import Statement

__all__ = ["Connection", "Statement"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = f"{__name__}.{name.lower()}"
    __import__(module)
    return getattr(sys.modules[module], name)
