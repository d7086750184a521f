// SQL values to Python objects and back.
#pragma once

#include "errors.hpp"

namespace keelback::python {

// A name of the library's: UTF-8, with replacement characters where it is not.
nb::object decode_name(const char* text);

// The value of a column of the current row; TEXT through `text_factory` (str, bytes, bytearray, or a callable).
nb::object column_to_python(sqlite3_stmt* statement, int column, nb::handle text_factory);

// The arguments of a user's function.
nb::object arguments_to_python(int count, sqlite3_value** values);

// Set the result of a user's function; false with a Python error pending where it has no SQL value.
[[nodiscard]] bool set_result(sqlite3_context* context, PyObject* value);

}  // namespace keelback::python
