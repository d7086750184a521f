"""The modules that every connection has: which there are from the start, which when somebody asks for them.

A module's file is imported when the module is first used: most connections use none.
"""

from __future__ import annotations

from keelback_core.engine.late_module import late_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.protocol import Module

_HERE = "keelback_core.engine.modules."
_VM = "keelback_core.reference.vm.modules."

# Known from the start, and listed by PRAGMA module_list.
FIRST_MODULES = ("generate_series", "csv", "sqlite_dbpage", "dbstat", "bytecode", "tables_used")
# Registered when first used.
LATE_MODULES = ("json_each", "json_tree", "jsonb_each", "jsonb_tree")


def shipped_module(key: str, connection: CompilerSession) -> Module | None:
    """A module of ours by its folded name, made for a connection; None if there is none of this name."""
    made: Module
    if key in LATE_MODULES:
        made = late_module(_VM + "json_each").JsonModule(key.endswith("_tree"), key.startswith("jsonb"))
    elif key == "generate_series":
        made = late_module(_VM + key).SeriesModule()
    elif key == "csv":
        made = late_module(_HERE + "csv").CsvModule(connection)
    elif key == "sqlite_dbpage":
        made = late_module(_HERE + "dbpage").PageModule(connection)
    elif key == "dbstat":
        made = late_module(_HERE + "dbstat").StatModule(connection)
    elif key in ("bytecode", "tables_used"):
        made = late_module(_HERE + "bytecode").ProgramModule(connection, key == "tables_used")
    elif key.startswith("pragma_"):
        found: Module | None = late_module(_HERE + "pragma").pragma_module(key, connection)
        return found
    else:
        return None
    return made
