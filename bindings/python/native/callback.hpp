// What all callbacks from the library into Python share.
//
// 1. A callback takes the GIL itself, and leaves no exception pending.
// 2. Where tracebacks are enabled, the exception of a callback is handed to sys.unraisablehook; else it is dropped.
#pragma once

#include "database.hpp"

namespace keelback::python {

// Report (or drop) the pending exception of `callback`.
void end_callback_error(PyObject* callback);

// Drops a reference that the library held.
inline void drop_reference(void* object) {
  nb::gil_scoped_acquire held;
  Py_DECREF(static_cast<PyObject*>(object));
}

void define_callbacks(nb::module_& module);

}  // namespace keelback::python
