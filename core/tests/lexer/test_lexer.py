"""Tokens: kinds, borders, keywords in context, and the sameness of keywords.toml, the module and SQLite."""

from __future__ import annotations

import tomllib
from pathlib import Path

import apsw
import pytest
from keelback_core.compiler.sql import keywords, tokens
from keelback_core.compiler.sql.lexer import CLASSIFIED_AT_ONCE, Lexer

SPEC = Path(__file__).parents[2] / "spec" / "keywords.toml"


def lexed(sql: str) -> list[tuple[str, str]]:
    """Kind names and texts of the first statement."""
    kind_names = {value: name for name, value in vars(tokens).items() if name.startswith("T_")}
    kind_names.update({value: name for name, value in vars(keywords).items() if name.startswith("K_")})
    lexer = Lexer(sql, 0)
    lexer.lex_statement()
    return [(kind_names[kind], sql[lexer.starts[i] : lexer.ends[i]]) for i, kind in enumerate(lexer.kinds)]


def test_keywords_are_those_of_sqlite() -> None:
    assert set(keywords.KEYWORDS) == set(apsw.keywords)
    assert len(keywords.KEYWORDS) == 147


def test_the_generated_module_agrees_with_its_table() -> None:
    rows = tomllib.loads(SPEC.read_text())["keyword"]
    assert {row["name"]: row["number"] for row in rows} == keywords.KEYWORDS
    assert {row["number"] for row in rows if row.get("fallback")} == set(keywords.FALLBACK_KEYWORDS)
    assert {row["number"] for row in rows if row.get("join")} == set(keywords.JOIN_KEYWORDS)
    for row in rows:
        assert getattr(keywords, "K_" + row["name"]) == row["number"]


@pytest.mark.parametrize("word", sorted(keywords.KEYWORDS))
def test_a_keyword_is_a_name_where_sqlite_lets_it(word: str) -> None:
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(f"create table x({word})")
        is_name = True
    except apsw.SQLError:
        is_name = False
    is_context_word = word in ("WINDOW", "OVER", "FILTER")
    assert tokens.IS_NAME[keywords.KEYWORDS[word]] == (is_name and not is_context_word)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("1.5e3", [("T_FLOAT", "1.5e3")]),
        ("1e", [("T_ILLEGAL", "1e")]),
        ("0x1F", [("T_INTEGER", "0x1F")]),
        ("0xg", [("T_ILLEGAL", "0xg")]),
        ("1_0", [("T_SEPARATED_NUMBER", "1_0")]),
        (".5.", [("T_FLOAT", ".5"), ("T_DOT", ".")]),
        ("x'0'", [("T_ILLEGAL", "x'0'")]),
        ("x'00'", [("T_BLOB", "x'00'")]),
        ("xy'0'", [("T_IDENTIFIER", "xy"), ("T_STRING", "'0'")]),
        ("'a''b'", [("T_STRING", "'a''b'")]),
        ("'a", [("T_ILLEGAL", "'a")]),
        ("[a]]", [("T_IDENTIFIER", "[a]"), ("T_ILLEGAL", "]")]),
        (
            "a->>b->c",
            [
                ("T_IDENTIFIER", "a"),
                ("T_ARROW", "->>"),
                ("T_IDENTIFIER", "b"),
                ("T_ARROW", "->"),
                ("T_IDENTIFIER", "c"),
            ],
        ),
        ("$a::b(c d", [("T_ILLEGAL", "$a::b(c")]),
        ("$a::b(c)", [("T_VARIABLE", "$a::b(c)")]),
        ("?12a", [("T_VARIABLE", "?12"), ("T_IDENTIFIER", "a")]),
        ("@", [("T_ILLEGAL", "@")]),
        ("a--b\n*/*c*/-", [("T_IDENTIFIER", "a"), ("T_STAR", "*"), ("T_MINUS", "-")]),
        ("/*", [("T_SLASH", "/"), ("T_STAR", "*")]),
        ("/*/ a */ b", [("T_IDENTIFIER", "b")]),
        ("\ufeffa\ufeff", [("T_IDENTIFIER", "a\ufeff")]),
        ("lımıt ſelect", [("T_IDENTIFIER", "lımıt"), ("T_IDENTIFIER", "ſelect")]),
        (
            "<><=<<!===",
            [
                ("T_NOT_EQUAL", "<>"),
                ("T_LESS_EQUAL", "<="),
                ("T_SHIFT_LEFT", "<<"),
                ("T_NOT_EQUAL", "!="),
                ("T_EQUAL", "=="),
            ],
        ),
        ("a\0b", [("T_IDENTIFIER", "a")]),
        ("over filter window", [("T_IDENTIFIER", "over"), ("T_IDENTIFIER", "filter"), ("T_IDENTIFIER", "window")]),
        (") over w", [("T_RIGHT", ")"), ("K_OVER", "over"), ("T_IDENTIFIER", "w")]),
        (") filter (", [("T_RIGHT", ")"), ("K_FILTER", "filter"), ("T_LEFT", "(")]),
        ("window w as", [("K_WINDOW", "window"), ("T_IDENTIFIER", "w"), ("K_AS", "as")]),
    ],
)
def test_a_text_falls_into_tokens(sql: str, expected: list[tuple[str, str]]) -> None:
    assert [token for token in lexed(sql) if token[0] != "T_END"] == expected


def test_a_statement_ends_with_its_semicolon() -> None:
    lexer = Lexer("a;b", 0)
    lexer.lex_statement()
    assert lexer.kinds == [tokens.T_IDENTIFIER, tokens.T_SEMICOLON]
    lexer.lex_statement()
    assert lexer.kinds[2:] == [tokens.T_IDENTIFIER, tokens.T_END]


@pytest.mark.parametrize(
    "sql", ["select a_long_name, 'it''s' from [t] -- end\n where b>=1.5e3;", "é\ufeffü /* ö */ 'ß' x'00'"]
)
def test_tokens_do_not_depend_on_where_the_classified_part_of_a_text_ends(sql: str) -> None:
    expected = [token for token in lexed(sql) if token[0] != "T_END"]
    for blanks in range(CLASSIFIED_AT_ONCE - len(sql) - 1, CLASSIFIED_AT_ONCE + 1):
        found = lexed(" " * blanks + sql)
        assert [token for token in found if token[0] != "T_END"] == expected
    word = "w" * (3 * CLASSIFIED_AT_ONCE)
    assert lexed(f"{word} {word}")[:2] == [("T_IDENTIFIER", word)] * 2
