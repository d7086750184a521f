"""BindContext: what binding one statement shares: catalog, text, parameters, depth, common tables being bound.

1. Parameters are numbered in the order of the text, over the whole statement, whatever is bound first.
2. `depth` counts the levels of the expression being bound, which bounds our own recursion. What SQLite bounds is the
   sum of the heights of an expression and of those around the subquery that it is in.
3. `bind_select` is handed in, because expressions hold SELECTs and SELECTs hold expressions.

Must not know: plans, registers. Limits: https://sqlite.org/limits.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import LIMIT_EXPR_DEPTH, LIMIT_VARIABLE_NUMBER
from keelback_core.compiler.sql.heights import expression_height
from keelback_core.compiler.sql.parser.limits import EXPRESSION_DEPTH
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from keelback_core.compiler.bind.mentions import Mentions
    from keelback_core.compiler.bind.nodes import BoundSelect, BoundSource
    from keelback_core.compiler.bind.recursion import RecursiveTable
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstCommonTable, AstExpression, AstParameter, AstSelect, AstStatement

    SelectBinder = Callable[["BindContext", AstSelect, "Scope | None"], BoundSelect]


QUESTION_MARK: Final = 0x3F
# Nobody adds to it.
NO_PARAMETERS: Final[list[AstParameter]] = []
# The names of so few tables are compared one by one.
FEW_TABLES: Final = 16


class SelectCount:
    """How many SELECTs have numbers: those of the text, and those of views, which are numbered when they are bound."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


class BindContext:
    """See the module. `statement` is what the parser gave (for its parameters), None where there can be none."""

    __slots__ = (
        "catalog",
        "sql",
        "statement",
        "bind_select",
        "depth",
        "expression_limit",
        "root",
        "root_depth",
        "outer_height",
        "next_parameter",
        "parameter_nodes",
        "parameter_numbers",
        "parameter_places",
        "parameters",
        "active_views",
        "recursions",
        "_common_selects",
        "trigger_scope",
        "asks_authorizer",
        "mentions",
        "returning",
        "only_resolves",
        "is_unchecked",
        "takes_one_row",
        "keeps_compound",
        "_selects",
        "view_selects",
        "table_counts",
        "is_call_ignored",
        "joined",
        "call_error",
        "late_error",
        "defers_errors",
        "is_in_select",
        "is_stored",
    )

    def __init__(self, catalog: Catalog, sql: str, statement: AstStatement | None, bind_select: SelectBinder) -> None:
        self.catalog = catalog
        self.sql = sql
        self.statement = statement
        self.bind_select = bind_select
        self.depth = 0
        self.expression_limit = catalog.settings.limits[LIMIT_EXPR_DEPTH]
        # The expression that is being bound, from its root on; the depth that roots have; and the heights of the
        # expressions around the subquery that it is in.
        self.root: AstExpression | None = None
        self.root_depth = 0
        self.outer_height = 0
        # Of the statement's parameters in the order of the text: the nodes and their numbers, None until asked for;
        # which is expected next; and their places by where they begin.
        self.parameter_nodes = NO_PARAMETERS
        self.parameter_numbers: list[int] | None = None
        self.next_parameter = 0
        self.parameter_places: dict[int, int] | None = None
        # The spelling of parameter i+1, None for a bare `?` or a gap.
        self.parameters: list[str | None] = []
        # Names of the views and common tables that are being bound, to see circles.
        self.active_views: tuple[object, ...] = ()
        # Recursive common tables that are being bound, innermost last.
        self.recursions: tuple[RecursiveTable, ...] = ()
        self._common_selects: dict[AstCommonTable, BoundSelect] | None = None
        # Set where what the names mean is to be noted.
        self.mentions: Mentions | None = None
        # Inside a trigger the scope of NEW and OLD, around every statement.
        self.trigger_scope: Scope | None = None
        # False for rules that were bound, and allowed, when their table was made.
        self.asks_authorizer = True
        # Only the names in expressions are resolved, as ALTER TABLE looks at triggers: the columns that an INSERT or
        # UPDATE sets are not.
        self.only_resolves = False
        # Inside rows of VALUES that SQLite takes as they are (values_as_selects.py): nobody is asked about their calls.
        self.is_unchecked = False
        # It binds what a table's definition says that is stored in a database.
        self.is_stored = False
        self._selects: SelectCount | None = None
        # The same for what belongs to a view, None for what stands in the text.
        self.view_selects: SelectCount | None = None
        self.table_counts: dict[str, int] | None = None
        # Of the SELECT bound next one row at most is taken, as if it said LIMIT 1.
        self.takes_one_row = False
        # The next SELECT to be bound is the body of a common table or a view.
        self.keeps_compound = False
        # The authorizer has the call at hand read as NULL.
        self.is_call_ignored = False
        # While RETURNING is bound, the row that it reads.
        self.returning: BoundSource | None = None
        # What is wrong with a call of the expression that is being bound, or in its arguments; see `note_call_error`.
        self.call_error: SqlError | None = None
        # What SQLite only finds when it makes instructions of expressions whose names are all resolved; raised by
        # `raise_late_error` where `defers_errors` says that it will be called, at once elsewhere.
        self.late_error: SqlError | None = None
        self.defers_errors = False
        # Whether a SELECT, with all that it holds, is being bound.
        self.is_in_select = False
        # The sources with an ON, None while there are none.
        self.joined: list[BoundSource] | None = None

    @property
    def common_selects(self) -> dict[AstCommonTable, BoundSelect]:
        """Common tables that all uses share."""
        if self._common_selects is None:
            self._common_selects = {}
        return self._common_selects

    @property
    def selects(self) -> SelectCount:
        """How many SELECTs have numbers."""
        if self._selects is None:
            parts = None if self.statement is None else self.statement.parts
            self._selects = SelectCount(0 if parts is None else parts.select_count)
        return self._selects

    def parameter_number(self, ast: AstParameter) -> int:
        """The number, from 1, of this parameter."""
        numbers = self.numbers_of_parameters()
        place = self.next_parameter
        # Most are asked for in the order of the text.
        if place >= len(numbers) or self.parameter_nodes[place].start != ast.start:
            if self.parameter_places is None:
                self.parameter_places = {node.start: at for at, node in enumerate(self.parameter_nodes)}
            place = self.parameter_places.get(ast.start, -1)
            if place < 0:
                return 1
        self.next_parameter = place + 1
        return numbers[place]

    def number_all_parameters(self) -> None:
        """Number the parameters even if no bound expression holds one (they still can be bound)."""
        self.numbers_of_parameters()

    def numbers_of_parameters(self) -> list[int]:
        """The number of each parameter, in the order of the text."""
        numbers = self.parameter_numbers
        if numbers is None:
            numbers = []
            if self.statement is not None and self.statement.parts is not None:
                self.parameter_nodes = self.statement.parts.parameters
                largest_allowed = self.catalog.settings.limits[LIMIT_VARIABLE_NUMBER]
                for node in self.parameter_nodes:
                    numbers.append(self._number(node, largest_allowed))
            self.parameter_numbers = numbers
        return numbers

    def _number(self, node: AstParameter, largest_allowed: int) -> int:
        text = node.text
        names = self.parameters
        if ord(text[0]) != QUESTION_MARK:
            for place in range(len(names)):
                if names[place] == text:
                    return place + 1
            number = len(names) + 1
        elif len(text) == 1:
            number = len(names) + 1
        else:
            digits = text[1:].lstrip("0")
            number = int(digits) if digits and len(digits) < 12 else 0
            if number < 1 or number > largest_allowed:
                message = f"variable number must be between ?1 and ?{largest_allowed}"
                raise SqlError(ERROR, message, node.start)
        if number > largest_allowed:
            raise SqlError(ERROR, "too many SQL variables", node.start)
        while len(names) < number:
            names.append(None)
        if len(text) != 1 and names[number - 1] is None:
            names[number - 1] = text
        return number

    def select_number(self, ast: AstSelect) -> int:
        """The number of a SELECT in plans."""
        if self.view_selects is not None:
            self.view_selects.count += 1
            return self.view_selects.count
        return ast.cores[-1].number if ast.cores else 0

    def count_of_tables(self, name: str) -> int:
        """How often the text reads a table of this name; 0 if that is not known."""
        if self.statement is None or self.statement.parts is None:
            return 0
        wanted = fold_name(name)
        if self.table_counts is None:
            tables = self.statement.parts.read_tables
            if len(tables) <= FEW_TABLES:
                count = 0
                for table in tables:
                    if fold_name(table) == wanted:
                        count += 1
                return count
            self.table_counts = {}
            for table in tables:
                read = fold_name(table)
                self.table_counts[read] = self.table_counts.get(read, 0) + 1
        return self.table_counts.get(wanted, 0)

    def number_view(self, outer: BindContext) -> None:
        """Number what is bound as SELECTs of a view in a statement that `outer` binds."""
        self._selects = outer.selects
        self.view_selects = outer.selects

    def select_count(self) -> int:
        """How many SELECTs the statement has by now, each row of VALUES counted."""
        return self.selects.count

    def note_join(self, source: BoundSource) -> None:
        """The source has an ON, which `forget_joins` is to take from it."""
        if self.joined is None:
            self.joined = []
        self.joined.append(source)

    def forget_joins(self) -> None:
        """Take the ON from its source when the program is made: the circle would outlive the compilation until the
        garbage is collected, and what is not reused at once costs as much again."""
        for source in self.joined or ():
            source.on = None

    def note_late_error(self, error: SqlError) -> None:
        """Keep an error that others may come before."""
        if not self.defers_errors:
            raise error
        if self.late_error is None:
            self.late_error = error

    def raise_late_error(self) -> None:
        """Every name is resolved: tell what has been kept."""
        if self.late_error is not None:
            raise self.late_error

    def note_call_error(self, error: SqlError) -> None:
        """Keep what is wrong with a call or with its arguments.

        SQLite goes on behind such a call until it meets a node that is neither name nor call nor subquery; of several
        errors the last one is told.
        """
        if error.code != ERROR:
            raise error
        self.call_error = error

    def has_call_error(self) -> bool:
        """Asked like this before and after a call that may note an error: of the attribute mypyc would take for granted
        that it still is None."""
        return self.call_error is not None

    def taken_call_error(self) -> SqlError:
        """The error that is noted, which then no longer is."""
        # In two steps: as one, mypyc takes what comes out for the None that goes in.
        error = self.call_error
        self.call_error = None
        assert error is not None
        return error

    def enter(self, levels: int = 1) -> None:
        """Go down so many levels in an expression; SqlError when it gets too deep."""
        self.depth += levels
        if self.depth > EXPRESSION_DEPTH:
            raise self._too_deep()

    def begin_root(self, ast: AstExpression) -> None:
        """Begin with an expression that is in no other one, but for those around a subquery."""
        self.root = ast
        # What the parser has let through is too high by itself only where nothing may be.
        limit = self.expression_limit
        if (self.outer_height or not limit) and self.outer_height + expression_height(ast) > limit:
            raise self._too_deep()

    def enter_subquery(self) -> tuple[AstExpression | None, int, int]:
        """Go into a subquery of the expression that is being bound; what is given goes to `leave_subquery`."""
        around = (self.root, self.root_depth, self.outer_height)
        if self.root is not None:
            self.outer_height += expression_height(self.root)
        self.root_depth = self.depth
        return around

    def leave_subquery(self, around: tuple[AstExpression | None, int, int]) -> None:
        self.root, self.root_depth, self.outer_height = around

    def _too_deep(self) -> SqlError:
        return SqlError(ERROR, f"Expression tree is too large (maximum depth {self.expression_limit})")

    def leave(self, levels: int = 1) -> None:
        self.depth -= levels
