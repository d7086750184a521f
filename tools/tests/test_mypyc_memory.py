"""tools/mypyc_memory.py: which classes of mypyc's C text lay their instances aside."""

from __future__ import annotations

import pytest

from tools.mypyc_memory import with_spares

CLASS = """
static void
node___Node_dealloc(NodeObject *self)
{
    PyObject_GC_UnTrack(self);
    CPy_TRASHCAN_BEGIN(self, node___Node_dealloc)
    CPyDef_node___Node_clear((PyObject *)self);
    Py_TYPE(self)->tp_free((PyObject *)self);
    CPy_TRASHCAN_END(self)
    done: ;
}

PyObject *CPyDef_node_____mypyc__Node_setup(PyObject *cpy_r_type)
{
    PyTypeObject *type = (PyTypeObject*)cpy_r_type;
    NodeObject *self;
    self = (NodeObject *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->vtable = node___Node_vtable;
    return (PyObject *)self;
}
"""


def test_a_plain_class_takes_its_instances_from_those_laid_aside() -> None:
    text, changed = with_spares(CLASS)
    assert changed == 1
    assert "self = (NodeObject *)tower_take(type, &node___Node_spares);" in text
    assert "tower_lay_aside((PyObject *)self, &node___Node_spares);" in text
    assert "tp_alloc" not in text and "tp_free" not in text and "TRASHCAN" not in text


def test_what_an_instance_holds_goes_before_it_is_laid_aside() -> None:
    text, _changed = with_spares(CLASS)
    begin = text.index("tower_begin_to_go(self);")
    assert begin < text.index("CPyDef_node___Node_clear(") < text.index("tower_lay_aside(")
    assert "GC_UnTrack" not in text


@pytest.mark.parametrize(
    "text",
    [
        CLASS.replace("    self->vtable", "    self->vtable = node___Node_vtable_shadow;\n    self->vtable"),
        CLASS.replace("    PyObject_GC_UnTrack(self);\n", "    PyObject_CallFinalizerFromDealloc(self);\n"),
    ],
    ids=["one that interpreted classes derive from", "one with a finalizer"],
)
def test_other_classes_stay_as_mypyc_writes_them(text: str) -> None:
    assert with_spares(text) == (text, 0)
