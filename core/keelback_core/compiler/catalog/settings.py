"""Settings: what a connection lets be set that changes how a statement is compiled.

One object per connection, changed only by `engine`; the compiler reads it.

Must not know: storage, the VM. Limits: https://sqlite.org/c3ref/c_limit_attached.html
"""

from __future__ import annotations

from keelback_core.compiler.sql.parser.parse_limits import ParseLimits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

LIMIT_LENGTH: Final = 0
LIMIT_SQL_LENGTH: Final = 1
LIMIT_COLUMN: Final = 2
LIMIT_EXPR_DEPTH: Final = 3
LIMIT_COMPOUND_SELECT: Final = 4
LIMIT_VDBE_OP: Final = 5
LIMIT_FUNCTION_ARG: Final = 6
LIMIT_ATTACHED: Final = 7
LIMIT_LIKE_PATTERN_LENGTH: Final = 8
LIMIT_VARIABLE_NUMBER: Final = 9
LIMIT_TRIGGER_DEPTH: Final = 10
LIMIT_WORKER_THREADS: Final = 11
LIMIT_PARSER_DEPTH: Final = 12
LIMIT_SCHEMA: Final = 13

# The value at open and the hard maximum of each limit, by its number.
LIMIT_DEFAULTS: Final = (
    1_000_000_000, 1_000_000_000, 2000, 1000, 500, 250_000_000, 1000, 125, 50_000, 32766, 1000, 0, 2500, 10_000_000,
)  # fmt: skip
LIMIT_MAXIMA: Final = (
    1_000_000_000, 1_000_000_000, 2000, 1000, 500, 250_000_000, 1000, 125, 50_000, 32766, 1000, 8, 2500, 10_000_000,
)  # fmt: skip


class Settings:
    """Switches and limits of one connection. dqs_dml, dqs_ddl: a double-quoted name that is no column is a string."""

    __slots__ = (
        "foreign_keys",
        "recursive_triggers",
        "case_sensitive_like",
        "ignore_check_constraints",
        "dqs_dml",
        "dqs_ddl",
        "reverse_unordered_selects",
        "automatic_index",
        "query_only",
        "trusted_schema",
        "defensive",
        "writable_schema",
        "defer_foreign_keys",
        "full_column_names",
        "short_column_names",
        "count_changes",
        "legacy_alter_table",
        "analysis_limit",
        "has_preupdate_hook",
        "encoding",
        "is_memory",
        "paths",
        "compile_options",
        "limits",
        "parse_limits",
    )

    def __init__(self) -> None:
        self.foreign_keys = False
        self.recursive_triggers = False
        self.case_sensitive_like = False
        self.ignore_check_constraints = False
        self.dqs_dml = True
        self.dqs_ddl = True
        self.reverse_unordered_selects = False
        self.automatic_index = True
        self.query_only = False
        self.trusted_schema = True
        # Shadow tables can only be read (SQLITE_DBCONFIG_DEFENSIVE).
        self.defensive = False
        self.writable_schema = False
        self.defer_foreign_keys = False
        self.full_column_names = False
        self.short_column_names = True
        self.count_changes = False
        self.legacy_alter_table = False
        self.analysis_limit = 0
        # Rows are shown to a hook before they change.
        self.has_preupdate_hook = False
        # Text encoding of a database that is still to be made: 1 UTF-8, 2 UTF-16le, 3 UTF-16be.
        self.encoding = 1
        # Facts that pragmas show: whether main is in memory, (number, name, path) of the databases, build options.
        self.is_memory = False
        self.paths: Callable[[], list[tuple[int, str, str]]] | None = None
        self.compile_options: tuple[str, ...] = ()
        self.limits = list(LIMIT_DEFAULTS)
        # Those of `limits` that the parser looks at.
        self.parse_limits = ParseLimits()

    def set_limit(self, number: int, value: int) -> None:
        """Set a limit, which is known to be in range."""
        limits = self.limits
        limits[number] = value
        self.parse_limits = ParseLimits(
            limits[LIMIT_EXPR_DEPTH],
            limits[LIMIT_COMPOUND_SELECT],
            limits[LIMIT_FUNCTION_ARG],
            limits[LIMIT_PARSER_DEPTH],
            limits[LIMIT_VARIABLE_NUMBER],
        )
