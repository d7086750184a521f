// User-defined functions, aggregates, window functions and collations.
#include <climits>
#include <cstring>
#include <string>

#include "callback.hpp"
#include "values.hpp"

namespace keelback::python {

namespace {

bool are_tracebacks_enabled = false;

// Set the error of a call: `message`, unless the pending exception has a code of its own.
void set_error(sqlite3_context* context, const char* message, PyObject* callback) {
  if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
    sqlite3_result_error_nomem(context);
  } else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
    sqlite3_result_error_toobig(context);
  } else {
    sqlite3_result_error(context, message, -1);
  }
  end_callback_error(callback);
}

// The arguments as a tuple; an invalid object with a Python error pending where one cannot be read.
nb::object try_arguments(int count, sqlite3_value** values) {
  try {
    return arguments_to_python(count, values);
  } catch (nb::python_error& error) {
    error.restore();
    return {};
  }
}

PyObject* callable_of(sqlite3_context* context) { return static_cast<PyObject*>(sqlite3_user_data(context)); }

void call_scalar(sqlite3_context* context, int count, sqlite3_value** values) {
  nb::gil_scoped_acquire held;
  PyObject* function = callable_of(context);
  const nb::object arguments = try_arguments(count, values);
  nb::object result;
  if (arguments.is_valid()) result = nb::steal(PyObject_Call(function, arguments.ptr(), nullptr));
  if (!result.is_valid() || !set_result(context, result.ptr())) {
    set_error(context, "user-defined function raised exception", function);
  }
}

// The message for a failed method: it is missing, or it raised.
void set_method_error(sqlite3_context* context, const char* method, PyObject* callback) {
  const bool is_missing = PyErr_ExceptionMatches(PyExc_AttributeError);
  const std::string message = std::string("user-defined aggregate's '") + method +
                              (is_missing ? "' method not defined" : "' method raised error");
  set_error(context, message.c_str(), callback);
}

// The aggregate's object of this group, made at its first row; nullptr where that failed (the error is set).
PyObject* instance_of(sqlite3_context* context) {
  auto** place = static_cast<PyObject**>(sqlite3_aggregate_context(context, sizeof(PyObject*)));
  if (place == nullptr) {
    sqlite3_result_error_nomem(context);
    return nullptr;
  }
  if (*place == nullptr) {
    PyObject* factory = callable_of(context);
    *place = PyObject_CallNoArgs(factory);
    if (*place == nullptr) set_error(context, "user-defined aggregate's '__init__' method raised error", factory);
  }
  return *place;
}

void call_with_row(sqlite3_context* context, int count, sqlite3_value** values, const char* name) {
  nb::gil_scoped_acquire held;
  PyObject* instance = instance_of(context);
  if (instance == nullptr) return;
  const nb::object method = nb::steal(PyObject_GetAttrString(instance, name));
  if (!method.is_valid()) {
    set_method_error(context, name, callable_of(context));
    return;
  }
  const nb::object arguments = try_arguments(count, values);
  nb::object result;
  if (arguments.is_valid()) result = nb::steal(PyObject_Call(method.ptr(), arguments.ptr(), nullptr));
  if (!result.is_valid()) set_method_error(context, name, callable_of(context));
}

void call_step(sqlite3_context* context, int count, sqlite3_value** values) {
  call_with_row(context, count, values, "step");
}

void call_inverse(sqlite3_context* context, int count, sqlite3_value** values) {
  call_with_row(context, count, values, "inverse");
}

void call_for_result(sqlite3_context* context, PyObject* instance, const char* name) {
  const nb::object result = nb::steal(PyObject_CallMethod(instance, name, nullptr));
  if (!result.is_valid()) {
    set_method_error(context, name, callable_of(context));
  } else if (!set_result(context, result.ptr())) {
    set_error(context, "user-defined aggregate's result is not supported", callable_of(context));
  }
}

void call_value(sqlite3_context* context) {
  nb::gil_scoped_acquire held;
  PyObject* instance = instance_of(context);
  if (instance != nullptr) call_for_result(context, instance, "value");
}

void call_finalize(sqlite3_context* context) {
  nb::gil_scoped_acquire held;
  auto** place = static_cast<PyObject**>(sqlite3_aggregate_context(context, 0));
  // Without rows there is no object and the result is NULL.
  if (place == nullptr || *place == nullptr) return;
  const nb::object instance = nb::steal(std::exchange(*place, nullptr));
  call_for_result(context, instance.ptr(), "finalize");
}

int compare(void* callable, int left_size, const void* left, int right_size, const void* right) {
  nb::gil_scoped_acquire held;
  auto* function = static_cast<PyObject*>(callable);
  const nb::object result = nb::steal(
      PyObject_CallFunction(function, "s#s#", static_cast<const char*>(left), static_cast<Py_ssize_t>(left_size),
                            static_cast<const char*>(right), static_cast<Py_ssize_t>(right_size)));
  if (result.is_valid()) {
    int overflow = 0;
    const long long order = PyLong_AsLongLongAndOverflow(result.ptr(), &overflow);
    if (PyErr_Occurred() == nullptr) return overflow != 0 ? overflow : (order > 0) - (order < 0);
  }
  keep_callback_error();
  return 0;
}

using RowCall = void (*)(sqlite3_context*, int, sqlite3_value**);
using ResultCall = void (*)(sqlite3_context*);

struct Calls {
  RowCall scalar, step;
  ResultCall final, value;
  RowCall inverse;
};

void create(Database& database, const nb::str& given_name, int count, int flags, const nb::object& callable,
            const Calls& calls, const char* failure) {
  const Entry entry(database);
  const char* name = text_of(given_name);
  void* data = nullptr;
  Calls used = {};
  if (!callable.is_none()) {
    data = nb::object(callable).release().ptr();
    used = calls;
  }
  sqlite3* handle = database.handle();
  void (*destroy)(void*) = data != nullptr ? drop_reference : nullptr;
  const int code = without_gil([&] {
    if (calls.value != nullptr) {
      return sqlite3_create_window_function(handle, name, count, flags, data, used.step, used.final, used.value,
                                            used.inverse, destroy);
    }
    return sqlite3_create_function_v2(handle, name, count, flags, data, used.scalar, used.step, used.final, destroy);
  });
  if (code == SQLITE_OK) return;
  // The library does not tell the connection of a failed window function.
  if (failure == nullptr) raise(errors.programming_error, "%s", sqlite3_errstr(code));
  raise(errors.operational_error, "%s", failure);
}

void create_function(Database& self, const nb::str& name, int count, const nb::object& callable,
                     bool is_deterministic) {
  create(self, name, count, SQLITE_UTF8 | (is_deterministic ? SQLITE_DETERMINISTIC : 0), callable,
         {call_scalar, nullptr, nullptr, nullptr, nullptr}, "Error creating function");
}

void create_aggregate(Database& self, const nb::str& name, int count, const nb::object& factory) {
  create(self, name, count, SQLITE_UTF8, factory, {nullptr, call_step, call_finalize, nullptr, nullptr},
         "Error creating aggregate");
}

void create_window_function(Database& self, const nb::str& name, int count, const nb::object& factory) {
  create(self, name, count, SQLITE_UTF8, factory, {nullptr, call_step, call_finalize, call_value, call_inverse},
         nullptr);
}

void create_collation(Database& self, const nb::str& given_name, const nb::object& callable) {
  const Entry entry(self);
  const char* name = text_of(given_name);
  sqlite3* handle = self.handle();
  void* data = callable.is_none() ? nullptr : nb::object(callable).release().ptr();
  const int code = without_gil([&] {
    return sqlite3_create_collation_v2(handle, name, SQLITE_UTF8, data, data != nullptr ? compare : nullptr,
                                       data != nullptr ? drop_reference : nullptr);
  });
  if (code == SQLITE_OK) return;
  // Alone among its kind, this function does not drop the data when it fails.
  Py_XDECREF(static_cast<PyObject*>(data));
  raise_code(handle, code);
}

}  // namespace

void end_callback_error(PyObject* callback) {
  if (are_tracebacks_enabled) {
    PyErr_WriteUnraisable(callback);
  } else {
    PyErr_Clear();
  }
}

namespace {

// Each thread is within one call into the library at most, callbacks aside.
thread_local PyObject* kept_error[3] = {nullptr, nullptr, nullptr};

}  // namespace

void keep_callback_error() {
  if (has_callback_error()) {
    PyErr_Clear();
  } else {
    PyErr_Fetch(&kept_error[0], &kept_error[1], &kept_error[2]);
  }
}

bool has_callback_error() { return kept_error[0] != nullptr; }

void raise_callback_error() {
  if (!has_callback_error()) return;
  PyErr_Restore(std::exchange(kept_error[0], nullptr), std::exchange(kept_error[1], nullptr),
                std::exchange(kept_error[2], nullptr));
  raise_pending();
}

void define_callbacks(nb::module_& module) {
  module.def("enable_callback_tracebacks", [](bool is_enabled) { are_tracebacks_enabled = is_enabled; });
}

void define_functions(nb::class_<Database>& type) {
  type.def("create_function", create_function, nb::arg(), nb::arg(), nb::arg().none(), nb::arg())
      .def("create_aggregate", create_aggregate, nb::arg(), nb::arg(), nb::arg().none())
      .def("create_window_function", create_window_function, nb::arg(), nb::arg(), nb::arg().none())
      .def("create_collation", create_collation, nb::arg(), nb::arg().none());
}

}  // namespace keelback::python
