"""The identity of a connection's settings: equal for two connections exactly where the same text, compiled against the
same schemas, gives the same program on both.

`defer_foreign_keys` is left out, because the end of a transaction changes it in C++, which adds it to its keys.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.user_functions import UserFunctions

# The attributes of Settings that programs depend on, beside the limits.
PARTS = (
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
    "hides_virtual_tables",
    "writable_schema",
    "full_column_names",
    "short_column_names",
    "count_changes",
    "legacy_alter_table",
    "analysis_limit",
    "has_preupdate_hook",
    "encoding",
)
# Those that are no part: what C++ knows itself, what only pragmas show (programs of pragmas are not kept), what ATTACH
# and VACUUM look at when they run, and the limits and the log, which have entries of their own.
NO_PARTS = (
    "defer_foreign_keys",
    "file_pragma",
    "is_memory",
    "paths",
    "compile_options",
    "limits",
    "parse_limits",
    "attaches_new_files",
    "attaches_writable",
    "resets_database",
    "log",
    "warnings_told",
)


def settings_identity(settings: Settings, functions: UserFunctions) -> bytes:
    """Empty for settings that nobody has changed."""
    default = Settings()
    parts = []
    for name in PARTS:
        if getattr(settings, name) != getattr(default, name):
            parts.append(f"{name}={getattr(settings, name)}")
    for number, value in enumerate(settings.limits):
        if value != default.limits[number]:
            parts.append(f"limit {number}={value}")
    if settings.log is not None:
        parts.append("log")
    for function in functions.functions.values():
        facts = f"{function.flags} {int(function.is_aggregate)} {int(function.is_window)}"
        parts.append(f"function {function.argument_count} {facts} {fold_name(function.name)!r}")
    # In their order, which decides what PRAGMA collation_list and a first match show.
    for name in functions.collations:
        parts.append(f"collation {name!r}")
    parts += functions.virtual_tables.identities()
    return "\n".join(parts).encode("utf-8", "surrogateescape")
