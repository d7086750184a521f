#include "table_facts.hpp"

namespace keelback::capi {

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

int read_table_facts(sqlite3* db, const std::string& schema, const std::string& table, TableFacts& facts) {
  facts = {};
  PreparedText statement;
  const std::string sql = "PRAGMA " + quoted(schema) + ".table_xinfo(" + quoted(table) + ")";
  if (const int code = statement.prepare(db, sql); code != SQLITE_OK) return code;
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    if (sqlite3_column_int(statement.get(), 6) != 0) continue;
    facts.numbers.push_back(sqlite3_column_int(statement.get(), 0));
    const void* name = sqlite3_column_text(statement.get(), 1);
    facts.columns.emplace_back(name == nullptr ? "" : static_cast<const char*>(name));
    facts.keys.push_back(static_cast<uint8_t>(sqlite3_column_int(statement.get(), 5)));
  }
  return sqlite3_reset(statement.get());
}

std::string select_by_key(const std::string& schema, const std::string& table, const TableFacts& facts) {
  std::string columns, condition;
  for (size_t place = 0; place < facts.columns.size(); ++place) {
    if (!columns.empty()) columns += ", ";
    columns += quoted(facts.columns[place]);
    if (facts.keys[place] == 0) continue;
    if (!condition.empty()) condition += " AND ";
    condition += quoted(facts.columns[place]) + " IS ?" + std::to_string(place + 1);
  }
  return "SELECT " + columns + " FROM " + quoted(schema) + "." + quoted(table) + " WHERE " + condition;
}

int bind_bytes(sqlite3_stmt* statement, int parameter, std::string_view value) {
  if (value.empty()) return SQLITE_OK;
  const std::string_view content = value.size() > 1 ? content_of(value) : std::string_view();
  switch (value[0]) {
    case SQLITE_INTEGER:
      return sqlite3_bind_int64(statement, parameter, integer_in(value));
    case SQLITE_FLOAT:
      return sqlite3_bind_double(statement, parameter, real_in(value));
    case SQLITE_TEXT:
      return sqlite3_bind_text(statement, parameter, content.data(), static_cast<int>(content.size()),
                               SQLITE_TRANSIENT);
    case SQLITE_BLOB:
      return sqlite3_bind_blob(statement, parameter, content.data(), static_cast<int>(content.size()),
                               SQLITE_TRANSIENT);
    case SQLITE_NULL:
      return sqlite3_bind_null(statement, parameter);
    default:
      return SQLITE_OK;
  }
}

int bind_value(sqlite3_stmt* statement, int parameter, sqlite3_value* value) {
  return value == nullptr ? SQLITE_OK : sqlite3_bind_value(statement, parameter, value);
}

}  // namespace keelback::capi
