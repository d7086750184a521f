"""The checker of import directions finds what goes against the table, and the source has nothing of it."""

from __future__ import annotations

from tools import layers

TABLE = {"value": [], "program": ["value"], "engine": ["value", "program"]}


def write(folder, name, text):
    path = folder / layers.PACKAGE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_source_keeps_to_the_table():
    assert layers.main() == 0


def test_an_import_upward_is_found(tmp_path):
    write(tmp_path, "value/key.py", "from keelback_core.program.opcodes import OP_ADD\n")
    assert [line.split(": ")[1] for line in layers.python_violations(tmp_path, TABLE, set())] == [
        "value imports program"
    ]


def test_a_relative_import_upward_is_found(tmp_path):
    write(tmp_path, "value/key.py", "from ..engine import connection\n")
    assert [line.split(": ")[1] for line in layers.python_violations(tmp_path, TABLE, set())] == [
        "value imports engine"
    ]


def test_an_import_downward_is_fine(tmp_path):
    write(
        tmp_path, "engine/connection.py", "from keelback_core.value import key\nimport keelback_core.program.opcodes\n"
    )
    assert layers.python_violations(tmp_path, TABLE, set()) == []


def test_an_import_inside_a_function_is_found(tmp_path):
    write(tmp_path, "engine/connection.py", "def f():\n    from keelback_core.value import key\n    return key\n")
    found = layers.python_violations(tmp_path, TABLE, set())
    assert len(found) == 1 and found[0].endswith("import inside a function")


def test_a_heavy_module_is_found_unless_it_is_for_the_checker(tmp_path):
    write(tmp_path, "value/a.py", "import re\n")
    write(tmp_path, "value/b.py", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import re\n")
    found = layers.python_violations(tmp_path, TABLE, {"re"})
    assert len(found) == 1 and "a.py:1: imports re" in found[0]


def test_an_include_upward_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "ROOT", tmp_path)
    (tmp_path / "value").mkdir()
    (tmp_path / "value" / "key.hpp").write_text(
        '#include "vm/machine.hpp"\n#include "value/text.hpp"\n', encoding="utf-8"
    )
    found = layers.cpp_violations(tmp_path, {"value": [], "vm": ["value"]})
    assert found == ["value/key.hpp:1: value includes vm"]
