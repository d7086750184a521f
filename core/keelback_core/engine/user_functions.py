"""UserFunctions: what a program has added to one connection, by name: functions, collations, modules.

Implements `catalog.FunctionFinder` for the compiler, and finds what a running Program of the reference calls. Behind
the kernel the entries are signatures only: C++ keeps and calls the functions themselves.

Must not know: how statements are compiled or run.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import FunctionSignature, fold_name
from keelback_core.compiler.catalog.virtual import module_name
from keelback_core.program.program import MODULE_FUNCTION_MARK
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.key_utf16 import binary_collation
from keelback_core.value.result_codes import ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.engine.virtual_tables import VirtualTables
    from keelback_core.program.host import Aggregate
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

FUNCTION_DETERMINISTIC = 0x800
FUNCTION_DIRECT_ONLY = 0x80000
FUNCTION_INNOCUOUS = 0x200000
# No flag of the C API: the like() of PRAGMA case_sensitive_like.
FUNCTION_LIKE_OF_CASE = 0x40000000
_TEXT_ENCODINGS = 0xF


class UserFunction:
    """A function of the user: for a fixed argument count, or any (-1). is_window: the aggregate can also give rows back
    and tell its value at any time. `scalar` or `aggregate` is set unless the function lives elsewhere.
    """

    __slots__ = ("name", "argument_count", "flags", "is_aggregate", "is_window", "scalar", "aggregate")

    def __init__(
        self,
        name: str,
        argument_count: int,
        flags: int,
        is_aggregate: bool,
        is_window: bool = False,
        scalar: Callable[[list[Value]], Value] | None = None,
        aggregate: Callable[[], Aggregate] | None = None,
    ) -> None:
        self.name = name
        self.argument_count = argument_count
        self.flags = flags
        self.is_aggregate = is_aggregate
        self.is_window = is_window
        self.scalar = scalar
        self.aggregate = aggregate


class UserFunctions:
    """See the module. collations: by folded name."""

    __slots__ = ("functions", "function_names", "collations", "text_encoding", "virtual_tables", "module_function")

    def __init__(self, virtual_tables: VirtualTables) -> None:
        self.virtual_tables = virtual_tables
        # Calls the functions that modules have for columns of their tables, by number.
        self.module_function: Callable[[int], Callable[[list[Value]], Value]] | None = None
        self.functions: dict[tuple[str, int], UserFunction] = {}
        self.function_names: set[str] = set()
        self.collations: dict[str, Collation] = {}
        # Of the databases of the connection: 1 UTF-8, 2 UTF-16le, 3 UTF-16be. BINARY is the order of its bytes.
        self.text_encoding = 1

    # Definitions.

    def put_function(self, function: UserFunction) -> None:
        """Define a function, in the place of one of the same name and argument count."""
        self.remove_function(function.name, function.argument_count)
        key = fold_name(function.name)
        self.functions[key, function.argument_count] = function
        self.function_names.add(key)

    def remove_function(self, name: str, argument_count: int) -> None:
        """Forget a function, if there is one."""
        self.functions.pop((fold_name(name), argument_count), None)
        self.function_names = {known for known, _ in self.functions}

    def put_collation(self, name: str, compare: Collation | None) -> None:
        """Define a collation, or (None) forget it."""
        if compare is None:
            self.collations.pop(fold_collation(name), None)
        else:
            self.collations[fold_collation(name)] = compare

    # For the machine.

    def find_user(self, name: str, argument_count: int) -> UserFunction | None:
        """The user's function that a call means: one for this very count before one for any."""
        key = fold_name(name)
        if key not in self.function_names:
            return None
        found = self.functions.get((key, argument_count))
        return found if found is not None else self.functions.get((key, -1))

    def find_scalar(self, name: str, argument_count: int) -> Callable[[list[Value]], Value] | None:
        if name.startswith(MODULE_FUNCTION_MARK) and self.module_function is not None:
            return self.module_function(int(name[1:]))
        found = self.find_user(name, argument_count)
        return None if found is None else found.scalar

    def find_aggregate(self, name: str, argument_count: int) -> Callable[[], Aggregate] | None:
        found = self.find_user(name, argument_count)
        return None if found is None else found.aggregate

    def find_collation(self, name: str) -> Collation:
        key = fold_collation(name)
        found = self.collations.get(key)
        if found is None:
            found = binary_collation(self.text_encoding) if key == "BINARY" else BUILTIN_COLLATIONS.get(key)
        if found is None:
            raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + name)
        return found

    # For the compiler.

    def user_function(self, name: str, argument_count: int) -> FunctionSignature | None:
        found = self.find_user(name, argument_count)
        if found is None:
            return None
        is_deterministic = bool(found.flags & FUNCTION_DETERMINISTIC)
        risk = 2 if found.flags & FUNCTION_DIRECT_ONLY else 0 if found.flags & FUNCTION_INNOCUOUS else 1
        key = fold_name(name)
        signature = FunctionSignature(key, found.is_aggregate, is_deterministic, False, False, found.is_window)
        signature.risk = risk
        signature.is_like_of_case = bool(found.flags & FUNCTION_LIKE_OF_CASE)
        return signature

    def user_function_rows(self) -> list[tuple[str, str, int, int]]:
        rows = []
        for (name, argument_count), function in self.functions.items():
            kind = "w" if function.is_window else "a" if function.is_aggregate else "s"
            rows.append((name, kind, argument_count, function.flags & ~_TEXT_ENCODINGS & ~FUNCTION_LIKE_OF_CASE))
        return rows

    def has_user_function(self, name: str) -> bool:
        return fold_name(name) in self.function_names

    def has_user_collation(self, name: str) -> bool:
        return fold_collation(name) in self.collations

    def user_collation_names(self) -> list[str]:
        return list(reversed(self.collations))

    def connect_virtual(self, table: Table) -> Table:
        return self.virtual_tables.connect(table)

    def eponymous_table(self, name: str) -> Table | None:
        return self.virtual_tables.eponymous(name)

    def is_shadow_of(self, table: Table, suffix: str) -> bool:
        module = self.virtual_tables.module(module_name(table) or "")
        return module is not None and module.is_shadow_name(suffix)

    def is_module_running(self, table: Table) -> bool:
        module = self.virtual_tables.module(module_name(table) or "")
        return module is not None and module.running_count > 0

    def module_names(self) -> list[str]:
        return self.virtual_tables.names()
