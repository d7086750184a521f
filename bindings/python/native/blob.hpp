// An open BLOB. Reading and writing checks the range; the place in it belongs to the Python class.
#pragma once

#include <memory>

#include "database.hpp"

namespace keelback::python {

class Blob {
 public:
  Blob(std::shared_ptr<Database> database, const char* schema, const char* table, const char* column, long long row,
       bool is_readonly);
  ~Blob();
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;

  // `offset` and `size` must lie within the BLOB.
  nb::bytes read(int offset, int size);
  void write(int offset, const nb::object& data);
  [[nodiscard]] int size();
  void close();
  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  sqlite3_blob* detach() { return std::exchange(handle_, nullptr); }

 private:
  std::shared_ptr<Database> database_;
  sqlite3_blob* handle_ = nullptr;
};

}  // namespace keelback::python
