// sqlite3_changeset_iter: the changes of a changeset or patchset, one after the other.
//
// 1. Bytes of others: nothing of them is believed before it has been checked; what is wrong is SQLITE_CORRUPT.
// 2. Old and new values have a place for every column; one that is not stored is empty.
#ifndef KEELBACK_CAPI_SESSION_ITERATOR_HPP
#define KEELBACK_CAPI_SESSION_ITERATOR_HPP

#include <optional>
#include <string>
#include <vector>

#include "records.hpp"

struct sqlite3_changeset_iter {
 public:
  using Row = std::vector<std::optional<sqlite3_value>>;

  sqlite3_changeset_iter() = default;
  // Reads from bytes that live as long as this, or from its own copy.
  explicit sqlite3_changeset_iter(std::string_view bytes, bool inverts = false) : rest(bytes), is_inverse(inverts) {}

  // ROW, DONE, or what is wrong.
  int next();
  // The bytes of the change at hand, behind its operation and its mark.
  [[nodiscard]] std::string_view record() const { return record_; }
  // With both, as they stand in the changeset.
  [[nodiscard]] std::string_view bytes() const {
    return record_.empty() ? record_ : std::string_view(record_.data() - 2, record_.size() + 2);
  }

  std::string owned;
  std::string_view rest;
  bool is_inverse = false;
  bool is_patchset = false;
  keelback::capi::ChangedTable table;
  bool has_table = false;
  size_t headers = 0;  // read so far
  int operation = 0;
  bool is_indirect = false;
  Row old_row;
  Row new_row;
  // While a conflict handler runs: the row that is in the way, and how many foreign keys are broken.
  sqlite3_stmt* conflict = nullptr;
  std::optional<int> broken_keys;
  int error = SQLITE_OK;

 private:
  int read_header();
  int read_row(Row& row, bool is_key_only);
  int read_value(std::optional<sqlite3_value>& value);
  void invert();
  int fail(int code) { return error = code; }

  std::string_view record_;
};

#endif
