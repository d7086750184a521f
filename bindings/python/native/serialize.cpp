// A database as bytes, and back.
#include <cstring>

#include "database.hpp"

namespace keelback::python {

namespace {

nb::bytes serialize(Database& self, const char* name) {
  const Entry entry(self);
  sqlite3_int64 size = 0;
  unsigned char* data = without_gil([&] { return sqlite3_serialize(self.handle(), name, &size, 0); });
  if (data == nullptr) raise(errors.operational_error, "unable to serialize '%s'", name);
  nb::bytes result(data, static_cast<size_t>(size));
  sqlite3_free(data);
  return result;
}

void deserialize(Database& self, const nb::object& data, const char* name) {
  const Entry entry(self);
  Py_buffer view;
  if (PyObject_GetBuffer(data.ptr(), &view, PyBUF_SIMPLE) != 0) raise_pending();
  const auto size = static_cast<sqlite3_uint64>(view.len);
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(size + 1));
  if (copy != nullptr) std::memcpy(copy, view.buf, size);
  PyBuffer_Release(&view);
  if (copy == nullptr) {
    PyErr_NoMemory();
    raise_pending();
  }
  // The library owns the copy, also where it refuses it.
  const int code = without_gil([&] {
    return sqlite3_deserialize(self.handle(), name, copy, static_cast<sqlite3_int64>(size),
                               static_cast<sqlite3_int64>(size),
                               SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  });
  if (code != SQLITE_OK) raise_code(self.handle(), code);
}

}  // namespace

void define_serialize(nb::class_<Database>& type) { type.def("serialize", serialize).def("deserialize", deserialize); }

}  // namespace keelback::python
