"""What crosses the border for an error.

Twin: core/kernel/engine/python_calls.cpp.
"""

from __future__ import annotations

import os
import sys

from keelback_core.engine.late_module import late_module
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, MESSAGES, NOMEM


def described(error: BaseException) -> tuple[int, str, int, int]:
    """Code, message, offset and tail of whatever was raised."""
    if isinstance(error, SqlError):
        return error.code, error.message, error.offset, error.tail
    if isinstance(error, MemoryError):
        return NOMEM, MESSAGES[NOMEM], -1, -1
    if os.environ.get("KEELBACK_TRACEBACK"):
        late_module("traceback").print_exception(type(error), error, error.__traceback__, file=sys.stderr)
    return ERROR, f"internal error: {type(error).__name__}: {error}", -1, -1
