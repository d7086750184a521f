# ruff: noqa: E501
"""What the printer prints parses to the tree it was given."""

from __future__ import annotations

import random

from keelback_core.compiler.sql import ast
from keelback_core.compiler.sql.ast import same_tree, visit, walk
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.compiler.sql.printer import print_statement
from keelback_core.value.errors import SqlError
from parser_corpus import LONG_STATEMENTS, SHORT_STATEMENTS


def test_the_corpus_survives_the_printer_and_uses_every_node() -> None:
    used: set[str] = set()
    for sql in [
        *LONG_STATEMENTS,
        *SHORT_STATEMENTS,
        "create view w as select * from f(1), (a join b on 1)",
        "drop view x",
        "select median() within group (order by a + 1) filter (where a), percentile(distinct 5) within group (order by a)",
        "create table x(a collate nocase unique references u(b))",
        "create table x(a default foo, b default [it's])",
        "analyze main.t",
        "alter table t rename to x",
        "alter table t drop column a",
        "alter table t drop constraint k",
        "alter table t alter a drop not null",
        "alter table t alter a to b INT NOT NULL DEFAULT 5",
    ]:
        try:
            statement, _end = parse_statement(sql)
        except SqlError:
            continue
        if statement is None:
            continue
        printed = print_statement(statement)
        assert same_tree(statement, parse_statement(printed)[0]) or "[with]" in printed, sql
        used.update(type(node).__name__ for node in walk(statement))
    abstract = {"AstNode", "AstStatement", "AstExpression", "AstSource", "AstConstraint"}
    assert {name for name in ast.__all__ if name.startswith("Ast")} - abstract - used == set()


class Generator:
    """Random statements, grown from a seed."""

    def __init__(self, seed: int) -> None:
        self.chooser = random.Random(seed)

    def expression(self, depth: int) -> str:
        choose = self.chooser.choice
        if depth <= 0:
            return choose(
                ["1", "2.5", "'s'", "x'ab'", "null", "a", "t.b", 'main.t."c d"', "?", "?3", ":n", "[k]", "true"]
            )
        one = self.expression(depth - 1)
        two = self.expression(depth - 2)
        return choose(
            [
                f"{one} {choose(['+', '=', '==', '<>', 'and', 'or', '||', '->', 'is not', 'like', 'not glob', 'is distinct from'])} {two}",
                f"({one}, {two})",
                f"({one})",
                f"- {one}",
                f"not {one}",
                f"{one} between {two} and {one}",
                f"{one} isnull",
                f"{one} not in ({two}, {one})",
                f"{one} in (select {two})",
                f"{one} in t",
                f"f({choose(['', 'distinct '])}{one}, {two})",
                f"count(*) filter (where {one}) over (partition by {two} order by {one} desc rows between {one} preceding and current row)",
                f"cast({one} as {choose(['int', 'varchar(10)', 'a b', ''])})",
                f"case {one} when {two} then {one} else {two} end",
                f"exists ({self.select(depth - 2)})",
                f"({self.select(depth - 2)})",
                f"({one}) like ({two}) escape '!'",
                f"{one} collate nocase",
                f"sum({one} order by {two} nulls last)",
            ]
        )

    def select(self, depth: int) -> str:
        choose = self.chooser.choice
        text = (
            f"select {choose(['', 'distinct ', 'all '])}{self.expression(depth - 1)}{choose(['', ' as x', ' y'])}, t.*"
        )
        if choose([True, False]):
            source = choose(
                ["t", "main.t as q indexed by i", f"({self.select(depth - 2)}) z" if depth > 1 else "u", "f(1, 2) g"]
            )
            text += f" from {source} {choose(['join', ',', 'left join', 'natural join', 'cross join'])} u"
        if choose([True, False]):
            text += f" where {self.expression(depth - 1)} group by 1, {self.expression(depth - 2)} having a"
        if choose([True, False, False]):
            text += f" {choose(['union', 'union all', 'except'])} values (1, {self.expression(depth - 2)}) intersect select 1"
        return text + choose(["", f" order by {self.expression(0)} desc limit 1 offset 2"])

    def statement(self) -> str:
        choose = self.chooser.choice
        one, two = self.expression(2), self.expression(3)
        return choose(
            [
                self.select(4),
                f"with recursive c(a, b) as not materialized ({self.select(3)}) {self.select(3)}",
                f"insert or ignore into t(a, b) values ({one}, {two}) on conflict(a) where {one} do update set a = {two} returning *",
                f"update t set a = {one}, (b, c) = ({one}, {two}) from u where {two} returning {one} as r",
                f"delete from t where {two}",
                f"create table t(a int default ({one}) check ({two}), b text as ({one}) stored references u on delete cascade)",
                f"create unique index i on t({one} desc, b) where {two}",
                f"create trigger r after update of a on t when {one} begin update t set a = {two}; {self.select(2)}; end",
            ]
        )


def test_random_statements_survive_the_printer() -> None:
    for seed in range(1500):
        sql = Generator(seed).statement()
        try:
            statement, _end = parse_statement(sql)
        except SqlError as error:
            # A row compared with a list of what are no rows.
            assert error.message.startswith("IN(...) element has"), f"seed {seed}: {sql}"
            continue
        assert statement is not None
        again, _end = parse_statement(print_statement(statement))
        assert same_tree(statement, again), f"seed {seed}: {sql}"


def test_trees_that_differ_are_not_the_same() -> None:
    one, _end = parse_statement("select a, 1 from t where b = 'x'")
    for other in (
        "select a, 2 from t where b = 'x'",
        "select a, 1.0 from t where b = 'x'",
        "select a, 1 from t",
        "delete from t",
    ):
        assert not same_tree(one, parse_statement(other)[0])
    assert same_tree(one, parse_statement("SELECT  a , 1 FROM t WHERE (b == 'x')")[0])


def test_a_visit_can_leave_out_what_is_below() -> None:
    statement, _end = parse_statement("select a, (select b) from t")
    assert statement is not None
    seen: list[str] = []

    def enter(node: ast.AstNode) -> bool:
        if isinstance(node, ast.AstColumnRef):
            seen.append(node.column)
        return not isinstance(node, ast.AstSubquery)

    visit(statement, enter)
    assert seen == ["a"]
