"""The cases of the suite together hold every form that the grammar has: each kind of syntax tree, each of its parts
present and absent, alone and among others, and each word where there is a choice of words.

What the suite never says is in UNREACHED, with the reason; an entry that it has come to say fails too.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from keelback_core.compiler.sql import ast as syntax
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.value.errors import SqlError

SUITE = Path(__file__).resolve().parents[3] / "compat-tests" / "suite"
CONFLICTS = ("", "ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK")
ACTIONS = ("", "CASCADE", "NO ACTION", "RESTRICT", "SET DEFAULT", "SET NULL")
WORDS = {
    "AstInsert.conflict": CONFLICTS,
    "AstUpdate.conflict": CONFLICTS,
    "AstNotNull.conflict": CONFLICTS,
    "AstNull.conflict": CONFLICTS,
    "AstPrimaryKey.conflict": CONFLICTS,
    "AstUnique.conflict": CONFLICTS,
    "AstCheck.conflict": CONFLICTS,
    "AstSetNotNull.conflict": CONFLICTS,
    "AstForeignKey.on_delete": ACTIONS,
    "AstForeignKey.on_update": ACTIONS,
    "AstFrame.unit": ("GROUPS", "RANGE", "ROWS"),
    "AstFrame.exclude": ("", "CURRENT ROW", "GROUP", "NO OTHERS", "TIES"),
    "AstFrameBound.kind": ("CURRENT ROW", "FOLLOWING", "PRECEDING", "UNBOUNDED FOLLOWING", "UNBOUNDED PRECEDING"),
    "AstBegin.mode": ("", "DEFERRED", "EXCLUSIVE", "IMMEDIATE"),
    "AstLike.operator": ("GLOB", "LIKE", "MATCH"),
    "AstOrderTerm.direction": ("", "ASC", "DESC"),
    "AstOrderTerm.nulls": ("", "FIRST", "LAST"),
    "AstCommonTable.materialized": ("", "MATERIALIZED", "NOT MATERIALIZED"),
    "AstRaise.action": ("ABORT", "FAIL", "IGNORE", "ROLLBACK"),
    "AstCreateTrigger.time": ("", "AFTER", "BEFORE", "INSTEAD OF"),
    "AstCreateTrigger.event": ("DELETE", "INSERT", "UPDATE"),
    "AstDrop.kind": ("INDEX", "TABLE", "TRIGGER", "VIEW"),
    "AstGenerated.storage": ("", "STORED", "VIRTUAL"),
    "AstCurrentTime.keyword": ("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"),
    "AstUnary.operator": ("+", "-", "NOT", "~"),
    "AstBinary.operator": (
        *("%", "&", "*", "+", "-", "->", "->>", "/", "<", "<<", "<=", "<>", "=", ">", ">=", ">>", "AND", "IS"),
        *("IS NOT", "OR", "|", "||"),
    ),
    "AstFromItem.join_type": ("", "CROSS", "FULL", "INNER", "JOIN", "LEFT", "RIGHT"),
}
UNREACHED = {
    "AstAlterColumn": "beyond SQLite, from which the suite has its answers: core/tests/twin/beyond/alter_column.kbt",
    "AstFunctionCall.is_within_group": "the oracle is built without it: core/tests/engine/test_within_group.py",
}


class Reached:
    """What has been seen of each field of each kind of tree: "Kind.field" to the set of what stood there."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.fields: dict[str, set[object]] = {}

    def note(self, node: object) -> None:
        """A tree with all that is in it."""
        stack = [node]
        while stack:
            one = stack.pop()
            if isinstance(one, tuple):
                stack += one
            elif isinstance(one, syntax.AstNode):
                self.kinds.add(type(one).__name__)
                for name in one.fields:
                    value = getattr(one, name)
                    seen = self.fields.setdefault(f"{type(one).__name__}.{name}", set())
                    seen.add(min(len(value), 2) if isinstance(value, tuple) else _shape(value))
                    stack.append(value)


def _shape(value: object) -> object:
    return value if value is None or isinstance(value, (bool, str)) else "a tree"


@pytest.fixture(scope="module")
def reached() -> Reached:
    found = Reached()
    for path in sorted(SUITE.rglob("*.kbt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            sign, _, sql = line.strip().partition("> ")
            if sql and sign in ("", "a", "b", "c"):
                try:
                    found.note(parse_statement(sql)[0])
                except SqlError:
                    continue
    return found


def _kinds() -> list[type[syntax.AstNode]]:
    known = [kind for _, kind in inspect.getmembers(syntax, inspect.isclass) if issubclass(kind, syntax.AstNode)]
    return [kind for kind in known if not kind.__subclasses__()]


def _wanted() -> dict[str, tuple[object, ...]]:
    """What has to be seen of each field: both truths, absence and presence, none and one and several, or the words."""
    wanted: dict[str, tuple[object, ...]] = dict(WORDS)
    for kind in _kinds():
        annotations = inspect.signature(kind.__init__).parameters
        for name in kind.fields:
            annotation = str(annotations[name].annotation) if name in annotations else ""
            key = f"{kind.__name__}.{name}"
            if annotation == "bool":
                wanted[key] = (False, True)
            elif annotation.startswith("tuple["):
                wanted.setdefault(key, (2,) if key in ALWAYS_SEVERAL else (1, 2))
            if annotation.endswith("| None"):
                wanted[key] = (*wanted.get(key, ()), None, PRESENT)
    return wanted


PRESENT = object()
ALWAYS_SEVERAL = {"AstJoinSource.items", "AstRowValue.items"}


def _missing(seen: set[object], wanted: tuple[object, ...]) -> list[object]:
    return [
        "something" if one is PRESENT else one
        for one in wanted
        if (
            not seen - {None}
            if one is PRESENT
            else not any(type(one) is type(other) and one == other for other in seen)
        )
    ]


def test_every_kind_of_tree_is_in_the_suite(reached):
    missing = {kind.__name__ for kind in _kinds()} - reached.kinds
    assert missing == {name for name in UNREACHED if "." not in name}


def test_every_part_of_a_tree_is_in_the_suite_and_absent_and_each_of_its_words(reached):
    missing: dict[str, list[object]] = {}
    for key, wanted in _wanted().items():
        if key.partition(".")[0] in UNREACHED:
            continue
        left = _missing(reached.fields.get(key, set()), wanted)
        if left:
            missing[key] = left
    unexplained = {key: left for key, left in missing.items() if key not in UNREACHED}
    assert unexplained == {}
    assert {key for key in UNREACHED if "." in key} <= set(missing), "reached by now"


def test_a_form_that_no_case_has_is_told():
    alone = Reached()
    alone.note(parse_statement("BEGIN IMMEDIATE")[0])
    assert alone.kinds == {"AstBegin"}
    assert _missing(alone.fields["AstBegin.mode"], WORDS["AstBegin.mode"]) == ["", "DEFERRED", "EXCLUSIVE"]
    assert _missing({0, 1}, (1, 2)) == [2] and _missing({None}, (None, PRESENT)) == ["something"]
    assert _missing({False, 1}, (False, True)) == [True]
