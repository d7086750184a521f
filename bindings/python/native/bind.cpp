// Parameters: positional and named, with the adapters of keelback.adapters.
#include <climits>
#include <cstring>

#include "statement.hpp"

namespace keelback::python {

namespace {

// The function adapt() of Python, and whether it has adapters for the types that need none.
PyObject* adapt_function = nullptr;
PyObject* adapt_protocol = nullptr;
bool are_plain_types_adapted = false;

bool is_plain(PyObject* value) {
  return PyUnicode_CheckExact(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value) || value == Py_None ||
         PyBytes_CheckExact(value) || PyByteArray_CheckExact(value);
}

nb::object adapted(const nb::object& value) {
  if (!are_plain_types_adapted && is_plain(value.ptr())) return value;
  PyObject* arguments[3] = {value.ptr(), adapt_protocol, value.ptr()};
  PyObject* result = PyObject_Vectorcall(adapt_function, arguments, 3, nullptr);
  if (result == nullptr) raise_pending();
  return nb::steal(result);
}

int bind_blob(sqlite3_stmt* statement, int index, PyObject* value) {
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) != 0) raise_pending();
  const bool fits = view.len <= INT_MAX;
  const int code = fits ? sqlite3_bind_blob(statement, index, view.len != 0 ? view.buf : "", static_cast<int>(view.len),
                                            SQLITE_TRANSIENT)
                        : SQLITE_OK;
  PyBuffer_Release(&view);
  if (!fits) raise(PyExc_OverflowError, "BLOB longer than INT_MAX bytes");
  return code;
}

int bind_text(sqlite3_stmt* statement, int index, PyObject* value) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) raise_pending();
  if (size > INT_MAX) raise(PyExc_OverflowError, "string longer than INT_MAX bytes");
  return sqlite3_bind_text(statement, index, text, static_cast<int>(size), SQLITE_TRANSIENT);
}

int bind_integer(sqlite3_stmt* statement, int index, PyObject* value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow != 0) raise(PyExc_OverflowError, "Python int too large to convert to SQLite INTEGER");
  if (number == -1 && PyErr_Occurred() != nullptr) raise_pending();
  return sqlite3_bind_int64(statement, index, number);
}

void bind_one(sqlite3* database, sqlite3_stmt* statement, int index, const nb::object& given) {
  const nb::object value = adapted(given);
  PyObject* object = value.ptr();
  int code = SQLITE_OK;
  if (object == Py_None) {
    code = sqlite3_bind_null(statement, index);
  } else if (PyLong_Check(object)) {
    code = bind_integer(statement, index, object);
  } else if (PyFloat_Check(object)) {
    code = sqlite3_bind_double(statement, index, PyFloat_AsDouble(object));
  } else if (PyUnicode_Check(object)) {
    code = bind_text(statement, index, object);
  } else if (PyObject_CheckBuffer(object)) {
    code = bind_blob(statement, index, object);
  } else {
    raise(errors.programming_error, "Error binding parameter %d: type '%s' is not supported", index,
          Py_TYPE(object)->tp_name);
  }
  if (code != SQLITE_OK) raise_code(database, code);
}

void bind_sequence(sqlite3* database, sqlite3_stmt* statement, PyObject* parameters, int needed) {
  const Py_ssize_t given = PySequence_Size(parameters);
  if (given < 0) raise_pending();
  if (given != needed) {
    raise(errors.programming_error,
          "Incorrect number of bindings supplied. The current statement uses %d, and there are %zd supplied.", needed,
          given);
  }
  for (int i = 0; i < needed; ++i) {
    nb::object value = PyTuple_CheckExact(parameters) ? nb::borrow(PyTuple_GET_ITEM(parameters, i))
                                                      : nb::steal(PySequence_GetItem(parameters, i));
    if (!value.is_valid()) raise_pending();
    bind_one(database, statement, i + 1, value);
  }
}

nb::object look_up(PyObject* parameters, const char* name) {
  nb::object key = nb::steal(PyUnicode_FromString(name));
  if (!key.is_valid()) raise_pending();
  if (PyDict_CheckExact(parameters)) {
    PyObject* found = PyDict_GetItemWithError(parameters, key.ptr());
    if (found != nullptr) return nb::borrow(found);
  } else {
    PyObject* found = PyObject_GetItem(parameters, key.ptr());
    if (found != nullptr) return nb::steal(found);
  }
  if (PyErr_Occurred() != nullptr && !PyErr_ExceptionMatches(PyExc_LookupError)) raise_pending();
  PyErr_Clear();
  raise(errors.programming_error, "You did not supply a value for binding parameter :%s.", name);
}

void bind_mapping(sqlite3* database, sqlite3_stmt* statement, PyObject* parameters, int needed) {
  for (int i = 1; i <= needed; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    if (name == nullptr) {
      raise(errors.programming_error, "Binding %d has no name, but you supplied a dictionary (which has only names).",
            i);
    }
    ++name;  // without its prefix
    bind_one(database, statement, i, look_up(parameters, name));
  }
}

}  // namespace

void bind_parameters(sqlite3* database, sqlite3_stmt* statement, const nb::object& parameters) {
  PyObject* given = parameters.ptr();
  const int needed = statement != nullptr ? sqlite3_bind_parameter_count(statement) : 0;
  if (PyTuple_CheckExact(given) || PyList_CheckExact(given) || (!PyDict_Check(given) && PySequence_Check(given) != 0)) {
    bind_sequence(database, statement, given, needed);
  } else if (PyMapping_Check(given) != 0) {
    bind_mapping(database, statement, given, needed);
  } else {
    raise(errors.programming_error, "parameters are of unsupported type");
  }
}

void define_bind(nb::module_& module) {
  module.def("set_adapt", [](const nb::object& function, const nb::object& protocol) {
    Py_XSETREF(adapt_function, nb::object(function).release().ptr());
    Py_XSETREF(adapt_protocol, nb::object(protocol).release().ptr());
  });
  module.def("set_plain_types_adapted", [](bool is_adapted) { are_plain_types_adapted = is_adapted; });
}

}  // namespace keelback::python
