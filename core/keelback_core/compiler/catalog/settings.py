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


# Where a name in double quotes stands that is no column: in a statement, in a definition that is being made, and in one
# that is stored.
QUOTED_IN_STATEMENT: Final = 0
QUOTED_IN_NEW_DEFINITION: Final = 1
QUOTED_IN_STORED_DEFINITION: Final = 2


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
        "enables_triggers",
        "enables_views",
        "fires_key_actions",
        "attaches_new_files",
        "attaches_writable",
        "resets_database",
        "hides_virtual_tables",
        "writable_schema",
        "defer_foreign_keys",
        "full_column_names",
        "short_column_names",
        "count_changes",
        "legacy_alter_table",
        "analysis_limit",
        "has_preupdate_hook",
        "encoding",
        "file_pragma",
        "is_memory",
        "paths",
        "compile_options",
        "limits",
        "parse_limits",
        "log",
        "warnings_told",
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
        # Off: only triggers of temp fire; only views of temp can be read.
        self.enables_triggers = True
        self.enables_views = True
        # Off: what foreign keys do counts as NO ACTION (SQLITE_CHANGESETAPPLY_FKNOACTION).
        self.fires_key_actions = True
        # Off: ATTACH makes no files; opens all for reading only.
        self.attaches_new_files = True
        self.attaches_writable = True
        # VACUUM leaves an empty database.
        self.resets_database = False
        # Names of virtual tables mean nothing (SQLITE_PREPARE_NO_VTAB).
        self.hides_virtual_tables = False
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
        # Lets the file of a database answer a PRAGMA: (number, name, value) give a result code and a text; None: none
        # can.
        self.file_pragma: Callable[[int, str, str | None], tuple[int, str | None]] | None = None
        # Facts that pragmas show: whether main is in memory, (number, name, path) of the databases, build options.
        self.is_memory = False
        self.paths: Callable[[], list[tuple[int, str, str]]] | None = None
        self.compile_options: tuple[str, ...] = ()
        self.limits = list(LIMIT_DEFAULTS)
        # Those of `limits` that the parser looks at.
        self.parse_limits = ParseLimits()
        # Told, with a result code and a text, of what is noteworthy in a statement; and how often it was.
        self.log: Callable[[int, str], object] | None = None
        self.warnings_told = 0

    def warn(self, code: int, message: str) -> None:
        """Tell the log, if there is one, and count."""
        if self.log is not None:
            self.warnings_told += 1
            self.log(code, message)

    def takes_for_strings(self, place: int) -> bool:
        """Whether names in double quotes that are no columns are strings, in one of the places QUOTED_IN_..."""
        if place == QUOTED_IN_NEW_DEFINITION:
            return self.dqs_ddl or (self.writable_schema and self.dqs_dml)
        return place == QUOTED_IN_STORED_DEFINITION or self.dqs_dml

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
