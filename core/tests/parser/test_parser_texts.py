# ruff: noqa: E501
"""Texts that the tree keeps for SQLite's sake: stored schema text, types, defaults, CHECKs, column names."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.compiler.sql.ast import (
    AstAddColumn,
    AstBinary,
    AstCheck,
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstDefault,
    AstForeignKey,
    AstLiteral,
    AstNode,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    walk,
)
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.compiler.sql.printer import print_expression

STORED = [
    "create  temp table if not  exists x(a) ; ",
    "create table main . [x y] ( a , b)  -- foo\n ;",
    "CREATE TABLE x(a)   --tail",
    "create table x(a primary key) without   rowid ; ",
    "create table x(a primary key) without   rowid -- foo",
    "create table x(a int) , strict /* c */  ",
    "create unique index if not exists main.i on t ( a , b desc )  where a > 1 ; ",
    "create index i on t(a) /* c */",
    "create view if not exists v as  select 1  ;  ",
    "create view main.v(a,b) as select 1,2 -- c",
    "create trigger if not exists main.tr after insert on t begin select 1 ; end  ;",
    "create temp trigger tr after insert on t begin select 1;end",
    "create table 'a b'(x)",
]


def parsed(sql: str) -> AstNode:
    statement, _end = parse_statement(sql)
    assert statement is not None
    return statement


@pytest.mark.parametrize("sql", STORED)
def test_the_stored_text_is_sqlites(sql: str) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("create table t(a,b)")
    connection.execute(sql)
    query = "select sql from sqlite_schema where name <> 't' and sql <> '' union all select sql from sqlite_temp_schema"
    statement = parsed(sql)
    assert isinstance(statement, AstCreateTable | AstCreateIndex | AstCreateView | AstCreateTrigger)
    assert statement.stored_text == connection.execute(query).get


COLUMNS = (
    "a integer, b  Double   Precision, c varchar ( 10 , 2 ), d int generated always as (a) , e 'foo bar', f \"q\" , "
    "g [z], h Text, i any, j blob default 1, k DECIMAL(+10,-5.2), l Generated always as (1), "
    "m foo generated always as (1), n foo Generated  always, o real, p, q 'int', r \"a\" b, s default -1, t default + 1, "
    "u default (1 + 2 ), v default 'x''y', w default foo, x default \"bar\", y default null, z default -  1.50, "
    "aa default x'01', ab default current_time, ac default true, ad default ( 'a' ), ae default 1_0, af default [q]"
)


def test_declared_types_and_defaults_are_sqlites() -> None:
    connection = apsw.Connection(":memory:")
    sql = f"create table x({COLUMNS})"
    connection.execute(sql)
    expected = connection.execute(
        "select name, type, dflt_value from pragma_table_xinfo('x') where hidden = 0"
    ).fetchall()
    statement = parsed(sql)
    assert isinstance(statement, AstCreateTable)
    generated = {"d", "l", "m"}
    actual = []
    for column in statement.columns:
        default = next((c.source_text for c in column.constraints if isinstance(c, AstDefault)), None)
        if column.name not in generated:
            actual.append((column.name, column.type_text or "", default))
    assert actual == expected


@pytest.mark.parametrize(
    "columns",
    [
        "a check( a > 0 )",
        "a, check (  a>0 /*x*/ )",
        "a constraint foo check(a>0)",
        "a constraint x constraint y check(a>0)",
        "a constraint foo not null check(a>0)",
        "a, constraint foo constraint x, check(a>0)",
        "a constraint foo, b check(a>0)",
    ],
)
def test_a_check_is_called_what_sqlite_calls_it(columns: str) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(f"create table t({columns})")
    with pytest.raises(apsw.ConstraintError) as caught:
        connection.execute("insert into t(a) values(-1)")
    check = next(node for node in walk(parsed(f"create table t({columns})")) if isinstance(node, AstCheck))
    assert str(caught.value) == f"CHECK constraint failed: {check.source_text if check.name is None else check.name}"


def test_result_columns_keep_the_source_that_names_them() -> None:
    sql = "select 1  +  2 /*c*/ /*d*/, ( 1 ), 'x', (select 1 ), -- foo\n 1+ 1 -- bar\n , max(1 ,2), '€' || 1"
    connection = apsw.Connection(":memory:")
    expected = [column[0] for column in connection.execute(sql).get_description()]
    statement = parsed(sql)
    assert isinstance(statement, AstSelect)
    core = statement.cores[0]
    assert isinstance(core, AstSelectCore)
    assert [column.source_text for column in core.columns if isinstance(column, AstResultColumn)] == expected


def test_a_deferral_belongs_to_the_key_before_it() -> None:
    keys = [
        node
        for node in walk(
            parsed("create table x(a references t not null deferrable initially deferred, b references u)")
        )
        if isinstance(node, AstForeignKey)
    ]
    assert [key.is_deferred for key in keys] == [True, False]


def test_an_added_column_keeps_its_text() -> None:
    statement = parsed("alter table t add  column  x int  default 1 ; ")
    assert isinstance(statement, AstAddColumn)
    assert statement.column_text == "x int  default 1"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("9223372036854775807", "integer", 9223372036854775807),
        ("9223372036854775808", "big_integer", 9223372036854775808.0),
        ("0xffffffffffffffff", "integer", -1),
        ("0x1ffffffffffffffff", "big_hex", None),
        ("1_000", "integer", 1000),
        ("1_0.5_0e1_0", "float", 105000000000.0),
        ("1e999", "float", float("inf")),
        (".5", "float", 0.5),
        ("5.", "float", 5.0),
        ("x'0aFF'", "blob", b"\x0a\xff"),
        ("'it''s'", "string", "it's"),
        ("null", "null", None),
    ],
)
def test_literals_have_their_values(text: str, kind: str, value: object) -> None:
    literal = next(node for node in walk(parsed(f"select {text}")) if isinstance(node, AstLiteral))
    assert (literal.kind, literal.value) == (kind, value)
    assert type(literal.value) is type(value)


def test_operators_bind_as_in_sqlite() -> None:
    """The tree of a random chain of operators, fully parenthesised, has the value SQLite gives to the bare chain."""
    import random

    seed = 5
    print(f"seed {seed}")
    chooser = random.Random(seed)
    connection = apsw.Connection(":memory:")
    operators = [
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "+",
        "-",
        "*",
        "/",
        "%",
        "||",
        "&",
        "|",
        "<<",
        ">>",
        "is",
        "is not",
        "is distinct from",
        "is not distinct from",
        "like",
        "not like",
        "glob",
        "between 0 and",
        "not between 2 and",
        "in (1, 2) or",
        "not in (0, 3) and",
        "collate nocase =",
        "isnull +",
        "not null -",
    ]
    for _ in range(4000):
        text = ""
        for _ in range(chooser.randint(2, 6)):
            text += chooser.choice(["", "", "", "not ", "- ", "~ ", "+ "]) + chooser.choice(
                ["0", "1", "2", "3", "'a'", "null", "7"]
            )
            text += " " + chooser.choice(operators) + " "
        text += "1"
        expression = next(
            node for node in walk(parsed(f"select {text}")) if isinstance(node, AstResultColumn)
        ).expression
        printed = print_expression(expression)
        bare, whole = connection.execute(f"select quote({text}), quote({printed})").fetchall()[0]
        assert bare == whole, (text, printed)
    assert isinstance(expression, AstNode)
    assert AstBinary.fields == ("operator", "left", "right")
