"""The import checker: our own tree is clean, and what it must find it finds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

import layers  # noqa: E402


def test_imports_of_this_tree_go_down_only() -> None:
    assert layers.check(ROOT) == []


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        ("value/bad.py", "from keelback_core.program.program import Program\n", "value may not import from program"),
        ("compiler/bind/bad.py", "from ..emit import builder\n", "compiler/bind may not import from compiler/emit"),
        ("compiler/bind/bad.py", "import re\n", "compiler/bind may not import re"),
        (
            "reference/vm/bad.py",
            "def f():\n    from keelback_core.value import key\n",
            "import of keelback_core.value inside a function",
        ),
        (
            "program/bad.py",
            "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from keelback_core.engine import Connection\n",
            "program may not import from engine",
        ),
    ],
)
def test_an_import_that_points_up_is_found(tmp_path: Path, place: str, text: str, message: str) -> None:
    (tmp_path / "core").mkdir()
    shutil.copy(ROOT / "core" / "layers.toml", tmp_path / "core" / "layers.toml")
    path = tmp_path / "core" / "keelback_core" / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    found = layers.check(tmp_path)
    assert len(found) == 1 and message in found[0]


def test_annotations_may_name_any_standard_module(tmp_path: Path) -> None:
    (tmp_path / "core" / "keelback_core" / "value").mkdir(parents=True)
    shutil.copy(ROOT / "core" / "layers.toml", tmp_path / "core" / "layers.toml")
    text = "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any\n"
    (tmp_path / "core" / "keelback_core" / "value" / "good.py").write_text(text)
    assert layers.check(tmp_path) == []


def test_an_include_that_points_up_is_found(tmp_path: Path) -> None:
    (tmp_path / "core" / "kernel" / "value").mkdir(parents=True)
    (tmp_path / "core" / "kernel" / "vm").mkdir()
    shutil.copy(ROOT / "core" / "layers.toml", tmp_path / "core" / "layers.toml")
    (tmp_path / "core" / "kernel" / "vm" / "machine.hpp").write_text("")
    (tmp_path / "core" / "kernel" / "value" / "bad.cpp").write_text('#include "../vm/machine.hpp"\n')
    assert layers.check(tmp_path) == ["core/kernel/value/bad.cpp:1: value may not include from vm"]
