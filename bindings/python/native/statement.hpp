// A prepared statement, and the rows that one execution of it gives.
//
// 1. A statement serves one execution at a time: it is in use from execute() until its Rows are at their end, closed
//    or dropped. Executing it meanwhile executes a copy.
// 2. Rows stand on a row that is not given away yet; giving it away steps to the next one. So the error of a later row
//    comes with the row before it, as in Python's sqlite3.
#pragma once

#include <memory>

#include "database.hpp"

namespace keelback::python {

class Rows;

class Statement {
 public:
  // Compiles the one statement of a text; blank text gives a statement without a handle.
  Statement(std::shared_ptr<Database> database, const nb::object& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  [[nodiscard]] sqlite3_stmt* handle() const { return handle_; }
  [[nodiscard]] Database& database() const { return *database_; }
  [[nodiscard]] const std::shared_ptr<Database>& shared_database() const { return database_; }
  [[nodiscard]] bool is_dml() const { return is_dml_; }
  [[nodiscard]] bool is_readonly() const { return handle_ == nullptr || sqlite3_stmt_readonly(handle_) != 0; }

  // Bind, begin a transaction with `begin` if one is due, and run to the first row or to the end; null for blank text.
  static std::shared_ptr<Rows> execute(const std::shared_ptr<Statement>& self, const nb::object& parameters,
                                       const nb::object& begin);
  // Run once for each set of parameters; the number of rows changed, -1 for a statement that changes none.
  static long long execute_many(const std::shared_ptr<Statement>& self, const nb::object& parameter_sets,
                                const nb::object& begin);

  // The 7-tuples of Cursor.description, None for a statement without columns.
  nb::object description();
  // Pairs of the column's name and its declared type (or None).
  nb::list column_types();

  int step();
  void reset();
  sqlite3_stmt* detach() { return std::exchange(handle_, nullptr); }

 private:
  friend class Rows;
  // The statement, or a new one of the same text where it is in use; in use from now on.
  static std::shared_ptr<Statement> take(const std::shared_ptr<Statement>& self);
  std::shared_ptr<Rows> run(const std::shared_ptr<Statement>& self, const nb::object& parameters,
                            const nb::object& begin);
  long long run_many(const nb::object& parameter_sets, const nb::object& begin);
  void begin_if_due(const nb::object& begin);
  bool has_description() const;

  std::shared_ptr<Database> database_;
  sqlite3_stmt* handle_ = nullptr;
  bool is_dml_ = false;
  bool is_in_use_ = false;
  nb::object description_;
};

class Rows {
 public:
  Rows(std::shared_ptr<Statement> statement, int code);
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // The next row as a tuple, None at the end.
  nb::object next(nb::handle text_factory);
  // Up to `count` rows, all for a negative count.
  nb::list fetch(Py_ssize_t count, nb::handle text_factory);
  void close();

  [[nodiscard]] bool is_done() const { return statement_ == nullptr; }
  [[nodiscard]] bool is_busy() const { return is_busy_; }
  [[nodiscard]] long long changes() const { return changes_; }
  [[nodiscard]] long long last_rowid() const { return last_rowid_; }
  [[nodiscard]] const nb::object& description() const { return description_; }
  void set_converters(nb::object converters) { converters_ = std::move(converters); }

 private:
  class Busy;
  nb::object read_row(nb::handle text_factory);
  nb::object read_column(int column, nb::handle text_factory);
  void advance();
  void finish();

  std::shared_ptr<Database> database_;
  std::shared_ptr<Statement> statement_;
  nb::object description_;
  nb::object converters_;
  long long changes_ = -1;
  long long last_rowid_ = 0;
  bool is_busy_ = false;
};

// Bind all parameters of a sequence or mapping (bind.cpp).
void bind_parameters(sqlite3* database, sqlite3_stmt* statement, const nb::object& parameters);
void define_bind(nb::module_& module);

// The text without leading white space and comments; nullptr where nothing is left (statement.cpp).
const char* first_word(const char* sql);

}  // namespace keelback::python
