// sqlite3session_diff: what would turn a table of another database of the connection into this session's, as if it had
// just been done.
#include <vector>

#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "../memory.hpp"
#include "session.hpp"

using namespace keelback::capi;

namespace {

// "a"."t"."c" and so on.
std::string column_of(const std::string& schema, const std::string& table, const std::string& column) {
  return quoted(schema) + "." + quoted(table) + "." + quoted(column);
}

std::string joined_keys(const TableFacts& facts, const std::string& left, const std::string& right,
                        const std::string& table) {
  std::string text;
  for (size_t place = 0; place < facts.columns.size(); ++place) {
    if (facts.keys[place] == 0) continue;
    if (!text.empty()) text += " AND ";
    text += column_of(left, table, facts.columns[place]) + "=" + column_of(right, table, facts.columns[place]);
  }
  return text;
}

std::string columns_of(const TableFacts& facts, const std::string& schema, const std::string& table) {
  std::string text;
  for (const std::string& column : facts.columns) {
    if (!text.empty()) text += ", ";
    text += column_of(schema, table, column);
  }
  return text;
}

// Notes the rows of a query: the first columns are the row (for UPDATE the new one), the following ones the old one.
int note_rows(sqlite3_session& session, WatchedTable& table, const std::string& sql, int operation) {
  PreparedText statement;
  if (const int code = statement.prepare(session.db, sql); code != SQLITE_OK) return code;
  const size_t width = table.width();
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    std::vector<sqlite3_value*> first, second;
    for (size_t place = 0; place < width; ++place) {
      first.push_back(sqlite3_column_value(statement.get(), static_cast<int>(place)));
      if (operation == SQLITE_UPDATE) {
        second.push_back(sqlite3_column_value(statement.get(), static_cast<int>(place + width)));
      }
    }
    RowChange change{operation, 0, {}, {}};
    if (operation == SQLITE_DELETE) change.old_values = std::move(first);
    if (operation == SQLITE_INSERT) change.new_values = std::move(first);
    if (operation == SQLITE_UPDATE) {
      change.new_values = std::move(first);
      change.old_values = std::move(second);
    }
    session.note(table, change);
    if (session.error != SQLITE_OK) return session.error;
  }
  return sqlite3_reset(statement.get());
}

int note_difference(sqlite3_session& session, const std::string& from, const std::string& name, std::string& message) {
  WatchedTable* table = session.find_table(name, true);
  if (table == nullptr) return SQLITE_OK;
  if (const int code = session.learn(*table); code != SQLITE_OK) return code;
  TableFacts others;
  const bool is_there = sqlite3_db_filename(session.db, from.c_str()) != nullptr;
  if (is_there) {
    const int code = read_table_facts(session.db, from, name, session.knows_rowids, others);
    if (code != SQLITE_OK) return code;
  }
  const TableFacts& facts = table->facts;
  if (!is_there || (others.columns.empty() && !facts.columns.empty())) {
    message = "no such table: " + from + "." + name;
    return SQLITE_SCHEMA;
  }
  bool is_same = facts.columns.size() == others.columns.size() && facts.keys == others.keys;
  for (size_t place = 0; is_same && place < facts.columns.size(); ++place) {
    is_same = are_same_name(facts.columns[place], others.columns[place]);
  }
  if (!is_same) {
    message = "table schemas do not match";
    return SQLITE_SCHEMA;
  }
  if (!facts.has_key()) return SQLITE_OK;
  const std::string& here = session.schema;
  const std::string keys = joined_keys(facts, here, from, name);
  const auto missing = [&](const std::string& in, const std::string& elsewhere) {
    return "SELECT " + columns_of(facts, in, name) + " FROM " + quoted(in) + "." + quoted(name) +
           " WHERE NOT EXISTS (SELECT 1 FROM " + quoted(elsewhere) + "." + quoted(name) + " WHERE " + keys + ")";
  };
  if (const int code = note_rows(session, *table, missing(here, from), SQLITE_INSERT); code != SQLITE_OK) return code;
  if (const int code = note_rows(session, *table, missing(from, here), SQLITE_DELETE); code != SQLITE_OK) return code;
  std::string differences;
  for (size_t place = 0; place < facts.columns.size(); ++place) {
    if (facts.keys[place] != 0) continue;
    if (!differences.empty()) differences += " OR ";
    differences +=
        column_of(here, name, facts.columns[place]) + " IS NOT " + column_of(from, name, facts.columns[place]);
  }
  if (differences.empty()) return SQLITE_OK;
  const std::string sql = "SELECT " + columns_of(facts, here, name) + ", " + columns_of(facts, from, name) + " FROM " +
                          quoted(here) + "." + quoted(name) + ", " + quoted(from) + "." + quoted(name) + " WHERE " +
                          keys + " AND (" + differences + ")";
  return note_rows(session, *table, sql, SQLITE_UPDATE);
}

}  // namespace

extern "C" int sqlite3session_diff(sqlite3_session* session, const char* from, const char* table, char** message_out) {
  if (message_out != nullptr) *message_out = nullptr;
  if (session == nullptr || from == nullptr || table == nullptr) return misuse("sqlite3session_diff");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(session->db->mutex);
    if (session->error != SQLITE_OK) return session->error;
    std::string message;
    const int code = note_difference(*session, from, table, message);
    if (!message.empty() && message_out != nullptr) *message_out = copy_to_heap(message);
    return code;
  });
}
