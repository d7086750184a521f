// What all callbacks from the library into Python share.
//
// 1. A callback takes the GIL itself, and leaves no exception pending.
// 2. The exception of a collation, which has no way to tell the library of it, is kept until the statement has
//    stepped, and raised there.
// 3. Where tracebacks are enabled, the exception of a callback is handed to sys.unraisablehook; else it is dropped.
#pragma once

#include "database.hpp"

namespace keelback::python {

// Report (or drop) the pending exception of `callback`.
void end_callback_error(PyObject* callback);

// Keep the pending exception of a callback until the call into the library is over.
void keep_callback_error();
bool has_callback_error();
// Raise the kept exception, if there is one.
void raise_callback_error();

// Drops a reference that the library held.
inline void drop_reference(void* object) {
  nb::gil_scoped_acquire held;
  Py_DECREF(static_cast<PyObject*>(object));
}

void define_callbacks(nb::module_& module);

}  // namespace keelback::python
