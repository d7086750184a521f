// The exceptions of DB-API 2.0 as Python classes, and the way from a result code to one of them.
//
// 1. A C++ function that meets a Python error throws nb::python_error with the exception taken; no error is left
//    pending while C++ goes on.
// 2. Messages are the library's own; codes are the extended result codes.
#pragma once

#include <nanobind/nanobind.h>

#include <keelback/sqlite3.h>

namespace keelback::python {

namespace nb = nanobind;

struct Errors {
  PyObject* warning = nullptr;
  PyObject* error = nullptr;
  PyObject* interface_error = nullptr;
  PyObject* database_error = nullptr;
  PyObject* data_error = nullptr;
  PyObject* operational_error = nullptr;
  PyObject* integrity_error = nullptr;
  PyObject* internal_error = nullptr;
  PyObject* programming_error = nullptr;
  PyObject* not_supported_error = nullptr;
};

// The classes, made once when the module is imported.
extern Errors errors;

// Raise `type` with a message in the format of PyErr_Format.
[[noreturn]] void raise(PyObject* type, const char* format, ...);

// Raise what is pending.
[[noreturn]] void raise_pending();

// Raise the connection's last error, or that of `code` where there is no connection.
[[noreturn]] void raise_code(sqlite3* handle, int code);

// The name of an extended result code, "unknown" for one that has none.
const char* code_name(int code);

void define_errors(nb::module_& module);
void define_constants(nb::module_& module);

}  // namespace keelback::python
