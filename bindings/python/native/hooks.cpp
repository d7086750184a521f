// The authorizer, the progress handler and the trace callback.
//
// The library does not drop the data of these hooks: the callables of the connection are kept by its Python object,
// which replaces one only after the library was told.
#include <climits>

#include "callback.hpp"
#include "values.hpp"

namespace keelback::python {

namespace {

int authorize(void* callable, int action, const char* first, const char* second, const char* database,
              const char* trigger) {
  nb::gil_scoped_acquire held;
  auto* function = static_cast<PyObject*>(callable);
  const nb::object answer =
      nb::steal(PyObject_CallFunction(function, "issss", action, first, second, database, trigger));
  if (answer.is_valid() && PyLong_Check(answer.ptr())) {
    const long code = PyLong_AsLong(answer.ptr());
    if (PyErr_Occurred() == nullptr) return code >= INT_MIN && code <= INT_MAX ? static_cast<int>(code) : SQLITE_DENY;
  }
  if (PyErr_Occurred() != nullptr) end_callback_error(function);
  return SQLITE_DENY;
}

int report_progress(void* callable) {
  nb::gil_scoped_acquire held;
  auto* function = static_cast<PyObject*>(callable);
  const nb::object answer = nb::steal(PyObject_CallNoArgs(function));
  const int is_true = answer.is_valid() ? PyObject_IsTrue(answer.ptr()) : -1;
  if (is_true >= 0) return is_true;
  end_callback_error(function);
  return 1;  // an exception interrupts the statement
}

int trace(unsigned, void* callable, void* statement, void* text) {
  nb::gil_scoped_acquire held;
  auto* function = static_cast<PyObject*>(callable);
  auto* handle = static_cast<sqlite3_stmt*>(statement);
  // A statement of a trigger comes as a comment with the trigger's name.
  const auto* given = static_cast<const char*>(text);
  const bool is_comment = given != nullptr && given[0] == '-' && given[1] == '-';
  char* expanded = is_comment ? nullptr : sqlite3_expanded_sql(handle);
  nb::object sql;
  if (expanded != nullptr || is_comment) {
    sql = nb::steal(PyUnicode_FromString(expanded != nullptr ? expanded : given));
    sqlite3_free(expanded);
  } else {
    PyErr_SetString(errors.data_error, "Expanded SQL string exceeds the maximum string length");
    end_callback_error(function);
    sql = nb::steal(PyUnicode_FromString(sqlite3_sql(handle)));
  }
  nb::object answer;
  if (sql.is_valid()) answer = nb::steal(PyObject_CallOneArg(function, sql.ptr()));
  if (!answer.is_valid()) end_callback_error(function);
  return 0;
}

void set_authorizer(Database& self, const nb::object& callable) {
  const Entry entry(self);
  void* data = callable.is_none() ? nullptr : callable.ptr();
  const int code =
      without_gil([&] { return sqlite3_set_authorizer(self.handle(), data != nullptr ? authorize : nullptr, data); });
  if (code != SQLITE_OK) raise(errors.operational_error, "Error setting authorizer callback");
}

void set_progress_handler(Database& self, const nb::object& callable, int instructions) {
  const Entry entry(self);
  void* data = callable.is_none() ? nullptr : callable.ptr();
  without_gil([&] {
    sqlite3_progress_handler(self.handle(), data != nullptr ? instructions : 0,
                             data != nullptr ? report_progress : nullptr, data);
  });
}

void set_trace(Database& self, const nb::object& callable) {
  const Entry entry(self);
  void* data = callable.is_none() ? nullptr : callable.ptr();
  without_gil([&] {
    sqlite3_trace_v2(self.handle(), data != nullptr ? SQLITE_TRACE_STMT : 0, data != nullptr ? trace : nullptr, data);
  });
}

}  // namespace

void define_hooks(nb::class_<Database>& type) {
  type.def("set_authorizer", set_authorizer, nb::arg().none())
      .def("set_progress_handler", set_progress_handler, nb::arg().none(), nb::arg())
      .def("set_trace", set_trace, nb::arg().none());
}

}  // namespace keelback::python
