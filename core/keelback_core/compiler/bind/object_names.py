"""Checks of the names that CREATE and DROP give: which database, reserved names, names in use.

Must not know: registers. Source: https://sqlite.org/lang_createtable.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table


def target_database(catalog: Catalog, schema: str | None, is_temporary: bool, what: str) -> int:
    """The number of the database in which an object is to be made."""
    if schema is not None:
        number = catalog.database_number(schema)
        if number is None:
            raise TokenError("unknown database ", "schema", schema)
        if is_temporary and number != 1:
            raise SqlError(ERROR, f"{what} name must be unqualified")
        return number
    return 1 if is_temporary else 0


def check_reserved(catalog: Catalog, name: str) -> None:
    """Names that begin with sqlite_ belong to the library."""
    is_own = fold_name(name).startswith("sqlite_")
    if not catalog.settings.writable_schema and (is_own or catalog.protects(name)):
        raise SqlError(ERROR, f"object name reserved for internal use: {name}")


def ask_for_shadow(catalog: Catalog, name: str) -> None:
    """Ask the module of the virtual table to which a new table may belong, as SQLite does: it may fail."""
    if "_" in name:
        catalog.owner_of_shadow(name)


def kind_of(table: Table) -> str:
    """What messages call it."""
    return "view" if table.kind == "view" else "table"


def shown_name(schema: str | None, name: str) -> str:
    """The name as messages repeat it."""
    return name if schema is None else f"{schema}.{name}"
