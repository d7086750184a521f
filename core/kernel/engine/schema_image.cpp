#include "schema_image.hpp"

#include <cstring>
#include <utility>
#include <vector>

namespace keelback::engine {

namespace {

constexpr uint32_t schema_root = 1;
constexpr uint32_t name_column = 1;
constexpr uint32_t root_column = 3;

void append_number(std::string& image, uint64_t number) {
  image.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// What else of a schema is read than its rows.
struct Roots {
  std::vector<uint32_t> statistics;  // of the tables of statistics
  bool are_pages = true;             // all of them are, or none
};

// The rows of a table tree; of the schema's the roots are gathered.
Status append_rows(storage::Database& database, uint32_t root, std::string& image, SchemaPart& part, Roots* roots) {
  const size_t start = image.size();
  std::unique_ptr<storage::TableCursor> cursor;
  KEELBACK_TRY(database.open_table_cursor(root, false, cursor));
  bool is_on = false;
  KEELBACK_TRY(cursor->first(is_on));
  while (is_on) {
    int64_t rowid = 0;
    Bytes payload;
    KEELBACK_TRY(cursor->rowid(rowid));
    if (roots) {
      Value name;
      Value place;
      KEELBACK_TRY(cursor->column(name_column, name));
      const bool is_statistics = name.is_text() && (name.text() == "sqlite_stat1" || name.text() == "sqlite_stat4");
      KEELBACK_TRY(cursor->column(root_column, place));
      const bool is_page = place.is_integer() && place.integer() >= 0 && place.integer() <= database.page_count();
      roots->are_pages = roots->are_pages && (is_page || place.is_null());
      if (is_statistics && is_page && place.integer() > 1) {
        roots->statistics.push_back(static_cast<uint32_t>(place.integer()));
      }
    }
    KEELBACK_TRY(cursor->payload(payload));
    append_number(image, static_cast<uint64_t>(rowid));
    append_number(image, payload.size());
    image.append(reinterpret_cast<const char*>(payload.data()), payload.size());
    KEELBACK_TRY(cursor->next(is_on));
  }
  part.trees.push_back({root, start - part.offset, image.size() - start});
  return ok_status;
}

Status append_all(storage::Database& database, std::string& image, SchemaPart& part) {
  part.offset = image.size();
  for (const int meta : {storage::meta_schema_cookie, storage::meta_file_format, storage::meta_text_encoding}) {
    uint32_t value = 0;
    KEELBACK_TRY(database.get_meta(meta, value));
    if (meta == storage::meta_schema_cookie) part.cookie = value;
    append_number(image, value);
  }
  append_number(image, database.page_count() > 0 ? 1 : 0);
  if (database.page_count() == 0) return ok_status;
  Roots roots;
  KEELBACK_TRY(append_rows(database, schema_root, image, part, &roots));
  if (!roots.are_pages) append_number(image, database.page_count());
  for (const uint32_t root : roots.statistics) {
    append_number(image, root);
    KEELBACK_TRY(append_rows(database, root, image, part, nullptr));
  }
  return ok_status;
}

}  // namespace

Status append_schema_image(storage::Database& database, std::string& image, SchemaPart& part) {
  part = {};
  const bool was_idle = database.transaction_state() == storage::TransactionState::none;
  // Who only looks whether a program is known does not wait for locks: the statement will, once.
  auto handler = std::exchange(database.busy_handler, nullptr);
  const Status begun = database.begin_read();
  database.busy_handler = std::move(handler);
  KEELBACK_TRY(begun);
  const Status status = append_all(database, image, part);
  const Status ended =
      was_idle && database.transaction_state() == storage::TransactionState::read ? database.end_read() : ok_status;
  KEELBACK_TRY(status.is_ok() ? ended : status);
  part.size = image.size() - part.offset;
  part.is_known = true;
  return ok_status;
}

void each_row(std::string_view rows, const std::function<void(int64_t, std::string_view)>& take) {
  while (!rows.empty()) {
    uint64_t rowid = 0;
    uint64_t size = 0;
    std::memcpy(&rowid, rows.data(), sizeof rowid);
    std::memcpy(&size, rows.data() + sizeof rowid, sizeof size);
    take(static_cast<int64_t>(rowid), rows.substr(sizeof rowid + sizeof size, size));
    rows.remove_prefix(sizeof rowid + sizeof size + size);
  }
}

}  // namespace keelback::engine
