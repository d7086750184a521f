// The owner of a connection, and the rules of threads that everything in this folder keeps.
//
// 1. Whoever calls the library for a connection holds the connection's own lock (`Entry`). A thread never waits for
//    that lock with the GIL held, and it may wait for the GIL with the lock held: so the two cannot wait for each
//    other, whatever comes back into Python (user functions, or an engine that itself runs in this interpreter).
// 2. The lock is recursive: a user's function may use the connection that calls it.
// 3. Destructors wait for nothing. Where the connection is at work, what they would finalize or reset is put aside and
//    done when the outermost Entry ends.
// 4. `interrupt` takes no lock.
// 5. Closing finalizes every statement, blob and backup of the connection; they then answer as on a closed database.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "errors.hpp"

namespace keelback::python {

class Statement;
class Blob;

class Database {
 public:
  Database(const nb::bytes& path, int flags, int timeout_milliseconds, bool check_thread);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void close();
  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }

  // Raise ProgrammingError in another thread than the one that opened, or on a closed connection.
  void check_thread() const;
  void check_open() const;

  std::shared_ptr<Statement> prepare(const nb::object& sql, const std::shared_ptr<Database>& self);
  void run_script(const nb::object& sql);
  void run_simple(const char* sql);
  [[nodiscard]] bool in_transaction();
  [[nodiscard]] long long total_changes();
  void interrupt();
  void enable_load_extension(bool is_enabled);
  void load_extension(const char* path, const nb::object& entry_point);
  int set_limit(int category, int value);
  int configure(int operation, int value);

  // For Statement, Blob and Entry alone.
  void adopt(Statement* statement) { statements_.insert(statement); }
  void adopt(Blob* blob) { blobs_.insert(blob); }
  void release(Statement* statement, sqlite3_stmt* handle);
  void release(Blob* blob, sqlite3_blob* handle);
  void reset_later(std::shared_ptr<Statement> statement);

 private:
  friend class Entry;
  void finish_put_aside();

  sqlite3* handle_ = nullptr;
  std::optional<unsigned long> thread_;
  std::recursive_mutex mutex_;
  int depth_ = 0;
  std::unordered_set<Statement*> statements_;
  std::unordered_set<Blob*> blobs_;
  std::vector<sqlite3_stmt*> to_finalize_;
  std::vector<sqlite3_blob*> to_close_;
  std::vector<std::shared_ptr<Statement>> to_reset_;
};

// One call into the library: thread checked, lock held, connection open.
class Entry {
 public:
  explicit Entry(Database& database);
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  Database& database_;
};

// Run `work` without the GIL.
template <typename Work>
auto without_gil(Work&& work) {
  nb::gil_scoped_release released;
  return work();
}

// The UTF-8 text of a str, for as long as that lives; UnicodeEncodeError for lone surrogates.
const char* text_of(const nb::object& text, Py_ssize_t* size = nullptr);

void define_database(nb::module_& module);
void define_statement(nb::module_& module);
void define_functions(nb::class_<Database>& type);
void define_hooks(nb::class_<Database>& type);
void define_blob(nb::module_& module, nb::class_<Database>& type);
void define_backup(nb::module_& module);
void define_serialize(nb::class_<Database>& type);

}  // namespace keelback::python
