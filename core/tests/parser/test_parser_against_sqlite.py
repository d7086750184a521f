"""The parser accepts and refuses what real SQLite does, with the same message at the same byte."""

from __future__ import annotations

import random

import pytest
from keelback_core.compiler.sql.ast import same_tree
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.compiler.sql.printer import print_statement
from keelback_core.value.errors import SqlError
from parser_corpus import LONG_STATEMENTS, SHORT_STATEMENTS
from sqlite_judge import disagreement, new_oracle, our_verdict, sqlite_verdict, tokens_of

WORDS = (
    "abort over filter window indexed cross left with recursive ( ) , ; . + - * = not null and or in is like between "
    "escape collate 1 'x' a on using as by order limit union values select from where end begin current row rows range "
    "exists case when then else cast raise replace if materialized nulls first last returning generated always stored "
    "key primary default"
).split()


def test_the_corpus_is_judged_as_by_sqlite() -> None:
    connection = new_oracle()
    differences = [disagreement(connection, sql) for sql in LONG_STATEMENTS + SHORT_STATEMENTS]
    assert [text for text in differences if text] == []


def mutate(chooser: random.Random, statements: list[list[str]], pool: list[str]) -> str:
    tokens = list(chooser.choice(statements))
    for _ in range(chooser.choice((1, 1, 1, 2, 3))):
        if not tokens:
            break
        index = chooser.randrange(len(tokens))
        action = chooser.randrange(6)
        if action == 0:
            del tokens[index]
        elif action == 1:
            tokens.insert(index, tokens[index])
        elif action == 2:
            other = chooser.randrange(len(tokens))
            tokens[index], tokens[other] = tokens[other], tokens[index]
        elif action == 3:
            tokens[index] = chooser.choice(pool)
        elif action == 4:
            tokens.insert(index, chooser.choice(pool))
        else:
            rest = chooser.choice(statements)
            tokens = tokens[:index] + rest[chooser.randrange(len(rest)) :]
    return " ".join(tokens)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_broken_statements_fail_as_in_sqlite_and_whole_ones_survive_the_printer(seed: int) -> None:
    print(f"seed {seed}")
    chooser = random.Random(seed)
    connection = new_oracle()
    statements = [tokens for tokens in map(tokens_of, LONG_STATEMENTS + SHORT_STATEMENTS) if tokens]
    pool = sorted({token for tokens in statements for token in tokens}) + WORDS
    differences: list[str] = []
    reprinted = 0
    for _ in range(8000):
        sql = mutate(chooser, statements, pool)
        if not sql or sql.split()[0] in (";", "query"):
            continue
        difference = disagreement(connection, sql)
        if difference:
            differences.append(difference)
            continue
        try:
            statement, _end = parse_statement(sql)
        except SqlError:
            continue
        if statement is not None:
            printed = print_statement(statement)
            assert our_verdict(printed) is None, (sql, printed)
            assert same_tree(statement, parse_statement(printed)[0]) or "[with]" in printed, sql
            reprinted += 1
    assert differences == []
    assert reprinted > 300


DEEP = {
    "parentheses": (2492, lambda n: "select " + "(" * n + "1" + ")" * n),
    "parentheses in WHERE": (2491, lambda n: "select 1 from t where " + "(" * n + "1" + ")" * n),
    "parentheses in VALUES": (2494, lambda n: "values(" + "(" * n + "1" + ")" * n + ")"),
    "minus signs": (999, lambda n: "select " + "- " * n + "1"),
    "NOT": (999, lambda n: "select " + "not " * n + "1"),
    "plus": (999, lambda n: "select 1" + "+1" * n),
    "AND": (999, lambda n: "select a" + " and a" * n + " from t"),
    "plus and parentheses": (830, lambda n: "select " + "1+(" * n + "1" + ")" * n),
    "function calls": (830, lambda n: "select " + "abs(" * n + "1" + ")" * n),
    "second arguments": (498, lambda n: "select " + "max(1," * n + "1" + ")" * n),
    "CASE branches": (498, lambda n: "select " + "case when 1 then " * n + "1" + " end" * n),
    "ELSE": (623, lambda n: "select " + "case when 1 then 1 else " * n + "1" + " end" * n),
    "CAST": (999, lambda n: "select " + "cast(" * n + "1" + " as int)" * n),
    "BETWEEN": (999, lambda n: "select 1 between 1 and " * 1 + "1 between 1 and " * (n - 1) + "1"),
    "COLLATE": (999, lambda n: "select 1" + " collate nocase" * n),
    "joins in parentheses": (1244, lambda n: "select * from " + "(" * n + "t" + ")" * n),
    "subqueries in FROM": (414, lambda n: "select * from " + "(select * from " * n + "t" + ")" * n),
    "WITH": (497, lambda n: "with a as (" * n + "select 1" + ") select 1" * n),
    "UNION ALL": (499, lambda n: "select 1" + " union all select 1" * n),
    "arguments": (1000, lambda n: "select max(" + ",".join("1" * n) + ")"),
}


@pytest.mark.parametrize("shape", DEEP)
def test_a_statement_may_be_as_deep_as_in_sqlite_and_no_deeper(shape: str) -> None:
    depth, build = DEEP[shape]
    connection = new_oracle()
    assert sqlite_verdict(connection, build(depth)) is None
    assert our_verdict(build(depth)) is None
    expected = sqlite_verdict(connection, build(depth + 1))
    assert expected is not None
    assert our_verdict(build(depth + 1)) == expected
    assert our_verdict(build(10000)) == sqlite_verdict(connection, build(10000))


def test_ten_thousand_open_parentheses_give_sqlites_error() -> None:
    for sql in ("(" * 10000, "select " + "(" * 10000, "select " + "(select " * 10000, "select " + "f(" * 10000):
        assert our_verdict(sql) == sqlite_verdict(new_oracle(), sql), sql[:20]


def test_the_rest_of_the_text_begins_where_sqlite_says() -> None:
    for sql in (
        "select 1; select 2",
        ";; select 1 ;",
        "select 1 -- x\n ; ; ",
        "  ",
        "-- a",
        "/* x",
        "select 1 /* ;",
        "a\0b",
    ):
        try:
            statement, end = parse_statement(sql)
        except SqlError:
            assert sql == "a\0b"
            continue
        assert (statement is None) == (sql.strip()[:6] not in ("select", ";; sel"))
        assert sql[:end].rstrip().endswith(";") or end == len(sql)
    text = "create trigger x after insert on t begin select 1; select 2; end; select 3"
    _statement, end = parse_statement(text)
    assert text[end:] == " select 3"
    _statement, again = parse_statement(text, end)
    assert again == len(text)
    with pytest.raises(SqlError) as caught:
        parse_statement("select 1; selec 2", 9)
    assert caught.value.offset == 10
