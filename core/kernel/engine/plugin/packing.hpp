// The answer of a compilation as it crosses the border: Python's objects written into a reply.
//
// Of the program the pieces are joined that program/encoding.py describes. The caller holds the GIL.
//
// Must not know: what the values mean.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "table.h"

extern "C" void* kb_reply_reserve(struct kb_reply* reply, size_t size);

namespace keelback::plugin {

// Packs the values of (code, values); the code, or NOMEM.
[[nodiscard]] int give_reply(PyObject* answer, kb_reply* reply);

}  // namespace keelback::plugin
