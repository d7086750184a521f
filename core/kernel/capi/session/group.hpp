// sqlite3_changegroup: changes of several changesets, those of one row made into one.
#ifndef KEELBACK_CAPI_SESSION_GROUP_HPP
#define KEELBACK_CAPI_SESSION_GROUP_HPP

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iterator.hpp"
#include "records.hpp"

struct sqlite3_changegroup {
 public:
  // All changes of the iterator.
  int add(sqlite3_changeset_iter& iterator);
  // The change at which the iterator stands.
  int add_change(sqlite3_changeset_iter& iterator);
  [[nodiscard]] std::string write() const;

 private:
  int find_table(const keelback::capi::ChangedTable& like, keelback::capi::ChangedTable*& table);

  std::optional<bool> is_patchset_;
  std::vector<std::unique_ptr<keelback::capi::ChangedTable>> tables_;
};

#endif
