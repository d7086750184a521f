"""A host that is Python leaves exceptions pending in its callbacks, to find them when the call returns (apsw does):
our Python must not see them, and must not lose them.
"""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest
from capi_support import BUILD, run_python

CALLBACK = """
#include <Python.h>
int refuse(void *argument, int action, const char *a, const char *b, const char *c, const char *d) {
  (void)argument; (void)action; (void)a; (void)b; (void)c; (void)d;
  PyGILState_STATE gil = PyGILState_Ensure();
  if (!PyErr_Occurred()) PyErr_SetString(PyExc_OverflowError, "of the callback");
  PyGILState_Release(gil);
  return 1;
}
"""
PROGRAM = """
import ctypes
library, callbacks = ctypes.CDLL({library!r}), ctypes.CDLL({callbacks!r})
held = ctypes.PyDLL({library!r})
library.sqlite3_errmsg.restype = ctypes.c_char_p
handle, statement = ctypes.c_void_p(), ctypes.c_void_p()
assert library.sqlite3_open(b":memory:", ctypes.byref(handle)) == 0
assert library.sqlite3_set_authorizer(handle, callbacks.refuse, None) == 0
try:
    held.sqlite3_prepare_v2(handle, b"CREATE TABLE t(x)", -1, ctypes.byref(statement), None)
except OverflowError as error:
    print(error)
print(library.sqlite3_errcode(handle), library.sqlite3_errmsg(handle).decode())
assert library.sqlite3_set_authorizer(handle, None, None) == 0
print(library.sqlite3_exec(handle, b"CREATE TABLE t(x)", None, None, None))
"""


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_an_exception_that_a_callback_leaves_is_the_hosts(tmp_path: Path, engine: str) -> None:
    (tmp_path / "callback.c").write_text(CALLBACK, encoding="utf-8")
    command = ["cc", "-shared", "-fPIC", f"-I{sysconfig.get_paths()['include']}", "callback.c", "-o", "callback.so"]
    subprocess.run(command, cwd=tmp_path, check=True)
    program = PROGRAM.format(library=str(BUILD / "libkeelback.so.0"), callbacks=str(tmp_path / "callback.so"))
    run = run_python(program, KEELBACK_ENGINE=engine)
    assert run.stdout == "of the callback\n23 not authorized\n0\n", run.stderr
