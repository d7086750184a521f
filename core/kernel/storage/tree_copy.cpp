#include "tree_copy.hpp"

namespace keelback::storage {

Status copy_table(Database& source, uint32_t old_root, Database& target, uint32_t new_root, bool keeps_rowids) {
  std::unique_ptr<TableCursor> reader;
  std::unique_ptr<TableCursor> writer;
  KEELBACK_TRY(source.open_table_cursor(old_root, false, reader));
  KEELBACK_TRY(target.open_table_cursor(new_root, true, writer));
  int64_t rowid = 0;
  bool is_on = false;
  KEELBACK_TRY(reader->first(is_on));
  while (is_on) {
    if (keeps_rowids) {
      KEELBACK_TRY(reader->rowid(rowid));
    } else {
      ++rowid;
    }
    Bytes payload;
    KEELBACK_TRY(reader->payload(payload));
    KEELBACK_TRY(writer->insert(rowid, payload));
    if (source.pager().is_interrupted()) return Status(result::INTERRUPT);
    KEELBACK_TRY(reader->next(is_on));
  }
  return ok_status;
}

Status copy_index(Database& source, uint32_t old_root, Database& target, uint32_t new_root) {
  std::unique_ptr<IndexCursor> reader;
  std::unique_ptr<IndexCursor> writer;
  KEELBACK_TRY(source.open_index_cursor(old_root, false, KeyComparator(), reader));
  KEELBACK_TRY(target.open_index_cursor(new_root, true, KeyComparator(), writer));
  bool is_on = false;
  KEELBACK_TRY(reader->first(is_on));
  while (is_on) {
    Bytes payload;
    KEELBACK_TRY(reader->payload(payload));
    KEELBACK_TRY(writer->append(payload));
    if (source.pager().is_interrupted()) return Status(result::INTERRUPT);
    KEELBACK_TRY(reader->next(is_on));
  }
  return ok_status;
}

}  // namespace keelback::storage
