"""The native lexer is a twin of the Python one; what it lifts is what the compiler takes for liftable."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cache_library import lex, lift, statement_tokens, utf8
from keelback_core.compiler.emit.lifting import is_lifted_statement, liftable_literals
from keelback_core.compiler.sql.keywords import K_FILTER, K_OVER, K_WINDOW
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.compiler.sql.tokens import T_ILLEGAL
from keelback_core.value.errors import SqlError
from runner.suite_file import read_suite_file

SUITE = Path(__file__).resolve().parents[3] / "compat-tests" / "suite"
# Words that the Python lexer turns into names by what stands around them; the native one never asks for these.
CONTEXT_WORDS = {K_WINDOW, K_OVER, K_FILTER}
PIECES = (
    *("SELECT", "insert", "valueS", " ", "  ", "\n", "\t", "\f", "\r", "\ufeff", "-- x\n", "--", "/* */", "/*", "/*/"),
    *("a", "x", "X", "_b", "$c", "é", "\udcff", "_", "rowid", "1", "12", "0", "007", "0x1F", "0X", "1.5", ".5", "2."),
    *("1e5", "1E-3", "1e", "1e+", "1_000", "1._5", "9223372036854775807", "9223372036854775808", "123456789012345678"),
    *("'", "''", "'a'", "'it''s'", "x'", "x'ab'", "X'0'", "x'0g'", '"', '"q"', "`", "`b`", "[", "[c d]", "]", "?"),
    *("?1", ":n", "@v", "$d(x)", "$d(", "#1", "::", ":", "@", "#", "(", ")", ",", "+", "-", "*", "/", "%", "=", "=="),
    *("<", "<=", "<>", "<<", ">", ">=", ">>", "!", "!=", "|", "||", "&", "~", "->", "->>", ".", "{", "\\", "\x01"),
    *(";", "over", "filter", "window", "0x10", "5e-324", "1.7976931348623157e308", "9e999", "8618758211.66757474e-311"),
)


def random_text(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) + rng.choice(("", "", " ")) for _ in range(rng.randint(1, 14)))


def suite_texts() -> list[str]:
    texts = []
    for path in sorted(SUITE.rglob("*.kbt")):
        for case in read_suite_file(path, path.stem).cases:
            texts += [step.sql for step in [*case.setup, *case.steps] if step.sql]
    return sorted(set(texts))


def python_tokens(sql: str) -> list[tuple[int, int, int]]:
    lexer = Lexer(sql, 0)
    lexer.lex_statement()
    tokens = []
    for kind, start, end in zip(lexer.kinds, lexer.starts, lexer.ends, strict=True):
        tokens.append((kind, len(utf8(sql[:start])), len(utf8(sql[:end]))))
        if kind == T_ILLEGAL:
            break
    return tokens


def assert_same_tokens(sql: str) -> None:
    expected = python_tokens(sql)
    found = lex(sql)
    assert [token[1:] for token in found] == [token[1:] for token in expected], sql
    for (kind, _start, _end), (wanted, _, _) in zip(found, expected, strict=True):
        assert kind == wanted or kind in CONTEXT_WORDS, (sql, kind, wanted)


def assert_parser_gets_the_same(sql: str) -> None:
    native = statement_tokens(sql)
    assert (native is None) == (not sql.isascii() or "\0" in sql), sql
    if native is not None:
        expected, lexer = Lexer(sql, 0), Lexer(sql, 0)
        expected.lex_statement()
        lexer.take_statement(*native)
        assert (lexer.kinds, lexer.starts, lexer.ends) == (expected.kinds, expected.starts, expected.ends), sql
        # Nobody reads on behind a token that is none.
        assert lexer.position == expected.position or T_ILLEGAL in lexer.kinds, sql


def assert_same_literals(sql: str) -> bool:
    """Whether the text is a statement whose literals are lifted."""
    found = lift(sql)
    try:
        ast, tail = parse_statement(sql)
    except SqlError:
        return False
    if ast is None:
        assert found is None, sql
        return False
    if found is None:
        assert not is_lifted_statement(ast), sql
        return False
    end, shape, literals = found
    if not is_lifted_statement(ast):
        assert not literals
        return False
    assert end == len(utf8(sql[:tail])), sql
    native = {literal.start: literal for literal in literals}
    for literal in liftable_literals(ast):
        twin = native[len(utf8(sql[: literal.start]))]
        value = literal.value_to_load
        assert (type(twin.value), repr(twin.value)) == (type(value), repr(value)), sql
        assert twin.is_small == (value in (0, 1)), sql
        if isinstance(value, (int, float)):
            assert repr(twin.negated) == repr(-value), sql
    assert len(shape) <= len(utf8(sql))
    return bool(literals)


def test_tokens_and_literals_of_the_suite_are_those_of_python() -> None:
    lifted = 0
    for sql in suite_texts():
        assert_same_tokens(sql)
        assert_parser_gets_the_same(sql)
        lifted += assert_same_literals(sql)
    assert lifted > 1000


@pytest.mark.parametrize("_round", range(4))
def test_tokens_of_random_texts_are_those_of_python(_round: int) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(4000):
        assert_same_tokens(random_text(rng))


def test_values_of_random_numbers_are_those_of_python() -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    count = 0
    for _ in range(4000):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 21)))
        point = rng.randint(0, len(digits))
        number = rng.choice((digits, f"{digits[:point]}.{digits[point:]}", f"{digits}e{rng.randint(-330, 310)}"))
        count += assert_same_literals(f"SELECT -{number} AS n, {number} AS m")
    assert count > 2500


def test_a_shape_keeps_everything_but_the_values() -> None:
    sql = "select /* 5 */ 'a''b', 1,2.50 , -3 from [t 1] where x=x'00' and y=0x10 and z=?5 and b = 1_0; SELECT 2"
    found = lift(sql)
    assert found is not None
    end, shape, literals = found
    assert sql[end:] == " SELECT 2"
    assert shape == (
        b"select /* 5 */ \x03, \x01,\x02 , -\x01 from [t 1] where x=x'00' and y=0x10 and z=?5 and b = 1_0;"
    )
    assert [literal.value for literal in literals] == ["a'b", 1, 2.5, 3]


@pytest.mark.parametrize(
    "sql", ["", "  ", ";;", "-- nothing", "CREATE TABLE t(a DEFAULT 5)", "SELECT 5abc", "SELECT 'open", "5", "t"]
)
def test_texts_without_a_statement_that_can_be_found_again_are_not_taken(sql: str) -> None:
    assert lift(sql) is None


def test_other_statements_are_taken_as_they_are() -> None:
    assert lift("PRAGMA cache_size = 5; SELECT 1") == (22, b"PRAGMA cache_size = 5;", [])
    assert lift("; begin") == (7, b"; begin", [])
