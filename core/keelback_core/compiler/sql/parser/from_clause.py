"""FROM: tables, subqueries, table functions, and the words that join them.

Must not know: the catalog; what the columns of USING are. Spec: https://sqlite.org/lang_select.html#the_from_clause.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import (
    AstExpression,
)
from keelback_core.compiler.sql.ast.select import (
    AstFromItem,
    AstJoinSource,
    AstSelectSource,
    AstSource,
    AstTableFunction,
    AstTableSource,
)
from keelback_core.compiler.sql.keywords import (
    K_AS,
    K_BY,
    K_COLLATE,
    K_FROM,
    K_INDEXED,
    K_JOIN,
    K_NOT,
    K_ON,
    K_USING,
)
from keelback_core.compiler.sql.parser.calls import CallParser
from keelback_core.compiler.sql.tokens import (
    IS_ALIAS,
    IS_JOIN_WORD,
    IS_NAME,
    T_COMMA,
    T_LEFT,
    T_RIGHT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


class FromParser(CallParser):
    """FROM and what stands in it."""

    __slots__ = ()

    def parse_alias(self) -> str | None:
        """`[[AS] name]`."""
        if self.kind == K_AS:
            self.advance()
            return self.parse_name()
        return self.parse_word() if IS_ALIAS[self.kind] else None

    def parse_from(self) -> tuple[AstFromItem, ...]:
        """`[FROM items]`."""
        return self._parse_from_items() if self.accept(K_FROM) else ()

    def _parse_from_items(self) -> tuple[AstFromItem, ...]:
        items: list[AstFromItem] = []
        join_type = ""
        is_natural = False
        while True:
            items.append(self._parse_from_item(join_type, is_natural))
            kind = self.kind
            if kind == T_COMMA:
                self.advance()
                join_type = ","
                is_natural = False
            elif kind == K_JOIN:
                self.advance()
                join_type = "JOIN"
                is_natural = False
            elif IS_JOIN_WORD[kind]:
                join_type, is_natural = self._parse_join_words()
            else:
                break
        return tuple(items)

    def _parse_join_words(self) -> tuple[str, bool]:
        """One to three words and JOIN; words that make no join are an error of their own."""
        start = self.start()
        words: list[str] = []
        texts: list[str] = []
        while self.kind != K_JOIN:
            if len(words) == 3 or not IS_NAME[self.kind]:
                raise self.unexpected()
            texts.append(self.token_text())
            words.append(texts[-1].upper() if texts[-1].isascii() else "")
            self.advance()
        self.advance()
        join_type = join_type_of(words)
        if not join_type:
            self.report(f"unknown join type: {' '.join(texts)}", start)
        return join_type, "NATURAL" in words

    def _parse_from_item(self, join_type: str, is_natural: bool) -> AstFromItem:
        start = self.start()
        is_indexable = False
        self.open_construct(1)
        if self.kind == T_LEFT:
            source = self._parse_parenthesised_source(start)
        else:
            self.open_construct(2)
            self.depth -= 2
            schema, name = self.parse_qualified_name()
            if self.kind == T_LEFT:
                self.advance()
                arguments = self._parse_list_in_parentheses()
                source = AstTableFunction(schema, name, arguments, start, self.previous_end())
            else:
                self.parts.read_tables.append(name)
                source = AstTableSource(schema, name, None, False, start, self.previous_end())
                is_indexable = True
        alias = self.parse_alias()
        if is_indexable and (self.kind == K_INDEXED or self.kind == K_NOT):
            indexed_by, is_not_indexed = self.parse_indexed()
            source = AstTableSource(schema, name, indexed_by, is_not_indexed, start, self.previous_end())
        on: AstExpression | None = None
        using: tuple[str, ...] = ()
        if self.kind == K_ON or self.kind == K_USING:
            word = self.token_text().upper()
            self.advance()
            if word == "ON":
                on = self.parse_expression()
            else:
                using = self.parse_names_in_parentheses()
            if not join_type:
                self.report(f"a JOIN clause is required before {word}")
        self.depth -= 1
        return AstFromItem(source, alias, join_type, is_natural, on, using, start, self.previous_end())

    def _parse_parenthesised_source(self, start: int) -> AstSource:
        self.advance()
        if self.is_select_ahead():
            self.open_construct(1)
            select = self.parse_select()
            self.depth -= 1
            self.expect(T_RIGHT)
            return AstSelectSource(select, start, self.previous_end())
        self.open_construct(1)
        items = self._parse_from_items()
        self.depth -= 1
        self.expect(T_RIGHT)
        return AstJoinSource(items, start, self.previous_end())

    def parse_indexed(self) -> tuple[str | None, bool]:
        """`[INDEXED BY name | NOT INDEXED]`."""
        if self.accept(K_INDEXED):
            self.expect(K_BY)
            return self.parse_name(), False
        if self.accept(K_NOT):
            self.expect(K_INDEXED)
            return None, True
        return None, False

    def parse_plain_columns(self) -> tuple[str, ...]:
        """`(name, ...)` where COLLATE and ASC|DESC are parsed and refused."""
        self.expect(T_LEFT)
        names: list[str] = []
        while True:
            raw = self.token_text()
            names.append(self.parse_name())
            is_odd = False
            if self.accept(K_COLLATE):
                self.parse_word()
                is_odd = True
            if self.parse_direction() or is_odd:
                self.report(f'syntax error after column name "{raw}"')
            if not self.accept(T_COMMA):
                break
        self.expect(T_RIGHT)
        return tuple(names)


def join_type_of(words: list[str]) -> str:
    """The join that up to three words in upper case amount to, or "" if they contradict each other.

    OUTER needs LEFT, RIGHT or FULL; LEFT together with RIGHT is FULL; INNER and CROSS go with neither.
    """
    known = ("NATURAL", "LEFT", "RIGHT", "FULL", "OUTER", "INNER", "CROSS")
    for word in words:
        if word not in known:
            return ""
    is_left = "LEFT" in words or "FULL" in words
    is_right = "RIGHT" in words or "FULL" in words
    is_inner = "INNER" in words or "CROSS" in words
    is_outer = "OUTER" in words or is_left or is_right
    if is_inner and is_outer:
        return ""
    if is_outer:
        if is_left and is_right:
            return "FULL"
        return "LEFT" if is_left else "RIGHT" if is_right else ""
    if "CROSS" in words:
        return "CROSS"
    return "INNER" if "INNER" in words else "JOIN"
