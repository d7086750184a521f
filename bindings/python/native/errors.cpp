#include "errors.hpp"

#include <cstdarg>
#include <string>

namespace keelback::python {

Errors errors;

void raise_pending() { throw nb::python_error(); }

void raise(PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(type, format, arguments);
  va_end(arguments);
  raise_pending();
}

namespace {

// The class for a primary result code; nullptr where a MemoryError is due.
PyObject* class_of(int code) {
  switch (code & 0xff) {
    case SQLITE_INTERNAL:
    case SQLITE_NOTFOUND:
      return errors.internal_error;
    case SQLITE_NOMEM:
      return nullptr;
    case SQLITE_ERROR:
    case SQLITE_PERM:
    case SQLITE_ABORT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_EMPTY:
    case SQLITE_SCHEMA:
      return errors.operational_error;
    case SQLITE_TOOBIG:
      return errors.data_error;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return errors.integrity_error;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return errors.interface_error;
    default:
      return errors.database_error;
  }
}

PyObject* define(nb::module_& module, const char* name, PyObject* base, const char* documentation) {
  const std::string full_name = std::string("keelback.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(full_name.c_str(), documentation, base, nullptr);
  if (type == nullptr) raise_pending();
  module.attr(name) = nb::handle(type);
  return type;
}

}  // namespace

void raise_code(sqlite3* handle, int code) {
  // A code that the library gave without telling the connection (misuse) must not come with an older message.
  const bool is_told = handle != nullptr && (sqlite3_errcode(handle) & 0xff) == (code & 0xff);
  const int extended = is_told ? sqlite3_extended_errcode(handle) : code;
  PyObject* type = class_of(extended);
  if (type == nullptr) {
    PyErr_NoMemory();
    raise_pending();
  }
  const char* message = is_told ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  PyObject* text =
      PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::char_traits<char>::length(message)), "replace");
  if (text == nullptr) raise_pending();
  nb::object owned_text = nb::steal(text);
  nb::object error = nb::steal(PyObject_CallOneArg(type, text));
  if (!error.is_valid()) raise_pending();
  error.attr("sqlite_errorcode") = nb::int_(extended);
  error.attr("sqlite_errorname") = nb::str(code_name(extended));
  PyErr_SetObject(type, error.ptr());
  raise_pending();
}

void define_errors(nb::module_& module) {
  errors.warning = define(module, "Warning", PyExc_Exception, "An important warning (DB-API 2.0).");
  errors.error = define(module, "Error", PyExc_Exception, "The base of all errors of this package.");
  errors.interface_error = define(module, "InterfaceError", errors.error, "The interface was used wrongly.");
  errors.database_error = define(module, "DatabaseError", errors.error, "An error of the database.");
  errors.data_error = define(module, "DataError", errors.database_error, "A value out of range or too big.");
  errors.operational_error = define(module, "OperationalError", errors.database_error, "The database could not do it.");
  errors.integrity_error = define(module, "IntegrityError", errors.database_error, "A constraint failed.");
  errors.internal_error = define(module, "InternalError", errors.database_error, "An inner fault of the database.");
  errors.programming_error = define(module, "ProgrammingError", errors.database_error, "A mistake of the program.");
  errors.not_supported_error =
      define(module, "NotSupportedError", errors.database_error, "Something that this database does not offer.");
}

}  // namespace keelback::python
