"""A compound whose ORDER BY says COLLATE becomes a table of FROM: `SELECT * FROM (compound) ORDER BY ...`.

1. Its columns are then those of a subquery: names, declared types, and INTEGERs that a REAL column shows as reals.
2. The terms of ORDER BY are still those of a compound: columns of the result.
3. UNION ALL alone stays as it is, and so do the bodies of common tables and views.

Must not know: scopes. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstCollate,
    AstFromItem,
    AstLiteral,
    AstOrderTerm,
    AstSelect,
    AstSelectCore,
    AstSelectSource,
    AstStar,
    visit,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundOrderTerm
    from keelback_core.compiler.sql.ast import AstExpression, AstNode


def is_compound_as_table(ast: AstSelect) -> bool:
    """Whether the compound is one of these."""
    if all(operator == "UNION ALL" for operator in ast.operators):
        return False
    return any(_says_collate(term.expression) for term in ast.order_by)


def compound_as_table(ast: AstSelect, order_by: tuple[BoundOrderTerm, ...]) -> AstSelect:
    """The query as a SELECT from itself. order_by: what its terms mean, each a column of the result."""
    inner = AstSelect(ast.with_clause, ast.cores, ast.operators, (), None, None, ast.start, ast.end)
    source = AstFromItem(AstSelectSource(inner), None, "", False, None, ())
    core = AstSelectCore(False, False, (AstStar(None),), (source,), None, (), None, ())
    terms = tuple(_by_position(term, bound) for term, bound in zip(ast.order_by, order_by, strict=True))
    return AstSelect(None, (core,), (), terms, ast.limit, ast.offset, ast.start, ast.end)


def _by_position(term: AstOrderTerm, bound: BoundOrderTerm) -> AstOrderTerm:
    """The term with the position of its column in the place of what names it."""
    number = bound.result_column + 1
    expression: AstExpression = AstLiteral("integer", number, str(number))
    if isinstance(term.expression, AstCollate):
        expression = AstCollate(expression, term.expression.collation)
    return AstOrderTerm(expression, term.direction, term.nulls, term.start, term.end)


def _says_collate(expression: AstExpression) -> bool:
    """Whether COLLATE is anywhere in the term but inside of a subquery."""
    says = False

    def enter(node: AstNode) -> bool:
        nonlocal says
        says = says or isinstance(node, AstCollate)
        return not says and not isinstance(node, AstSelect)

    visit(expression, enter)
    return says
