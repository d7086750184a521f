"""The bodies of the reference's storage tests, run on the kernel.

A module of core/tests/storage is executed once more with the kernel's Database in the place of the reference's; its
tests then belong to the file that asks for them. Child processes that a test starts run the reference, so that tests of
locks and of crashes cross between the twins.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

from twin_storage import KernelDatabase

STORAGE_TESTS = Path(__file__).resolve().parents[1] / "storage"
DATABASE_MODULE = "keelback_core.reference.storage.database"


def _execute(name: str, module_name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(module_name, STORAGE_TESTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kernel_tests(name: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The tests and fixtures of a storage test module on the kernel. without: tests that look inside the reference."""
    replaced = {key: sys.modules.get(key) for key in (DATABASE_MODULE, "storage_support")}
    stand_in = types.ModuleType(DATABASE_MODULE)
    stand_in.Database = KernelDatabase  # type: ignore[attr-defined]
    try:
        sys.modules[DATABASE_MODULE] = stand_in
        sys.modules["storage_support"] = _execute("storage_support", "kernel_storage_support")
        module = _execute(name, f"kernel_{name}")
    finally:
        for key, original in replaced.items():
            if original is None:
                del sys.modules[key]
            else:
                sys.modules[key] = original
    assert set(without) <= set(vars(module))
    return {
        key: value
        for key, value in vars(module).items()
        if key not in without and (key.startswith("test_") or "Fixture" in type(value).__name__)
    }
