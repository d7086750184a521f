// An online backup, one step a call.
#include <memory>

#include <nanobind/stl/shared_ptr.h>

#include "database.hpp"

namespace keelback::python {

namespace {

class Backup {
 public:
  Backup(std::shared_ptr<Database> target, std::shared_ptr<Database> source, const char* name)
      : target_(std::move(target)), source_(std::move(source)) {
    const Entry source_entry(*source_);
    const Entry target_entry(*target_);
    sqlite3* to = target_->handle();
    sqlite3* from = source_->handle();
    handle_ = without_gil([&] { return sqlite3_backup_init(to, "main", from, name); });
    if (handle_ == nullptr) raise_code(to, sqlite3_errcode(to));
  }

  ~Backup() {
    // Also a connection that was closed meanwhile waits, as a zombie, for its backups.
    if (handle_ != nullptr) sqlite3_backup_finish(std::exchange(handle_, nullptr));
  }

  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  // The result code of copying some pages.
  int step(int pages) {
    const Entry source_entry(*source_);
    const Entry target_entry(*target_);
    if (handle_ == nullptr) raise(errors.programming_error, "The backup is finished.");
    return without_gil([&] { return sqlite3_backup_step(handle_, pages); });
  }

  void finish() {
    if (handle_ == nullptr) return;
    sqlite3_backup* ending = std::exchange(handle_, nullptr);
    const int code = without_gil([&] { return sqlite3_backup_finish(ending); });
    if (code != SQLITE_OK) raise_code(target_->handle(), code);
  }

  [[nodiscard]] int remaining() const { return handle_ != nullptr ? sqlite3_backup_remaining(handle_) : 0; }
  [[nodiscard]] int page_count() const { return handle_ != nullptr ? sqlite3_backup_pagecount(handle_) : 0; }

 private:
  std::shared_ptr<Database> target_;
  std::shared_ptr<Database> source_;
  sqlite3_backup* handle_ = nullptr;
};

}  // namespace

void define_backup(nb::module_& module) {
  nb::class_<Backup>(module, "BackupHandle")
      .def(nb::init<std::shared_ptr<Database>, std::shared_ptr<Database>, const char*>())
      .def("step", &Backup::step)
      .def("finish", &Backup::finish)
      .def_prop_ro("remaining", &Backup::remaining)
      .def_prop_ro("page_count", &Backup::page_count);
}

}  // namespace keelback::python
