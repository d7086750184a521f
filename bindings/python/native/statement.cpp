#include "statement.hpp"

#include <strings.h>
#include <cstring>

#include <nanobind/stl/shared_ptr.h>

#include "callback.hpp"
#include "values.hpp"

namespace keelback::python {

const char* first_word(const char* sql) {
  const char* at = sql;
  while (*at != '\0') {
    if (std::strchr(" \t\f\r\n", *at) != nullptr) {
      ++at;
    } else if (at[0] == '-' && at[1] == '-') {
      at = std::strchr(at, '\n');
      if (at == nullptr) return nullptr;
    } else if (at[0] == '/' && at[1] == '*') {
      at = std::strstr(at + 2, "*/");
      if (at == nullptr) return nullptr;
      at += 2;
    } else {
      return at;
    }
  }
  return nullptr;
}

namespace {

// Statements are made by prepare() alone.
void refuse_to_make(const nb::handle& self, const nb::args&, const nb::kwargs&) {
  const nb::handle type = self.type();
  raise(PyExc_TypeError, "cannot create '%U.%U' instances", type.attr("__module__").ptr(), type.attr("__name__").ptr());
}

bool starts_as_dml(const char* word) {
  for (const char* keyword : {"insert", "update", "delete", "replace"}) {
    if (strncasecmp(word, keyword, std::strlen(keyword)) == 0) return true;
  }
  return false;
}

}  // namespace

Statement::Statement(std::shared_ptr<Database> database, const nb::object& sql) : database_(std::move(database)) {
  sqlite3* connection = database_->handle();
  Py_ssize_t size = 0;
  const char* text = text_of(sql, &size);
  const int most = sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, -1);
  if (size > most) raise(errors.data_error, "query string is too large");
  if (std::strlen(text) != static_cast<size_t>(size)) {
    raise(errors.programming_error, "the query contains a null character");
  }
  const char* tail = nullptr;
  const int length = size < most ? static_cast<int>(size) + 1 : static_cast<int>(size);
  const int code = without_gil([&] { return sqlite3_prepare_v2(connection, text, length, &handle_, &tail); });
  if (code != SQLITE_OK) raise_code(connection, code);
  if (first_word(tail) != nullptr) {
    sqlite3_finalize(handle_);
    raise(errors.programming_error, "You can only execute one statement at a time.");
  }
  const char* word = first_word(text);
  is_dml_ = word != nullptr && starts_as_dml(word);
  database_->adopt(this);
}

Statement::~Statement() { database_->release(this, handle_); }

std::shared_ptr<Statement> Statement::take(const std::shared_ptr<Statement>& self) {
  std::shared_ptr<Statement> taken = self;
  if (self->is_in_use_ && self->handle_ != nullptr) {
    taken = std::make_shared<Statement>(self->database_, decode_name(sqlite3_sql(self->handle_)));
  }
  taken->is_in_use_ = true;
  return taken;
}

void Statement::begin_if_due(const nb::object& begin) {
  if (is_dml_ && !begin.is_none() && sqlite3_get_autocommit(database_->handle()) != 0) {
    database_->run_simple(text_of(begin));
  }
}

int Statement::step() {
  if (handle_ == nullptr) return SQLITE_DONE;
  return without_gil([this] { return sqlite3_step(handle_); });
}

void Statement::reset() {
  is_in_use_ = false;
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

std::shared_ptr<Rows> Statement::execute(const std::shared_ptr<Statement>& self, const nb::object& parameters,
                                         const nb::object& begin) {
  const Entry entry(*self->database_);
  const std::shared_ptr<Statement> taken = take(self);
  try {
    return taken->run(taken, parameters, begin);
  } catch (...) {
    taken->reset();
    throw;
  }
}

std::shared_ptr<Rows> Statement::run(const std::shared_ptr<Statement>& self, const nb::object& parameters,
                                     const nb::object& begin) {
  sqlite3* connection = database_->handle();
  begin_if_due(begin);
  bind_parameters(connection, handle_, parameters);
  if (handle_ == nullptr) {
    reset();
    return nullptr;
  }
  const int code = step();
  raise_callback_error();
  if (code != SQLITE_ROW && code != SQLITE_DONE) raise_code(connection, code);
  return std::make_shared<Rows>(self, code);
}

long long Statement::execute_many(const std::shared_ptr<Statement>& self, const nb::object& parameter_sets,
                                  const nb::object& begin) {
  const Entry entry(*self->database_);
  const std::shared_ptr<Statement> taken = take(self);
  try {
    const long long changes = taken->run_many(parameter_sets, begin);
    taken->reset();
    return changes;
  } catch (...) {
    taken->reset();
    throw;
  }
}

long long Statement::run_many(const nb::object& parameter_sets, const nb::object& begin) {
  sqlite3* connection = database_->handle();
  long long changes = is_dml_ ? 0 : -1;
  begin_if_due(begin);
  for (;;) {
    const nb::object parameters = nb::steal(PyIter_Next(parameter_sets.ptr()));
    if (!parameters.is_valid()) {
      if (PyErr_Occurred() != nullptr) raise_pending();
      return changes;
    }
    bind_parameters(connection, handle_, parameters);
    const int code = step();
    raise_callback_error();
    if (code != SQLITE_ROW && code != SQLITE_DONE) raise_code(connection, code);
    if (is_dml_ && code == SQLITE_DONE) changes += sqlite3_changes64(connection);
    if (handle_ != nullptr) sqlite3_reset(handle_);
  }
}

bool Statement::has_description() const {
  if (!description_.is_valid() || handle_ == nullptr) return description_.is_valid();
  const int count = sqlite3_column_count(handle_);
  if (description_.is_none()) return count == 0;
  if (PyTuple_GET_SIZE(description_.ptr()) != count) return false;
  for (int i = 0; i < count; ++i) {
    const char* known = PyUnicode_AsUTF8(PyTuple_GET_ITEM(PyTuple_GET_ITEM(description_.ptr(), i), 0));
    const char* name = sqlite3_column_name(handle_, i);
    if (known == nullptr || name == nullptr || std::strcmp(known, name) != 0) return false;
  }
  return true;
}

nb::object Statement::description() {
  // Names change when the statement is compiled anew for a changed schema.
  if (has_description()) return description_;
  const int count = handle_ != nullptr ? sqlite3_column_count(handle_) : 0;
  if (count == 0) {
    description_ = nb::none();
    return description_;
  }
  nb::object all = nb::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    nb::object one = nb::steal(PyTuple_New(7));
    PyTuple_SET_ITEM(one.ptr(), 0, decode_name(sqlite3_column_name(handle_, i)).release().ptr());
    for (int j = 1; j < 7; ++j) PyTuple_SET_ITEM(one.ptr(), j, nb::none().release().ptr());
    PyTuple_SET_ITEM(all.ptr(), i, one.release().ptr());
  }
  description_ = all;
  return description_;
}

nb::list Statement::column_types() {
  nb::list result;
  const int count = handle_ != nullptr ? sqlite3_column_count(handle_) : 0;
  for (int i = 0; i < count; ++i) {
    const char* declared = sqlite3_column_decltype(handle_, i);
    nb::object type = declared != nullptr ? decode_name(declared) : nb::none();
    result.append(nb::make_tuple(decode_name(sqlite3_column_name(handle_, i)), type));
  }
  return result;
}

// While rows run a user's converter or text factory, their cursor is not to be used.
class Rows::Busy {
 public:
  explicit Busy(Rows& rows) : rows_(rows) {
    if (rows.is_busy_) raise(errors.programming_error, "Recursive use of cursors not allowed.");
    rows.is_busy_ = true;
  }
  ~Busy() { rows_.is_busy_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  Rows& rows_;
};

Rows::Rows(std::shared_ptr<Statement> statement, int code)
    : database_(statement->shared_database()),
      statement_(std::move(statement)),
      description_(statement_->description()) {
  last_rowid_ = sqlite3_last_insert_rowid(database_->handle());
  if (code == SQLITE_DONE) {
    finish();
  } else if (statement_->is_dml()) {
    changes_ = 0;
  }
}

Rows::~Rows() {
  if (statement_ != nullptr) database_->reset_later(std::move(statement_));
}

void Rows::finish() {
  if (statement_->is_dml()) changes_ = sqlite3_changes64(database_->handle());
  std::exchange(statement_, nullptr)->reset();
}

void Rows::close() {
  if (statement_ == nullptr) return;
  if (is_busy_) raise(errors.programming_error, "Recursive use of cursors not allowed.");
  if (!database_->is_open()) {
    statement_ = nullptr;
    return;
  }
  const Entry entry(*database_);
  if (statement_ != nullptr) std::exchange(statement_, nullptr)->reset();
}

void Rows::advance() {
  const int code = statement_->step();
  if (code == SQLITE_ROW) return;
  if (code == SQLITE_DONE && !has_callback_error()) {
    finish();
    return;
  }
  std::shared_ptr<Statement> failed = std::move(statement_);
  statement_ = nullptr;
  try {
    raise_callback_error();
    raise_code(database_->handle(), code);
  } catch (...) {
    failed->reset();
    throw;
  }
}

nb::object Rows::read_column(int column, nb::handle text_factory) {
  sqlite3_stmt* handle = statement_->handle();
  if (converters_.is_valid() && column < static_cast<int>(nb::len(converters_))) {
    nb::object converter = converters_[column];
    if (!converter.is_none()) {
      if (sqlite3_column_type(handle, column) == SQLITE_NULL) return nb::none();
      const void* data = sqlite3_column_blob(handle, column);
      if (data == nullptr) return nb::none();
      return converter(nb::bytes(data, static_cast<size_t>(sqlite3_column_bytes(handle, column))));
    }
  }
  return column_to_python(handle, column, text_factory);
}

nb::object Rows::read_row(nb::handle text_factory) {
  const int count = sqlite3_data_count(statement_->handle());
  nb::object row = nb::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) PyTuple_SET_ITEM(row.ptr(), i, read_column(i, text_factory).release().ptr());
  return row;
}

nb::object Rows::next(nb::handle text_factory) {
  const Entry entry(*database_);
  if (statement_ == nullptr) return nb::none();
  const Busy busy(*this);
  nb::object row = read_row(text_factory);
  advance();
  return row;
}

nb::list Rows::fetch(Py_ssize_t count, nb::handle text_factory) {
  const Entry entry(*database_);
  nb::list result;
  const Busy busy(*this);
  while (statement_ != nullptr && count != 0) {
    result.append(read_row(text_factory));
    advance();
    --count;
  }
  return result;
}

void define_statement(nb::module_& module) {
  nb::class_<Statement>(module, "Statement")
      .def("__init__", refuse_to_make)
      .def_prop_ro("is_dml", &Statement::is_dml)
      .def_prop_ro("is_readonly", &Statement::is_readonly)
      .def("execute", &Statement::execute, nb::arg().none(), nb::arg().none())
      .def("execute_many", &Statement::execute_many, nb::arg(), nb::arg().none())
      .def("column_types", &Statement::column_types);
  nb::class_<Rows>(module, "Rows")
      .def("next", &Rows::next)
      .def("fetch", &Rows::fetch)
      .def("close", &Rows::close)
      .def("set_converters", &Rows::set_converters)
      .def_prop_ro("is_done", &Rows::is_done)
      .def_prop_ro("is_busy", &Rows::is_busy)
      .def_prop_ro("changes", &Rows::changes)
      .def_prop_ro("last_rowid", &Rows::last_rowid)
      .def_prop_ro("description", &Rows::description);
}

}  // namespace keelback::python
