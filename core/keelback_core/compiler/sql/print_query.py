"""Expressions and SELECT back to text: the part of the printer that calls itself.

See `printer` for the promises. Must not know: other statements.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstFrameBound, AstFunctionCall, AstOrderTerm, AstRaise, AstWindow
from keelback_core.compiler.sql.ast.expressions import (
    AstBetween,
    AstBinary,
    AstCase,
    AstCast,
    AstCollate,
    AstColumnRef,
    AstCurrentTime,
    AstExists,
    AstExpression,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstLiteral,
    AstParameter,
    AstRowValue,
    AstSubquery,
    AstUnary,
)
from keelback_core.compiler.sql.ast.select import (
    AstFromItem,
    AstJoinSource,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    AstSelectSource,
    AstStar,
    AstTableFunction,
    AstTableSource,
    AstValues,
    AstWith,
)
from keelback_core.compiler.sql.keywords import KEYWORDS
from keelback_core.compiler.sql.lexer import DIGITS, WORD_CHARACTERS


def print_name(name: str) -> str:
    """A name, quoted unless it is a plain word that is no keyword."""
    if name and name[0] not in DIGITS and name[0] != "$" and name.upper() not in KEYWORDS:
        for character in name:
            if character not in WORD_CHARACTERS:
                break
        else:
            return name
    return '"' + name.replace('"', '""') + '"'


def quoted_string(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def names(items: tuple[str, ...]) -> str:
    """Names with commas between."""
    return ", ".join([print_name(item) for item in items])


def qualified(schema: str | None, name: str) -> str:
    """`[schema.]name`."""
    return print_name(name) if schema is None else f"{print_name(schema)}.{print_name(name)}"


def optional(word: str, expression: AstExpression | None) -> str:
    """A word and an expression, or nothing."""
    return "" if expression is None else word + print_expression(expression)


def expressions(items: tuple[AstExpression, ...]) -> str:
    """Expressions with commas between."""
    return ", ".join([print_expression(item) for item in items])


def order_terms(terms: tuple[AstOrderTerm, ...]) -> str:
    """Terms of ORDER BY or columns of an index."""
    parts: list[str] = []
    for term in terms:
        text = print_expression(term.expression)
        if term.direction:
            text += " " + term.direction
        if term.nulls:
            text += " NULLS " + term.nulls
        parts.append(text)
    return ", ".join(parts)


def print_expression(expression: AstExpression) -> str:
    """The text of an expression."""
    for printer in (_print_leaf, _print_operator, _print_in, _print_call):
        text = printer(expression)
        if text:
            return text
    raise AssertionError(f"no printer for {type(expression).__name__}")


def _operand(expression: AstExpression) -> str:
    """An expression as an operand: in parentheses unless it is a leaf."""
    text = _print_leaf(expression)
    return text if text else f"({print_expression(expression)})"


def _print_leaf(expression: AstExpression) -> str:
    if isinstance(expression, AstLiteral):
        if expression.kind == "string":
            assert isinstance(expression.value, str)
            return quoted_string(expression.value)
        return expression.text
    if isinstance(expression, AstColumnRef):
        return _print_column_ref(expression)
    if isinstance(expression, AstCurrentTime):
        return expression.keyword
    return expression.text if isinstance(expression, AstParameter) else ""


def _print_column_ref(column: AstColumnRef) -> str:
    name = column.column
    if column.quote == "[":
        text = f"[{name}]"
    elif column.quote:
        text = column.quote + name.replace(column.quote, column.quote * 2) + column.quote
    else:
        text = "[with]" if column.table is None and name.lower() == "with" else name
    if column.table is not None:
        text = f"{print_name(column.table)}.{text}"
    return text if column.schema is None else f"{print_name(column.schema)}.{text}"


def _print_operator(expression: AstExpression) -> str:
    if isinstance(expression, AstUnary):
        return f"{expression.operator} {_operand(expression.operand)}"
    if isinstance(expression, AstBinary):
        return f"{_operand(expression.left)} {expression.operator} {_operand(expression.right)}"
    if isinstance(expression, AstIsNull):
        return f"{_operand(expression.operand)} {'NOTNULL' if expression.is_negated else 'ISNULL'}"
    if isinstance(expression, AstLike):
        text = f"{_operand(expression.left)} {_not(expression.is_negated)}{expression.operator} "
        text += _operand(expression.right)
        return text if expression.escape is None else f"{text} ESCAPE {_operand(expression.escape)}"
    if isinstance(expression, AstBetween):
        text = f"{_operand(expression.operand)} {_not(expression.is_negated)}BETWEEN "
        return text + f"{_operand(expression.low)} AND {_operand(expression.high)}"
    if isinstance(expression, AstCollate):
        return f"{_operand(expression.operand)} COLLATE {print_name(expression.collation)}"
    if isinstance(expression, AstRowValue):
        return f"({expressions(expression.items)})"
    if isinstance(expression, AstSubquery):
        return f"({print_select(expression.select)})"
    return f"EXISTS ({print_select(expression.select)})" if isinstance(expression, AstExists) else ""


def _not(flag: bool) -> str:
    return "NOT " if flag else ""


def _print_in(expression: AstExpression) -> str:
    if isinstance(expression, AstInList):
        head = f"{_operand(expression.operand)} {_not(expression.is_negated)}IN "
        return f"{head}({expressions(expression.items)})"
    if isinstance(expression, AstInSelect):
        head = f"{_operand(expression.operand)} {_not(expression.is_negated)}IN "
        return f"{head}({print_select(expression.select)})"
    if isinstance(expression, AstInTable):
        head = f"{_operand(expression.operand)} {_not(expression.is_negated)}IN "
        head += qualified(expression.schema, expression.table)
        return head if expression.arguments is None else f"{head}({expressions(expression.arguments)})"
    return ""


def _print_call(expression: AstExpression) -> str:
    if isinstance(expression, AstFunctionCall):
        return _print_function(expression)
    if isinstance(expression, AstCast):
        type_text = expression.type_text
        if not type_text.endswith(")"):
            type_text = '"' + type_text.replace('"', '""') + '"' if type_text else ""
        return f"CAST({print_expression(expression.operand)} AS {type_text})"
    if isinstance(expression, AstCase):
        text = "CASE" + optional(" ", expression.operand)
        for branch in expression.branches:
            text += f" WHEN {print_expression(branch.condition)} THEN {print_expression(branch.result)}"
        return text + optional(" ELSE ", expression.otherwise) + " END"
    if isinstance(expression, AstRaise):
        return f"RAISE({expression.action}{optional(', ', expression.message)})"
    return ""


def _print_function(call: AstFunctionCall) -> str:
    text = print_name(call.name) + "("
    if call.is_star:
        text += "*"
    else:
        written = call.arguments[1:] if call.is_within_group else call.arguments
        text += ("DISTINCT " if call.is_distinct else "") + expressions(written)
        if call.order_by:
            text += " ORDER BY " + order_terms(call.order_by)
    text += ")"
    if call.is_within_group:
        text += f" WITHIN GROUP (ORDER BY {print_expression(call.arguments[0])})"
    if call.filter is not None:
        text += f" FILTER (WHERE {print_expression(call.filter)})"
    if call.over is not None:
        if call.over.is_reference:
            assert call.over.name is not None
            return f"{text} OVER {print_name(call.over.name)}"
        text += f" OVER ({_print_window(call.over)})"
    return text


def _print_window(window: AstWindow) -> str:
    """A window definition without its name and parentheses."""
    parts: list[str] = []
    if window.base is not None:
        parts.append(print_name(window.base))
    if window.partition_by:
        parts.append("PARTITION BY " + expressions(window.partition_by))
    if window.order_by:
        parts.append("ORDER BY " + order_terms(window.order_by))
    frame = window.frame
    if frame is not None:
        first = _print_bound(frame.first)
        bounds = first if frame.last is None else f"BETWEEN {first} AND {_print_bound(frame.last)}"
        parts.append(f"{frame.unit} {bounds}")
        if frame.exclude:
            parts.append("EXCLUDE " + frame.exclude)
    return " ".join(parts)


def _print_bound(bound: AstFrameBound) -> str:
    return bound.kind if bound.distance is None else f"{_operand(bound.distance)} {bound.kind}"


# SELECT


def print_select(select: AstSelect) -> str:
    """The text of a SELECT or VALUES with all that is compounded with it."""
    text = print_with(select.with_clause)
    for index, core in enumerate(select.cores):
        if index > 0:
            text += f" {select.operators[index - 1]} "
        text += _print_core(core) if isinstance(core, AstSelectCore) else _print_values(core)
    if select.order_by:
        text += " ORDER BY " + order_terms(select.order_by)
    return text + optional(" LIMIT ", select.limit) + optional(" OFFSET ", select.offset)


def print_with(with_clause: AstWith | None) -> str:
    """WITH and its tables and a space, or nothing."""
    if with_clause is None:
        return ""
    parts: list[str] = []
    for table in with_clause.tables:
        columns = "" if table.columns is None else f" ({names(table.columns)})"
        materialized = table.materialized + " " if table.materialized else ""
        parts.append(f"{print_name(table.name)}{columns} AS {materialized}({print_select(table.select)})")
    return ("WITH RECURSIVE " if with_clause.is_recursive else "WITH ") + ", ".join(parts) + " "


def _print_values(values: AstValues) -> str:
    return "VALUES " + ", ".join([f"({expressions(row)})" for row in values.rows])


def _print_core(core: AstSelectCore) -> str:
    text = "SELECT " + ("DISTINCT " if core.is_distinct else "ALL " if core.is_all else "")
    text += print_result_columns(core.columns)
    if core.from_items:
        text += " FROM " + print_from(core.from_items)
    text += optional(" WHERE ", core.where)
    if core.group_by:
        text += " GROUP BY " + expressions(core.group_by)
    text += optional(" HAVING ", core.having)
    if core.windows:
        windows: list[str] = []
        for window in core.windows:
            assert window.name is not None
            windows.append(f"{print_name(window.name)} AS ({_print_window(window)})")
        text += " WINDOW " + ", ".join(windows)
    return text


def print_result_columns(columns: tuple[AstResultColumn | AstStar, ...]) -> str:
    """A result list."""
    parts: list[str] = []
    for column in columns:
        if isinstance(column, AstStar):
            parts.append("*" if column.table is None else print_name(column.table) + ".*")
        else:
            alias = "" if column.alias is None else " AS " + print_name(column.alias)
            parts.append(print_expression(column.expression) + alias)
    return ", ".join(parts)


def print_from(items: tuple[AstFromItem, ...]) -> str:
    """What follows FROM."""
    text = ""
    for item in items:
        if item.join_type == ",":
            text += ", "
        elif item.join_type:
            word = "" if item.join_type == "JOIN" else item.join_type + " "
            text += f" {'NATURAL ' if item.is_natural else ''}{word}JOIN "
        text += _print_source(item)
        text += optional(" ON ", item.on)
        if item.using:
            text += f" USING ({names(item.using)})"
    return text


def _print_source(item: AstFromItem) -> str:
    source = item.source
    alias = "" if item.alias is None else " AS " + print_name(item.alias)
    if isinstance(source, AstTableSource):
        text = qualified(source.schema, source.name) + alias
        if source.indexed_by is not None:
            return f"{text} INDEXED BY {print_name(source.indexed_by)}"
        return text + (" NOT INDEXED" if source.is_not_indexed else "")
    if isinstance(source, AstTableFunction):
        return f"{qualified(source.schema, source.name)}({expressions(source.arguments)}){alias}"
    if isinstance(source, AstSelectSource):
        return f"({print_select(source.select)}){alias}"
    assert isinstance(source, AstJoinSource)
    return f"({print_from(source.items)}){alias}"
