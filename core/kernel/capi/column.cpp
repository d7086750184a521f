// sqlite3_column_*: values and descriptions of a statement's columns. Nothing here enters the engine.
#include "error.hpp"
#include "guard.hpp"
#include "statement.hpp"
#include "text.hpp"

using namespace keelback::capi;
using keelback::Value;

namespace {

sqlite3_value* null_value() {
  static auto* value = new sqlite3_value;
  return value;
}

// The column of the row at hand, or null with SQLITE_RANGE where there is no such column or no row.
const Value* column(sqlite3_stmt* statement, int index) {
  if (!is_usable(statement)) [[unlikely]]
    return nullptr;
  const Value* found = statement->column(index);
  if (found == nullptr) [[unlikely]] {
    Lock lock(statement->db->mutex);
    statement->db->fail(SQLITE_RANGE);
  }
  return found;
}

// The same as a value that can be converted.
sqlite3_value* converted(sqlite3_stmt* statement, int index) {
  if (column(statement, index) == nullptr) return null_value();
  try {
    return statement->converted(index);
  } catch (const std::exception&) {
    Lock lock(statement->db->mutex);
    statement->db->run_out_of_memory();
    return null_value();
  }
}

const ColumnDescription* description(sqlite3_stmt* statement, int index) {
  if (!is_usable(statement) || index < 0) return nullptr;
  const auto& columns = statement->description.columns;
  return static_cast<size_t>(index) < columns.size() ? &columns[static_cast<size_t>(index)] : nullptr;
}

const char* text_of(const keelback::program::Name& name) { return name ? name->data() : nullptr; }

const void* wide(sqlite3_stmt* statement, int index, const char* text, std::u16string WideNames::* slot) {
  if (text == nullptr) return nullptr;
  return guard<const void*>(nullptr, [&]() -> const void* {
    statement->wide_names.resize(statement->description.columns.size());
    std::u16string& name = statement->wide_names[static_cast<size_t>(index)].*slot;
    name = to_utf16(text);
    return name.c_str();
  });
}

}  // namespace

extern "C" {

int sqlite3_column_count(sqlite3_stmt* statement) {
  return is_usable(statement) ? static_cast<int>(statement->description.columns.size()) : 0;
}

int sqlite3_data_count(sqlite3_stmt* statement) {
  return is_usable(statement) ? static_cast<int>(statement->row.size()) : 0;
}

const void* sqlite3_column_blob(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_number()) return converted(statement, index)->as_blob();
  return value->size() == 0 ? nullptr : value->text().data();
}

int sqlite3_column_bytes(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr || value->is_null()) return 0;
  return value->is_number() ? converted(statement, index)->byte_count() : static_cast<int>(value->size());
}

int sqlite3_column_bytes16(sqlite3_stmt* statement, int index) {
  return converted(statement, index)->utf16_byte_count();
}

double sqlite3_column_double(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr) return 0;
  return value->is_real() ? value->real() : converted(statement, index)->as_real();
}

int sqlite3_column_int(sqlite3_stmt* statement, int index) {
  return static_cast<int>(sqlite3_column_int64(statement, index));
}

sqlite3_int64 sqlite3_column_int64(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr) return 0;
  return value->is_integer() ? value->integer() : converted(statement, index)->as_integer();
}

// The bytes of a row are followed by a NUL.
const unsigned char* sqlite3_column_text(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr || value->is_null()) return nullptr;
  return reinterpret_cast<const unsigned char*>(value->has_bytes() ? value->text().data()
                                                                   : converted(statement, index)->as_text());
}

const void* sqlite3_column_text16(sqlite3_stmt* statement, int index) {
  return converted(statement, index)->as_utf16(SQLITE_UTF16LE);
}

int sqlite3_column_type(sqlite3_stmt* statement, int index) {
  const Value* value = column(statement, index);
  if (value == nullptr) return SQLITE_NULL;
  switch (value->type()) {
    case keelback::Type::integer:
      return SQLITE_INTEGER;
    case keelback::Type::real:
      return SQLITE_FLOAT;
    case keelback::Type::text:
      return SQLITE_TEXT;
    case keelback::Type::blob:
      return SQLITE_BLOB;
    case keelback::Type::null:
      break;
  }
  return SQLITE_NULL;
}

sqlite3_value* sqlite3_column_value(sqlite3_stmt* statement, int index) { return converted(statement, index); }

const char* sqlite3_column_name(sqlite3_stmt* statement, int index) {
  const ColumnDescription* found = description(statement, index);
  return found == nullptr ? nullptr : found->name.data();
}

const void* sqlite3_column_name16(sqlite3_stmt* statement, int index) {
  return wide(statement, index, sqlite3_column_name(statement, index), &WideNames::name);
}

const char* sqlite3_column_decltype(sqlite3_stmt* statement, int index) {
  const ColumnDescription* found = description(statement, index);
  return found == nullptr ? nullptr : text_of(found->declared_type);
}

const void* sqlite3_column_decltype16(sqlite3_stmt* statement, int index) {
  return wide(statement, index, sqlite3_column_decltype(statement, index), &WideNames::declared_type);
}

const char* sqlite3_column_database_name(sqlite3_stmt* statement, int index) {
  const ColumnDescription* found = description(statement, index);
  return found == nullptr ? nullptr : text_of(found->database);
}

const void* sqlite3_column_database_name16(sqlite3_stmt* statement, int index) {
  return wide(statement, index, sqlite3_column_database_name(statement, index), &WideNames::database);
}

const char* sqlite3_column_table_name(sqlite3_stmt* statement, int index) {
  const ColumnDescription* found = description(statement, index);
  return found == nullptr ? nullptr : text_of(found->table);
}

const void* sqlite3_column_table_name16(sqlite3_stmt* statement, int index) {
  return wide(statement, index, sqlite3_column_table_name(statement, index), &WideNames::table);
}

const char* sqlite3_column_origin_name(sqlite3_stmt* statement, int index) {
  const ColumnDescription* found = description(statement, index);
  return found == nullptr ? nullptr : text_of(found->origin);
}

const void* sqlite3_column_origin_name16(sqlite3_stmt* statement, int index) {
  return wide(statement, index, sqlite3_column_origin_name(statement, index), &WideNames::origin);
}

}  // extern "C"
