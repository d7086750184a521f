"""The bases of the syntax tree, and generic walks over it.

1. A node is immutable: every attribute is set once, in `__init__`.
2. `fields` names the attributes that make up the node, in source order; a field holds a node, None, a scalar, or a
   tuple of these (rows of VALUES are tuples of tuples).
3. `start` and `end` are character offsets into the text given to the parser, -1 when the node was made by hand;
   they are no part of the tree's meaning.
4. Walks are iterative: depth of the tree never meets Python's recursion limit. They look at no text and no value.

Must not know: any particular node.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import ClassVar, Final

    from keelback_core.compiler.sql.ast.parts import StatementParts

SOURCE_FIELDS: Final = frozenset(("source_text", "stored_text", "column_text", "constraint_text"))
"""Fields that repeat the source, and so differ between equal trees printed differently."""


class AstNode:
    """A node of the syntax tree; `text[start:end]` is its source. `is_leaf`: no node can be below it."""

    __slots__ = ("start", "end")
    fields: ClassVar[tuple[str, ...]] = ()
    is_leaf: ClassVar[bool] = False

    def __init__(self, start: int = -1, end: int = -1) -> None:
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.fields)
        return f"{type(self).__name__}({arguments})"


class AstStatement(AstNode):
    """Base of all statements. `parts` is set by the parser, for the statement that it gives back."""

    __slots__ = ("parts",)

    def __init__(self, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.parts: StatementParts | None = None


def children(node: AstNode) -> list[AstNode]:
    """The nodes directly below a node, in source order."""
    found: list[AstNode] = []
    if node.is_leaf:
        return found
    for name in node.fields:
        if name in SOURCE_FIELDS:
            continue
        value: object = getattr(node, name)
        if isinstance(value, AstNode):
            found.append(value)
        elif isinstance(value, tuple):
            _collect(value, found)
    return found


def _collect(values: tuple[object, ...], found: list[AstNode]) -> None:
    for value in values:
        if isinstance(value, AstNode):
            found.append(value)
        elif isinstance(value, tuple):
            _collect(value, found)


def walk(root: AstNode) -> Iterator[AstNode]:
    """Every node of the tree, parents before children, in source order."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        below = children(node)
        below.reverse()
        stack.extend(below)


def visit(root: AstNode, enter: Callable[[AstNode], bool]) -> None:
    """Call `enter` on every node, parents first; where it returns False the nodes below are left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        if enter(node):
            below = children(node)
            below.reverse()
            stack.extend(below)


def same_tree(left: object, right: object) -> bool:
    """Whether two trees (or tuples, or scalars) are equal, offsets and source texts apart."""
    stack: list[tuple[object, object]] = [(left, right)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, AstNode):
            if type(one) is not type(other):
                return False
            for name in one.fields:
                if name not in SOURCE_FIELDS:
                    stack.append((getattr(one, name), getattr(other, name)))
        elif isinstance(one, tuple):
            if not isinstance(other, tuple) or len(one) != len(other):
                return False
            stack.extend(zip(one, other, strict=True))
        elif type(one) is not type(other) or one != other:
            return False
    return True
