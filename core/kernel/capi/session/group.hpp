// sqlite3_changegroup: changes of several changesets, those of one row made into one.
//
// A rebaser collects the rebase information that it is given in one too; two for the same row are then merged in its
// own way (merge.hpp).
#ifndef KEELBACK_CAPI_SESSION_GROUP_HPP
#define KEELBACK_CAPI_SESSION_GROUP_HPP

#include <memory>
#include <string>
#include <vector>

#include "iterator.hpp"
#include "records.hpp"
#include "table_facts.hpp"

namespace keelback::capi {

// With a schema the table has the columns of the database; changes of it may come with less.
struct GroupTable : ChangedTable {
  bool has_schema = false;
  std::vector<std::string> defaults;

  [[nodiscard]] bool fits(const ChangedTable& like) const;
  void widen(Change& change, size_t width_before, bool is_patchset) const;
};

// A change that a program makes value by value; an empty text is an undefined value. Of an UPDATE the new values follow
// the old ones.
struct ChangeAtWork {
  GroupTable* table = nullptr;
  int operation = 0;
  bool is_indirect = false;
  std::vector<std::string> values;
};

}  // namespace keelback::capi

struct sqlite3_changegroup {
 public:
  explicit sqlite3_changegroup(bool is_rebase = false) : is_rebase_(is_rebase) {}

  int set_schema(sqlite3* db, const char* schema);
  // wish: less than 0 only asks; what holds afterwards.
  int set_patchset(int& wish);
  // All changes of the iterator.
  int add(sqlite3_changeset_iter& iterator);
  // The change at which the iterator stands.
  int add_change(sqlite3_changeset_iter& iterator);
  // The table of that name; none where it is not known, and neither its keys nor a schema are there to make it.
  int find_table(const std::string& name, const std::vector<uint8_t>* keys, keelback::capi::GroupTable*& table);
  void put(keelback::capi::GroupTable& table, std::unique_ptr<keelback::capi::Change> change);
  // The change of the row with the key of the record.
  static const keelback::capi::Change* find_change(const keelback::capi::ChangedTable& table, std::string_view record);
  [[nodiscard]] std::string write() const;

  bool is_patchset = false;
  keelback::capi::ChangeAtWork at_work;

 private:
  const bool is_rebase_;
  sqlite3* db_ = nullptr;
  std::string schema_;
  std::vector<std::unique_ptr<keelback::capi::GroupTable>> tables_;
};

#endif
