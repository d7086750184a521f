"""The rooms that mypyc compiles hold nothing that it cannot compile; a whole build takes too long to find out."""

from __future__ import annotations

import ast
import re

import pytest

from tools.mypyc_build import INTERPRETED, PACKAGE, modules, sources

COMPILED = modules()


def test_every_module_of_the_rooms_is_compiled_or_interpreted_on_purpose() -> None:
    plain = {f"keelback_core/{path.as_posix()}" for path in sources() if path.name != "__init__.py"}
    left = plain - set(COMPILED)
    assert left == {f"keelback_core/{path}" for path in INTERPRETED}
    assert len(COMPILED) == len(set(COMPILED))


@pytest.mark.parametrize("path", COMPILED)
def test_a_compiled_module_keeps_to_what_mypyc_knows(path: str) -> None:
    text = (PACKAGE.parent / path).read_text(encoding="utf-8")
    assert not re.search(r"= __slots__$", text, re.MULTILINE), "write fields first and `__slots__ = fields`"
    assert not re.search(r"\\ud[89a-f]", text), "no surrogates in literals"
    for node in ast.walk(ast.parse(text)):
        # A tuple of mypyc is no object: taken out of a table twice it is two.
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            assert not isinstance(node.comparators[0], ast.Subscript), "no entry of a table compared by identity"
    for node in ast.parse(text).body:
        if isinstance(node, ast.If):
            assert not any(isinstance(below, ast.ClassDef) for below in ast.walk(node)), "no class inside a condition"
