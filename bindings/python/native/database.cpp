#include "database.hpp"

#include <cstring>

#include <nanobind/stl/shared_ptr.h>

#include "blob.hpp"
#include "callback.hpp"
#include "statement.hpp"

namespace keelback::python {

Entry::Entry(Database& database) : database_(database) {
  database.check_thread();
  if (!database.mutex_.try_lock()) without_gil([&] { database.mutex_.lock(); });
  if (database.handle_ == nullptr) {
    database.mutex_.unlock();
    database.check_open();
  }
  ++database.depth_;
}

Entry::~Entry() {
  if (--database_.depth_ == 0) database_.finish_put_aside();
  database_.mutex_.unlock();
}

Database::Database(const nb::bytes& path, int flags, int timeout_milliseconds, bool check_thread) {
  if (check_thread) thread_ = PyThread_get_thread_ident();
  const char* name = path.c_str();
  const int code = without_gil([&] { return sqlite3_open_v2(name, &handle_, flags, nullptr); });
  if (code != SQLITE_OK) {
    sqlite3* failed = handle_;
    handle_ = nullptr;
    try {
      raise_code(failed, code);
    } catch (...) {
      sqlite3_close_v2(failed);
      throw;
    }
  }
  sqlite3_busy_timeout(handle_, timeout_milliseconds);
}

Database::~Database() {
  // Nobody holds a statement of this connection any more, as each holds the connection.
  if (handle_ != nullptr) {
    finish_put_aside();
    sqlite3_close_v2(handle_);
  }
}

void Database::check_thread() const {
  if (thread_ && *thread_ != PyThread_get_thread_ident()) {
    raise(errors.programming_error,
          "SQLite objects created in a thread can only be used in that same thread. "
          "The object was created in thread id %lu and this is thread id %lu.",
          *thread_, PyThread_get_thread_ident());
  }
}

void Database::check_open() const {
  if (handle_ == nullptr) raise(errors.programming_error, "Cannot operate on a closed database.");
}

void Database::close() {
  check_thread();
  if (!mutex_.try_lock()) without_gil([&] { mutex_.lock(); });
  const std::lock_guard guard(mutex_, std::adopt_lock);
  if (handle_ == nullptr) return;
  if (depth_ > 0) raise(errors.programming_error, "Cannot close the database from within a call of it.");
  finish_put_aside();
  std::vector<sqlite3_stmt*> handles;
  for (Statement* statement : statements_) handles.push_back(statement->detach());
  std::vector<sqlite3_blob*> blob_handles;
  for (Blob* blob : blobs_) blob_handles.push_back(blob->detach());
  statements_.clear();
  blobs_.clear();
  sqlite3* closing = handle_;
  handle_ = nullptr;
  without_gil([&] {
    for (sqlite3_stmt* handle : handles) sqlite3_finalize(handle);
    for (sqlite3_blob* handle : blob_handles) sqlite3_blob_close(handle);
    sqlite3_close_v2(closing);
  });
}

void Database::release(Statement* statement, sqlite3_stmt* handle) {
  // Destructors run with the GIL held, which guards the lists.
  statements_.erase(statement);
  if (handle == nullptr) return;
  if (depth_ == 0 && mutex_.try_lock()) {
    sqlite3_finalize(handle);
    mutex_.unlock();
  } else {
    to_finalize_.push_back(handle);
  }
}

void Database::release(Blob* blob, sqlite3_blob* handle) {
  blobs_.erase(blob);
  if (handle == nullptr) return;
  if (depth_ == 0 && mutex_.try_lock()) {
    sqlite3_blob_close(handle);
    mutex_.unlock();
  } else {
    to_close_.push_back(handle);
  }
}

void Database::reset_later(std::shared_ptr<Statement> statement) {
  if (depth_ == 0 && mutex_.try_lock()) {
    statement->reset();
    mutex_.unlock();
  } else {
    to_reset_.push_back(std::move(statement));
  }
}

void Database::finish_put_aside() {
  while (!to_finalize_.empty() || !to_close_.empty() || !to_reset_.empty()) {
    const std::vector<sqlite3_stmt*> handles = std::exchange(to_finalize_, {});
    const std::vector<sqlite3_blob*> blob_handles = std::exchange(to_close_, {});
    const std::vector<std::shared_ptr<Statement>> statements = std::exchange(to_reset_, {});
    for (const auto& statement : statements) statement->reset();
    for (sqlite3_stmt* handle : handles) sqlite3_finalize(handle);
    for (sqlite3_blob* handle : blob_handles) sqlite3_blob_close(handle);
  }
}

const char* text_of(const nb::object& text, Py_ssize_t* size) {
  const char* result = PyUnicode_AsUTF8AndSize(text.ptr(), size);
  if (result == nullptr) raise_pending();
  return result;
}

std::shared_ptr<Statement> Database::prepare(const nb::object& sql, const std::shared_ptr<Database>& self) {
  const Entry entry(*this);
  return std::make_shared<Statement>(self, sql);
}

void Database::run_simple(const char* sql) {
  const Entry entry(*this);
  sqlite3_stmt* statement = nullptr;
  const int code = without_gil([&] {
    int result = sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr);
    if (result == SQLITE_OK) {
      sqlite3_step(statement);
      result = sqlite3_finalize(statement);
    }
    return result;
  });
  if (code != SQLITE_OK) raise_code(handle_, code);
}

void Database::run_script(const nb::object& sql) {
  const Entry entry(*this);
  Py_ssize_t size = 0;
  const char* text = text_of(sql, &size);
  if (size > sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, -1)) {
    raise(errors.data_error, "query string is too large");
  }
  if (std::strlen(text) != static_cast<size_t>(size)) raise(PyExc_ValueError, "embedded null character");
  const int code = without_gil([&] {
    int result = SQLITE_OK;
    while (result == SQLITE_OK && *text != '\0') {
      sqlite3_stmt* statement = nullptr;
      result = sqlite3_prepare_v2(handle_, text, -1, &statement, &text);
      if (result != SQLITE_OK) break;
      do {
        result = statement != nullptr ? sqlite3_step(statement) : SQLITE_DONE;
      } while (result == SQLITE_ROW);
      result = sqlite3_finalize(statement);
    }
    return result;
  });
  raise_callback_error();
  if (code != SQLITE_OK) raise_code(handle_, code);
}

bool Database::in_transaction() {
  const Entry entry(*this);
  return sqlite3_get_autocommit(handle_) == 0;
}

long long Database::total_changes() {
  const Entry entry(*this);
  return sqlite3_total_changes64(handle_);
}

void Database::interrupt() {
  check_open();
  sqlite3_interrupt(handle_);
}

int Database::set_limit(int category, int value) {
  const Entry entry(*this);
  const int old = sqlite3_limit(handle_, category, value);
  if (old == -1) raise(errors.programming_error, "'category' is out of bounds");
  return old;
}

int Database::configure(int operation, int value) {
  const Entry entry(*this);
  int now = 0;
  const int code = sqlite3_db_config(handle_, operation, value, &now);
  if (code != SQLITE_OK) raise_code(handle_, code);
  return now;
}

void Database::enable_load_extension(bool is_enabled) {
  const Entry entry(*this);
  const int code = sqlite3_enable_load_extension(handle_, is_enabled ? 1 : 0);
  if (code != SQLITE_OK) raise(errors.operational_error, "Error enabling load extension");
}

void Database::load_extension(const char* path, const nb::object& entry_point) {
  const Entry entry(*this);
  const std::string name = entry_point.is_none() ? "" : nb::str(entry_point).c_str();
  char* message = nullptr;
  const int code = without_gil(
      [&] { return sqlite3_load_extension(handle_, path, entry_point.is_none() ? nullptr : name.c_str(), &message); });
  const std::string text = message != nullptr ? message : "";
  sqlite3_free(message);
  raise_callback_error();
  if (code != SQLITE_OK) raise(errors.operational_error, text.c_str());
}

void define_database(nb::module_& module) {
  nb::class_<Database> type(module, "Database");
  type.def(nb::init<const nb::bytes&, int, int, bool>())
      .def("close", &Database::close)
      .def_prop_ro("is_open", &Database::is_open)
      .def("check_thread", &Database::check_thread)
      .def("check",
           [](Database& self) {
             self.check_thread();
             self.check_open();
           })
      .def("prepare",
           [](const std::shared_ptr<Database>& self, const nb::object& sql) { return self->prepare(sql, self); })
      .def("run_script", &Database::run_script)
      .def("run_simple", &Database::run_simple)
      .def_prop_ro("in_transaction", &Database::in_transaction)
      .def_prop_ro("total_changes", &Database::total_changes)
      .def("interrupt", &Database::interrupt)
      .def("set_limit", &Database::set_limit)
      .def("enable_load_extension", &Database::enable_load_extension)
      .def("load_extension", &Database::load_extension, nb::arg(), nb::arg().none())
      .def("configure", &Database::configure);
  define_functions(type);
  define_hooks(type);
  define_blob(module, type);
  define_serialize(type);
}

}  // namespace keelback::python
