#include "table_facts.hpp"

namespace keelback::capi {

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

TableFacts statistics_facts() {
  TableFacts facts;
  facts.columns = {"tbl", "idx", "stat"};
  facts.defaults.resize(3);
  facts.keys = {1, 2, 0};
  facts.numbers = {0, 1, 2};
  facts.stored_width = 3;
  facts.is_statistics = true;
  return facts;
}

namespace {

// Of sqlite_stat1; no rows where it is not there.
int read_statistics_facts(sqlite3* db, const std::string& schema, TableFacts& facts) {
  const int code = sqlite3_table_column_metadata(db, schema.c_str(), "sqlite_stat1", nullptr, nullptr, nullptr, nullptr,
                                                 nullptr, nullptr);
  if (code != SQLITE_OK) return code == SQLITE_ERROR ? SQLITE_OK : code;
  facts = statistics_facts();
  return SQLITE_OK;
}

// What PRAGMA table_xinfo says of a generated column that is not stored.
constexpr int virtual_column = 2;

// The parameter of idx, with NULL again in the place of the empty blob.
constexpr const char* idx_parameter = "(CASE WHEN length(?2) = 0 AND typeof(?2) = 'blob' THEN NULL ELSE ?2 END)";

std::string text_at(sqlite3_stmt* statement, int column) {
  const void* text = sqlite3_column_text(statement, column);
  return text == nullptr ? "" : static_cast<const char*>(text);
}

}  // namespace

int read_table_facts(sqlite3* db, const std::string& schema, const std::string& table, bool may_use_rowid,
                     TableFacts& facts) {
  facts = {};
  if (are_same_name(table, "sqlite_stat1")) return read_statistics_facts(db, schema, facts);
  PreparedText statement;
  const std::string sql = "PRAGMA " + quoted(schema) + ".table_xinfo(" + quoted(table) + ")";
  if (const int code = statement.prepare(db, sql); code != SQLITE_OK) return code;
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    const int hidden = sqlite3_column_int(statement.get(), 6);
    if (hidden != virtual_column) ++facts.stored_width;
    if (hidden != 0) continue;
    facts.numbers.push_back(static_cast<int>(facts.stored_width) - 1);
    facts.columns.push_back(text_at(statement.get(), 1));
    facts.defaults.push_back(text_at(statement.get(), 4));
    facts.keys.push_back(static_cast<uint8_t>(sqlite3_column_int(statement.get(), 5)));
  }
  if (may_use_rowid && !facts.columns.empty() && !facts.has_key()) {
    facts.numbers.insert(facts.numbers.begin(), TableFacts::rowid_number);
    facts.columns.insert(facts.columns.begin(), "_rowid_");
    facts.defaults.insert(facts.defaults.begin(), "");
    facts.keys.insert(facts.keys.begin(), 1);
    facts.has_rowid_key = true;
  }
  return sqlite3_reset(statement.get());
}

std::string key_condition(const TableFacts& facts) {
  std::string text;
  for (size_t place = 0; place < facts.columns.size(); ++place) {
    if (facts.keys[place] == 0) continue;
    if (!text.empty()) text += " AND ";
    text += quoted(facts.columns[place]) + " IS ";
    if (facts.is_statistics && place == TableFacts::idx_place) {
      text += idx_parameter;
    } else {
      text += "?" + std::to_string(place + 1);
    }
  }
  return text;
}

std::string select_by_key(const std::string& schema, const std::string& table, const TableFacts& facts,
                          bool tells_noops) {
  const size_t width = facts.columns.size();
  std::string columns, noops = "1";
  for (size_t place = 0; place < width; ++place) {
    if (!columns.empty()) columns += ", ";
    const std::string name = quoted(facts.columns[place]);
    columns += facts.is_statistics && place == TableFacts::idx_place ? "?2" : name;
    if (facts.keys[place] != 0) continue;
    noops += " AND (?" + std::to_string(width + place + 1) + " OR ?" + std::to_string(place + 1) + " IS " + name + ")";
  }
  if (tells_noops) columns += ", " + noops;
  return "SELECT " + columns + " FROM " + quoted(schema) + "." + quoted(table) + " WHERE " + key_condition(facts);
}

std::string insert_into(const std::string& table, const TableFacts& facts) {
  std::string columns, parameters;
  for (size_t place = 0; place < facts.columns.size(); ++place) {
    columns += (place > 0 ? ", " : "") + quoted(facts.columns[place]);
    if (place > 0) parameters += ", ";
    if (facts.is_statistics && place == TableFacts::idx_place) {
      parameters += idx_parameter;
    } else {
      parameters += "?" + std::to_string(place + 1);
    }
  }
  return "INSERT INTO main." + quoted(table) + "(" + columns + ") VALUES(" + parameters + ")";
}

int read_defaults(sqlite3* db, const TableFacts& facts, std::vector<std::string>& values) {
  std::string sql;
  for (const std::string& value : facts.defaults) {
    sql += sql.empty() ? "SELECT " : ", ";
    sql += value.empty() ? "NULL" : value;
  }
  PreparedText statement;
  if (const int code = statement.prepare(db, sql); code != SQLITE_OK) return code;
  values.assign(facts.defaults.size(), {});
  if (sqlite3_step(statement.get()) == SQLITE_ROW) {
    for (size_t place = 0; place < values.size(); ++place) {
      append_column(values[place], statement.get(), static_cast<int>(place));
    }
  }
  return sqlite3_reset(statement.get());
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
