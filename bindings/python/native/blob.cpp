#include "blob.hpp"

#include <nanobind/stl/shared_ptr.h>

namespace keelback::python {

Blob::Blob(std::shared_ptr<Database> database, const char* schema, const char* table, const char* column, long long row,
           bool is_readonly)
    : database_(std::move(database)) {
  const Entry entry(*database_);
  sqlite3* connection = database_->handle();
  const int code = without_gil(
      [&] { return sqlite3_blob_open(connection, schema, table, column, row, is_readonly ? 0 : 1, &handle_); });
  if (code != SQLITE_OK) raise_code(connection, code);
  database_->adopt(this);
}

Blob::~Blob() { database_->release(this, handle_); }

int Blob::size() {
  const Entry entry(*database_);
  return handle_ != nullptr ? sqlite3_blob_bytes(handle_) : 0;
}

nb::bytes Blob::read(int offset, int size) {
  const Entry entry(*database_);
  nb::bytes result = nb::steal<nb::bytes>(PyBytes_FromStringAndSize(nullptr, size));
  if (!result.is_valid()) raise_pending();
  char* place = PyBytes_AS_STRING(result.ptr());
  const int code = without_gil([&] { return sqlite3_blob_read(handle_, place, size, offset); });
  if (code != SQLITE_OK) raise_code(database_->handle(), code);
  return result;
}

void Blob::write(int offset, const nb::object& data) {
  const Entry entry(*database_);
  Py_buffer view;
  if (PyObject_GetBuffer(data.ptr(), &view, PyBUF_SIMPLE) != 0) raise_pending();
  int code = SQLITE_ERROR;
  const bool fits = view.len <= sqlite3_blob_bytes(handle_) - offset;
  if (fits)
    code = without_gil([&] { return sqlite3_blob_write(handle_, view.buf, static_cast<int>(view.len), offset); });
  PyBuffer_Release(&view);
  if (!fits) raise(PyExc_ValueError, "data longer than blob length");
  if (code != SQLITE_OK) raise_code(database_->handle(), code);
}

void Blob::close() {
  const Entry entry(*database_);
  sqlite3_blob* closing = detach();
  if (closing != nullptr) without_gil([&] { sqlite3_blob_close(closing); });
}

void define_blob(nb::module_& module, nb::class_<Database>& type) {
  nb::class_<Blob>(module, "BlobHandle")
      .def("size", &Blob::size)
      .def("read", &Blob::read)
      .def("write", &Blob::write)
      .def("close", &Blob::close)
      .def_prop_ro("is_open", &Blob::is_open);
  type.def("open_blob", [](const std::shared_ptr<Database>& self, const char* schema, const char* table,
                           const char* column, long long row, bool is_readonly) {
    return std::make_shared<Blob>(self, schema, table, column, row, is_readonly);
  });
}

}  // namespace keelback::python
