"""What real SQLite says to a statement, and what we say: the comparison that the parser's tests share."""

from __future__ import annotations

import apsw
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.value.errors import SqlError

SCHEMA = "create table t(a,b);create table u(a,c);create view v as select 1 as a"
SYNTAX = ("syntax error", "incomplete input", "unrecognized token")
PARSER_OWN = (
    "clause should come",
    "unknown join type",
    "must have the same number",
    "too large",
    "Recursion limit",
    "JOIN clause is required",
    "too many terms in compound",
    "unsupported",
    "not allowed on",
    "cannot use RETURNING",
    "unknown table option",
    "syntax error after",
    "duplicate WITH",
    "columns assigned",
    "DISTINCT is not supp",
    "too many arguments on",
    "error in generated",
    "cannot override",
    "no such window",
)

Verdict = tuple[str, int] | None


def new_oracle() -> apsw.Connection:
    """A connection to real SQLite with a few tables."""
    connection = apsw.Connection(":memory:")
    connection.execute(SCHEMA)
    return connection


def sqlite_verdict(connection: apsw.Connection, sql: str) -> Verdict:
    """Message and byte offset of SQLite's error for the statement, or None. Nothing is executed: it is EXPLAINed."""
    has_explain = sql.lower().lstrip().startswith("explain")
    try:
        connection.cursor().execute(sql if has_explain else "explain " + sql, explain=-1)
    except apsw.Error as error:
        offset = getattr(error, "error_offset", None)
        if offset is None:
            return None
        return str(error), offset - 8 if offset >= 0 and not has_explain else offset
    return None


def our_verdict(sql: str) -> Verdict:
    """Message and byte offset of our parser's error, or None."""
    try:
        parse_statement(sql)
    except SqlError as error:
        return error.message, error.offset
    return None


def disagreement(connection: apsw.Connection, sql: str) -> str:
    """How the parsers differ on a statement, or "".

    An error that only the catalog can know says nothing about the grammar, except that we must not find a syntax error
    where SQLite parsed to the end; CREATE and ALTER are looked up while they are parsed, so there it says nothing.
    """
    expected = sqlite_verdict(connection, sql)
    actual = our_verdict(sql)
    if expected == actual:
        return ""
    if expected is not None and "qualified table names" in expected[0]:
        return ""  # emit/create_trigger's: triggers of temp may name tables so, and where a trigger goes its table says
    if expected is not None and not any(text in expected[0] for text in SYNTAX + PARSER_OWN):
        if actual is None or any(text in actual[0] for text in PARSER_OWN):
            return ""
        word = sql.split()[0].lower()
        if word in ("create", "alter") or "non-aggregate" in expected[0] or "row value misused" in expected[0]:
            return ""
    if expected is not None and actual is None and is_left_to_the_binder(sql, expected[0]):
        return ""
    return f"{sql!r}: SQLite {expected}, we {actual}"


def is_left_to_the_binder(sql: str, message: str) -> bool:
    """Errors of PARSER_OWN's texts that need names resolved, or a SELECT's columns counted."""
    if "columns assigned" in message or "no such window" in message or "error in generated" in message:
        return True
    if "unsupported use of NULLS" in message and "on conflict" in " ".join(sql.lower().split()):
        return True
    return "must have the same number" in message and "select" in sql


def tokens_of(sql: str) -> list[str]:
    """The tokens of a whole text."""
    lexer = Lexer(sql, 0)
    lexer.lex_statement()
    while lexer.kinds[-1]:
        lexer.lex_statement()
    return [sql[lexer.starts[index] : lexer.ends[index]] for index in range(len(lexer.kinds) - 1)]
