"""FunctionFinder: what a catalog asks of its connection. For annotations only: nothing here exists at run time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from keelback_core.compiler.catalog.model import FunctionSignature, Table

    class FunctionFinder(Protocol):
        """What a connection adds to the built-in functions and collations. function_names: folded, of those that it
        adds."""

        function_names: set[str]

        def user_function(self, name: str, argument_count: int) -> FunctionSignature | None: ...

        def user_function_rows(self) -> list[tuple[str, str, int, int]]:
            """Name, kind (s, a, w), argument count and flags of each."""
            ...

        def has_user_function(self, name: str) -> bool: ...

        def has_user_collation(self, name: str) -> bool: ...

        def user_collation_names(self) -> list[str]: ...

        def connect_virtual(self, table: Table) -> Table:
            """The virtual table with its columns and its module's side. SqlError as the module gives it."""
            ...

        def eponymous_table(self, name: str) -> Table | None:
            """The table that a module of this name has without CREATE."""
            ...

        def is_shadow_of(self, table: Table, suffix: str) -> bool:
            """Whether the module of a virtual table says that `table_suffix` belongs to the table."""
            ...

        def is_module_running(self, table: Table) -> bool:
            """Whether a method of the module of a virtual table is running."""
            ...

        def module_names(self) -> list[str]: ...
