"""The modules that every connection has: which there are from the start, which when somebody asks for them."""

from __future__ import annotations

from keelback_core.engine.modules.bytecode import ProgramModule
from keelback_core.engine.modules.csv import CsvModule
from keelback_core.engine.modules.dbpage import PageModule
from keelback_core.engine.modules.dbstat import StatModule
from keelback_core.reference.vm.modules.generate_series import SeriesModule
from keelback_core.reference.vm.modules.json_each import JsonModule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.protocol import Module

    MakeModule = Callable[[CompilerSession], Module]


def _series(connection: CompilerSession) -> Module:
    return SeriesModule()


def _bytecode(connection: CompilerSession) -> Module:
    return ProgramModule(connection, False)


def _tables_used(connection: CompilerSession) -> Module:
    return ProgramModule(connection, True)


def _json_each(connection: CompilerSession) -> Module:
    return JsonModule(False, False)


def _json_tree(connection: CompilerSession) -> Module:
    return JsonModule(True, False)


def _jsonb_each(connection: CompilerSession) -> Module:
    return JsonModule(False, True)


def _jsonb_tree(connection: CompilerSession) -> Module:
    return JsonModule(True, True)


# Known from the start, and listed by PRAGMA module_list.
FIRST_MODULES: dict[str, MakeModule] = {
    "generate_series": _series,
    "csv": CsvModule,
    "sqlite_dbpage": PageModule,
    "dbstat": StatModule,
    "bytecode": _bytecode,
    "tables_used": _tables_used,
}
# Registered when first used, by folded name.
LATE_MODULES: dict[str, MakeModule] = {
    "json_each": _json_each,
    "json_tree": _json_tree,
    "jsonb_each": _jsonb_each,
    "jsonb_tree": _jsonb_tree,
}
