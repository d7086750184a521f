"""What an authorizer is asked about, and what it may answer.

Spec: https://sqlite.org/c3ref/c_alter_table.html.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    Authorizer = Callable[[int, "str | None", "str | None", "str | None", "str | None"], int]


# Action codes of the authorizer, https://sqlite.org/c3ref/c_alter_table.html
ACTION_CREATE_INDEX: Final = 1
ACTION_CREATE_TABLE: Final = 2
ACTION_CREATE_TEMP_INDEX: Final = 3
ACTION_CREATE_TEMP_TABLE: Final = 4
ACTION_CREATE_TEMP_TRIGGER: Final = 5
ACTION_CREATE_TEMP_VIEW: Final = 6
ACTION_CREATE_TRIGGER: Final = 7
ACTION_CREATE_VIEW: Final = 8
ACTION_DELETE: Final = 9
ACTION_DROP_INDEX: Final = 10
ACTION_DROP_TABLE: Final = 11
ACTION_DROP_TEMP_INDEX: Final = 12
ACTION_DROP_TEMP_TABLE: Final = 13
ACTION_DROP_TEMP_TRIGGER: Final = 14
ACTION_DROP_TEMP_VIEW: Final = 15
ACTION_DROP_TRIGGER: Final = 16
ACTION_DROP_VIEW: Final = 17
ACTION_INSERT: Final = 18
ACTION_PRAGMA: Final = 19
ACTION_READ: Final = 20
ACTION_SELECT: Final = 21
ACTION_TRANSACTION: Final = 22
ACTION_UPDATE: Final = 23
ACTION_ATTACH: Final = 24
ACTION_DETACH: Final = 25
ACTION_ALTER_TABLE: Final = 26
ACTION_REINDEX: Final = 27
ACTION_ANALYZE: Final = 28
ACTION_CREATE_VTABLE: Final = 29
ACTION_DROP_VTABLE: Final = 30
ACTION_FUNCTION: Final = 31
ACTION_SAVEPOINT: Final = 32
ACTION_RECURSIVE: Final = 33
DENY: Final = 1
IGNORE: Final = 2
# What is asked once about a change of the schema.
SCHEMA_CHANGES: Final = (*range(1, 9), *range(10, 18), ACTION_ALTER_TABLE, ACTION_CREATE_VTABLE, ACTION_DROP_VTABLE)
TRIGGER_CHANGES: Final = (
    ACTION_CREATE_TRIGGER,
    ACTION_CREATE_TEMP_TRIGGER,
    ACTION_DROP_TRIGGER,
    ACTION_DROP_TEMP_TRIGGER,
)
