"""Instances of the compiled tower's classes are laid aside when they go, and taken again: a change of mypyc's C text.

mypyc gives every class a function that makes an instance (`..._setup`, by the type's tp_alloc) and one that lets it go
(`..._dealloc`, by its tp_free). In classes whose functions are just the common ones these two calls become those of
tools/mypyc_runtime/tower.h.

1. What is let go is emptied first, as before, so that the next instance finds no attribute set. It stays where garbage
   collections look, referred to by who lays it aside.
2. CPython's trashcan, which keeps long chains of objects from being let go by recursion, falls away: the depth of
   everything the tower builds is limited (core/spec/limits.toml).
3. Classes that interpreted ones may derive from, and those with a finalizer, stay as they are.
"""

from __future__ import annotations

import re

_LETS_GO = re.compile(
    r"""static void
(?P<prefix>\w+)_dealloc\((?P<struct>\w+) \*self\)
\{
    PyObject_GC_UnTrack\(self\);
    CPy_TRASHCAN_BEGIN\(self, \w+\)
    (?P<clear>\w+)\(\(PyObject \*\)self\);
    Py_TYPE\(self\)->tp_free\(\(PyObject \*\)self\);
    CPy_TRASHCAN_END\(self\)
    done: ;
\}
"""
)
_LAYS_ASIDE = re.compile(r"struct tower_spares (\w+)_spares;\nstatic void\n\w+\((\w+) \*self\)")
_NEW_LETS_GO = """struct tower_spares {prefix}_spares;
static void
{prefix}_dealloc({struct} *self)
{{
    tower_begin_to_go(self);
    {clear}((PyObject *)self);
    tower_lay_aside((PyObject *)self, &{prefix}_spares);
}}
"""


def with_spares(text: str) -> tuple[str, int]:
    """The C text of a module, and how many of its classes lay their instances aside."""
    changed = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal changed
        prefix, struct = found["prefix"], found["struct"]
        made = f"self = ({struct} *)type->tp_alloc(type, 0);"
        if f"{prefix}_vtable_shadow" in text or text.count(made) != 1:
            return found[0]
        changed += 1
        return _NEW_LETS_GO.format(prefix=prefix, struct=struct, clear=found["clear"])

    new = _LETS_GO.sub(replaced, text)
    for prefix, struct in _LAYS_ASIDE.findall(new):
        new = new.replace(
            f"self = ({struct} *)type->tp_alloc(type, 0);", f"self = ({struct} *)tower_take(type, &{prefix}_spares);"
        )
    return new, changed
