"""Emit the C source of the cffi embedding module: python embed.py TABLE_H OUT.c

cffi's own start-up code is never entered: it can spin for ever in a 3.11 host, dead-locks when two threads make
the first call and prints to stderr. `kb_cffi_start` in the prelude does the same work under the GIL, once, and
tells errors by return value (called by boot.cpp).
"""

from __future__ import annotations

import sys
from pathlib import Path

import cffi

MODULE = "_keelback_embedding"

KEY = """
#define KB_BORDER_KEY ...
"""

FUNCTIONS = """
int kb_python_call(int operation, long long handle, const char *request, size_t size, struct kb_reply *reply);
int kb_python_step(long long statement, struct kb_reply *reply);
"""

HELPERS = """
void *kb_reply_reserve(struct kb_reply *reply, size_t size);
int kb_ask(int question, long long host, const char *request, size_t size, const char **answer, size_t *answer_size);
"""

PRELUDE = """
#include "table.h"
#include "border_key.h"
extern void *kb_reply_reserve(struct kb_reply *reply, size_t size);
extern int kb_ask(int question, long long host, const char *request, size_t size,
                  const char **answer, size_t *answer_size);

int kb_cffi_start(void)
{
  PyObject *module, *code, *names, *result;
  module = PyInit_%(module)s();
  if (module == NULL || PyErr_Occurred()) return -1;
  code = Py_CompileString(_CFFI_PYTHON_STARTUP_CODE, "<start " _CFFI_MODULE_NAME ">", Py_file_input);
  if (code == NULL) return -1;
  names = PyDict_New();
  if (names == NULL) { Py_DECREF(code); return -1; }
  PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
  result = PyEval_EvalCode(code, names, names);
  Py_DECREF(code);
  Py_DECREF(names);
  if (result == NULL) return -1;
  Py_DECREF(result);
  __sync_synchronize();
  _cffi_call_python = (_cffi_call_python_fnptr)_cffi_call_python_org;
  return 0;
}
"""

START = """
from %(module)s import ffi, lib
from keelback_core.engine import embedding
embedding.install(ffi, lib)
"""


def main(table: str, output: str) -> None:
    """Write the C source to `output`, with the declarations between the cdef lines of `table`."""
    text = Path(table).read_text(encoding="utf-8")
    shared = text.split("/* cdef begin */")[1].split("/* cdef end */")[0]
    ffi = cffi.FFI()
    ffi.cdef(shared + HELPERS + KEY)
    ffi.embedding_api(FUNCTIONS)
    ffi.set_source(MODULE, PRELUDE % {"module": MODULE})
    ffi.embedding_init_code(START % {"module": MODULE})
    ffi.emit_c_code(output)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
