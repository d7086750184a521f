#include "values.hpp"

#include <climits>
#include <cstdio>
#include <cstring>

namespace keelback::python {

nb::object decode_name(const char* text) {
  if (text == nullptr) return nb::none();
  PyObject* result = PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "replace");
  if (result == nullptr) raise_pending();
  return nb::steal(result);
}

namespace {

[[noreturn]] void raise_undecodable(sqlite3_stmt* statement, int column, const char* text) {
  // The message is cut and made ASCII as Python's sqlite3 does.
  char message[200];
  std::snprintf(message, sizeof message, "Could not decode to UTF-8 column '%s' with text '%s'",
                sqlite3_column_name(statement, column), text);
  PyErr_Clear();
  nb::object shown =
      nb::steal(PyUnicode_DecodeASCII(message, static_cast<Py_ssize_t>(std::strlen(message)), "replace"));
  if (!shown.is_valid()) raise_pending();
  PyErr_SetObject(errors.operational_error, shown.ptr());
  raise_pending();
}

PyObject* text_to_python(sqlite3_stmt* statement, int column, nb::handle text_factory) {
  const char* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  const Py_ssize_t size = sqlite3_column_bytes(statement, column);
  if (text == nullptr) return PyErr_NoMemory();
  if (text_factory.ptr() == reinterpret_cast<PyObject*>(&PyUnicode_Type)) {
    PyObject* result = PyUnicode_DecodeUTF8(text, size, nullptr);
    if (result == nullptr && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
      raise_undecodable(statement, column, text);
    return result;
  }
  if (text_factory.ptr() == reinterpret_cast<PyObject*>(&PyBytes_Type)) return PyBytes_FromStringAndSize(text, size);
  if (text_factory.ptr() == reinterpret_cast<PyObject*>(&PyByteArray_Type)) {
    return PyByteArray_FromStringAndSize(text, size);
  }
  return PyObject_CallFunction(text_factory.ptr(), "y#", text, size);
}

PyObject* value_to_python(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return PyLong_FromLongLong(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return PyFloat_FromDouble(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const char* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return text != nullptr ? PyUnicode_FromStringAndSize(text, sqlite3_value_bytes(value)) : PyErr_NoMemory();
    }
    case SQLITE_BLOB: {
      const char* data = static_cast<const char*>(sqlite3_value_blob(value));
      return PyBytes_FromStringAndSize(data, sqlite3_value_bytes(value));
    }
    default:
      return Py_NewRef(Py_None);
  }
}

}  // namespace

nb::object column_to_python(sqlite3_stmt* statement, int column, nb::handle text_factory) {
  PyObject* result = nullptr;
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      result = PyLong_FromLongLong(sqlite3_column_int64(statement, column));
      break;
    case SQLITE_FLOAT:
      result = PyFloat_FromDouble(sqlite3_column_double(statement, column));
      break;
    case SQLITE_TEXT:
      result = text_to_python(statement, column, text_factory);
      break;
    case SQLITE_BLOB: {
      const char* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      result = PyBytes_FromStringAndSize(data, sqlite3_column_bytes(statement, column));
      break;
    }
    default:
      return nb::none();
  }
  if (result == nullptr) raise_pending();
  return nb::steal(result);
}

nb::object arguments_to_python(int count, sqlite3_value** values) {
  nb::object arguments = nb::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    PyObject* value = value_to_python(values[i]);
    if (value == nullptr) raise_pending();
    PyTuple_SET_ITEM(arguments.ptr(), i, value);
  }
  return arguments;
}

bool set_result(sqlite3_context* context, PyObject* value) {
  if (value == Py_None) {
    sqlite3_result_null(context);
  } else if (PyLong_Check(value)) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow != 0) {
      PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to SQLite INTEGER");
      return false;
    }
    if (number == -1 && PyErr_Occurred() != nullptr) return false;
    sqlite3_result_int64(context, number);
  } else if (PyFloat_Check(value)) {
    const double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred() != nullptr) return false;
    sqlite3_result_double(context, number);
  } else if (PyUnicode_Check(value)) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == nullptr) return false;
    if (size > INT_MAX) {
      PyErr_SetString(PyExc_OverflowError, "string is longer than INT_MAX bytes");
      return false;
    }
    sqlite3_result_text(context, text, static_cast<int>(size), SQLITE_TRANSIENT);
  } else if (PyObject_CheckBuffer(value)) {
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) != 0) return false;
    const bool fits = view.len <= INT_MAX;
    // A null pointer would make NULL of an empty blob.
    if (fits) sqlite3_result_blob(context, view.len != 0 ? view.buf : "", static_cast<int>(view.len), SQLITE_TRANSIENT);
    PyBuffer_Release(&view);
    if (!fits) PyErr_SetString(PyExc_OverflowError, "BLOB longer than INT_MAX bytes");
    return fits;
  } else {
    PyErr_Format(errors.programming_error, "User-defined functions cannot return '%s' values to SQLite",
                 Py_TYPE(value)->tp_name);
    return false;
  }
  return true;
}

}  // namespace keelback::python
