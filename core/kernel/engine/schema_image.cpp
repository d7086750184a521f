#include "schema_image.hpp"

#include <vector>

namespace keelback::engine {

namespace {

constexpr uint32_t schema_root = 1;
constexpr uint32_t name_column = 1;
constexpr uint32_t root_column = 3;

void append_number(std::string& image, uint64_t number) {
  image.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// The rows of a table tree; the roots of the statistics' tables are gathered from those of the schema.
Status append_rows(storage::Database& database, uint32_t root, std::string& image, std::vector<uint32_t>* statistics) {
  std::unique_ptr<storage::TableCursor> cursor;
  KEELBACK_TRY(database.open_table_cursor(root, false, cursor));
  bool is_on = false;
  KEELBACK_TRY(cursor->first(is_on));
  while (is_on) {
    int64_t rowid = 0;
    Bytes payload;
    KEELBACK_TRY(cursor->rowid(rowid));
    if (statistics) {
      Value name;
      Value place;
      KEELBACK_TRY(cursor->column(name_column, name));
      const bool is_statistics = name.is_text() && (name.text() == "sqlite_stat1" || name.text() == "sqlite_stat4");
      KEELBACK_TRY(cursor->column(root_column, place));
      if (is_statistics && place.is_integer() && place.integer() > 1 && place.integer() <= database.page_count()) {
        statistics->push_back(static_cast<uint32_t>(place.integer()));
      }
    }
    KEELBACK_TRY(cursor->payload(payload));
    append_number(image, static_cast<uint64_t>(rowid));
    append_number(image, payload.size());
    image.append(reinterpret_cast<const char*>(payload.data()), payload.size());
    KEELBACK_TRY(cursor->next(is_on));
  }
  return ok_status;
}

Status append_all(storage::Database& database, std::string& image, uint32_t& cookie) {
  for (const int meta : {storage::meta_schema_cookie, storage::meta_file_format, storage::meta_text_encoding}) {
    uint32_t value = 0;
    KEELBACK_TRY(database.get_meta(meta, value));
    if (meta == storage::meta_schema_cookie) cookie = value;
    append_number(image, value);
  }
  append_number(image, database.page_count() > 0 ? 1 : 0);
  if (database.page_count() == 0) return ok_status;
  std::vector<uint32_t> statistics;
  KEELBACK_TRY(append_rows(database, schema_root, image, &statistics));
  for (const uint32_t root : statistics) {
    append_number(image, root);
    KEELBACK_TRY(append_rows(database, root, image, nullptr));
  }
  return ok_status;
}

}  // namespace

Status append_schema_image(storage::Database& database, std::string& image, uint32_t& cookie) {
  const bool was_idle = database.transaction_state() == storage::TransactionState::none;
  KEELBACK_TRY(database.begin_read());
  const Status status = append_all(database, image, cookie);
  const Status ended =
      was_idle && database.transaction_state() == storage::TransactionState::read ? database.end_read() : ok_status;
  return status.is_ok() ? ended : status;
}

}  // namespace keelback::engine
