"""Values of SQL: their order, conversions, operators, and their bytes in records. Imports nothing of Keelback.

`Value` is what every register, column and parameter holds: NULL None, INTEGER int (64 bits, never a bool), REAL
float (never NaN), TEXT str (bytes that are no valid UTF-8 as surrogate escapes), BLOB bytes.
"""

from __future__ import annotations

Value = int | float | str | bytes | None
