"""Binding of calls with OVER: the windows of the WINDOW clause, what each call makes of them, and the frames.

1. A window of the WINDOW clause may build on one that stands before it; the base of the first one is not looked at.
2. What a window is made of is bound anew for every call, where the call stands.
3. The built-in window functions see the frame that their definition needs, whatever the text says.

Must not know: plans, registers. Source: https://sqlite.org/windowfunctions.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundFrame, BoundFunction, BoundLiteral, BoundOrderTerm, BoundWindow
from keelback_core.compiler.bind.scope import Scope
from keelback_core.compiler.bind.walk import equal_expressions, is_constant, walk
from keelback_core.compiler.catalog.model import FunctionSignature, fold_name
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN
from keelback_core.compiler.sql.ast import AstWindow
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.sql.ast import AstExpression, AstFrame, AstFrameBound, AstFunctionCall, AstOrderTerm

    ScalarBinder = Callable[[BindContext, AstExpression, Scope], BoundExpression]

# Argument counts: least, most.
WINDOW_FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "row_number": (0, 0),
    "rank": (0, 0),
    "dense_rank": (0, 0),
    "percent_rank": (0, 0),
    "cume_dist": (0, 0),
    "ntile": (1, 1),
    "lag": (1, 3),
    "lead": (1, 3),
    "first_value": (1, 1),
    "last_value": (1, 1),
    "nth_value": (2, 2),
}

_FIRST: Final = "UNBOUNDED PRECEDING"
_CURRENT: Final = "CURRENT ROW"
_LAST: Final = "UNBOUNDED FOLLOWING"
# The frames of the functions that have one of their own: unit, start, end.
_OWN_FRAMES: Final[dict[str, tuple[str, str, str]]] = {
    "row_number": ("ROWS", _FIRST, _CURRENT),
    "rank": ("RANGE", _FIRST, _CURRENT),
    "dense_rank": ("RANGE", _FIRST, _CURRENT),
    "percent_rank": ("GROUPS", _CURRENT, _LAST),
    "cume_dist": ("GROUPS", "FOLLOWING", _LAST),
    "ntile": ("ROWS", _CURRENT, _LAST),
    "lag": ("ROWS", _FIRST, _CURRENT),
    "lead": ("ROWS", _FIRST, _LAST),
}


def window_signature(name: str, argument_count: int, offset: int) -> FunctionSignature | None:
    """The built-in window function of this name, None if there is none; SqlError for a wrong number of arguments."""
    counts = WINDOW_FUNCTIONS.get(fold_name(name))
    if counts is None:
        return None
    if not counts[0] <= argument_count <= counts[1]:
        raise SqlError(ERROR, f"wrong number of arguments to function {name}()", offset)
    return FunctionSignature(fold_name(name), True, True, False, False)


def link_windows(definitions: tuple[AstWindow, ...]) -> tuple[AstWindow, ...]:
    """The windows of a WINDOW clause, later ones first, each with what it takes over from its base."""
    known: tuple[AstWindow, ...] = ()
    for window in definitions:
        known = (_linked(window, known) if known else window, *known)
    return known


def _find(name: str, known: tuple[AstWindow, ...]) -> AstWindow:
    for window in known:
        if window.name is not None and fold_name(window.name) == fold_name(name):
            return window
    raise SqlError(ERROR, f"no such window: {name}")


def _linked(window: AstWindow, known: tuple[AstWindow, ...]) -> AstWindow:
    """The window with partition and order of its base."""
    if window.base is None:
        return window
    base = _find(window.base, known)
    what = ""
    if window.partition_by:
        what = "PARTITION clause"
    elif base.order_by and window.order_by:
        what = "ORDER BY clause"
    elif base.frame is not None:
        what = "frame specification"
    if what:
        raise SqlError(ERROR, f"cannot override {what} of window: {window.base}")
    order_by = base.order_by or window.order_by
    return AstWindow(window.name, None, base.partition_by, order_by, window.frame, False, window.start, window.end)


def bind_window(
    context: BindContext, ast: AstFunctionCall, signature: FunctionSignature, scope: Scope, bind: ScalarBinder
) -> BoundWindow:
    """A call with OVER."""
    assert ast.over is not None
    assert scope.core is not None
    is_own = signature.name in WINDOW_FUNCTIONS
    scope.allows_windows = False
    try:
        arguments = tuple(bind(context, argument, scope) for argument in ast.arguments)
        window = ast.over
        window = _find(window.name or "", scope.windows) if window.is_reference else _linked(window, scope.windows)
        partition = tuple(bind(context, term, scope) for term in window.partition_by)
        if max(len(window.partition_by), len(window.order_by)) > context.catalog.settings.limits[LIMIT_COLUMN]:
            raise SqlError(ERROR, "too many terms in ORDER BY clause")
        order = tuple(_bind_term(context, term, scope, bind) for term in window.order_by)
        condition = None if ast.filter is None else bind(context, ast.filter, scope)
    finally:
        scope.allows_windows = True
    if context.call_error is not None:
        # The frame does not see it: what is wrong there counts as NULL.
        raise context.taken_call_error()
    frame = _bind_frame(context, window.frame, scope, bind)
    has_offset = frame.start_offset is not None or frame.end_offset is not None
    if frame.unit == "RANGE" and has_offset and len(order) != 1:
        raise SqlError(ERROR, "RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression")
    if is_own:
        if condition is not None:
            raise SqlError(ERROR, "FILTER clause may only be used with aggregate window functions")
        frame = _own_frame(signature.name, frame)
    bound = BoundWindow(signature, arguments, condition, partition, order, frame, scope.core.level, ast.start, ast.name)
    return _register(bound, scope)


def _register(bound: BoundWindow, scope: Scope) -> BoundWindow:
    """Make the call known to its query; the equal one that is known already, if there is."""
    assert scope.core is not None
    for other in scope.core.windows:
        if equal_expressions(other, bound):
            return other
    scope.core.windows.append(bound)
    return bound


def _bind_term(context: BindContext, term: AstOrderTerm, scope: Scope, bind: ScalarBinder) -> BoundOrderTerm:
    is_descending = term.direction == "DESC"
    nulls_first = term.nulls == "FIRST" if term.nulls else not is_descending
    return BoundOrderTerm(bind(context, term.expression, scope), is_descending, nulls_first)


def _bind_frame(context: BindContext, ast: AstFrame | None, scope: Scope, bind: ScalarBinder) -> BoundFrame:
    if ast is None:
        return BoundFrame("RANGE", _FIRST, None, _CURRENT, None)
    start = _bind_offset(context, ast.first, scope, bind)
    end = None if ast.last is None else _bind_offset(context, ast.last, scope, bind)
    last = _CURRENT if ast.last is None else ast.last.kind
    return BoundFrame(ast.unit, ast.first.kind, start, last, end, ast.exclude)


def _bind_offset(context: BindContext, ast: AstFrameBound, scope: Scope, bind: ScalarBinder) -> BoundExpression | None:
    """The offset of a frame's end; what is not constant, or calls a function, counts as NULL, which is an error when a
    row comes."""
    if ast.distance is None:
        return None
    try:
        offset = bind(context, ast.distance, Scope())
    except SqlError:
        return BoundLiteral(None)
    if context.call_error is not None:
        context.taken_call_error()
        return BoundLiteral(None)
    calls = any(isinstance(node, BoundFunction) for node in walk(offset))
    return offset if is_constant(offset) and not calls else BoundLiteral(None)


def _own_frame(name: str, written: BoundFrame) -> BoundFrame:
    own = _OWN_FRAMES.get(name)
    if own is None:
        return written
    offset = BoundLiteral(1) if own[1] == "FOLLOWING" else None
    return BoundFrame(own[0], own[1], offset, own[2], None)
