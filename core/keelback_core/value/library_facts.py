"""What the library tells about itself: the release of SQLite that it behaves like, and its build options."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# The release of SQLite whose behaviour this is. Programs test it to know which features they may use.
SQLITE_VERSION: Final = "3.54.1"
SQLITE_SOURCE_ID: Final = "2026-10-16 14:45:20 555e07ef33f69a0957d24d8e555b702464a131d6f1607f4c3c1e4551e8e6ca76"

COMPILE_OPTIONS: Final = (
    "DEFAULT_CACHE_SIZE=-2000",
    "DEFAULT_FILE_FORMAT=4",
    "DEFAULT_PAGE_SIZE=4096",
    "DEFAULT_SYNCHRONOUS=2",
    "ENABLE_COLUMN_METADATA",
    "ENABLE_MATH_FUNCTIONS",
    "LIKE_DOESNT_MATCH_BLOBS",
    "MAX_COLUMN=2000",
    "MAX_COMPOUND_SELECT=500",
    "MAX_EXPR_DEPTH=1000",
    "MAX_FUNCTION_ARG=1000",
    "MAX_LENGTH=1000000000",
    "MAX_LIKE_PATTERN_LENGTH=50000",
    "MAX_PAGE_SIZE=65536",
    "MAX_SQL_LENGTH=1000000000",
    "MAX_VARIABLE_NUMBER=32766",
    "OMIT_SHARED_CACHE",
    "TEMP_STORE=1",
    "THREADSAFE=1",
)
