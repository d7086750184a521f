// sqlite3_autovacuum_pages: who says how many free pages a commit gives back.
//
// Source: https://sqlite.org/c3ref/autovacuum_pages.html
#include <string>

#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

namespace {

using Choose = unsigned int (*)(void*, const char*, unsigned int, unsigned int, unsigned int);

int set_choice(sqlite3* db, Choose choose, void* argument, void (*destroy)(void*)) {
  if (const int code = db->ensure_engine(); code != SQLITE_OK) return code;
  EngineConnection::AutovacuumQuestion question;
  if (choose != nullptr) {
    question = [db](std::string_view schema, uint32_t pages, uint32_t free, uint32_t page_size) -> uint32_t {
      const AutovacuumPages& asked = db->autovacuum;
      return asked.function(asked.argument, std::string(schema).c_str(), pages, free, page_size);
    };
  }
  if (!db->engine->set_autovacuum_question(std::move(question))) {
    return not_supported(db, "sqlite3_autovacuum_pages");
  }
  db->autovacuum.forget();
  db->autovacuum.function = choose;
  db->autovacuum.argument = argument;
  db->autovacuum.destroy = destroy;
  return SQLITE_OK;
}

}  // namespace

extern "C" int sqlite3_autovacuum_pages(sqlite3* db, Choose choose, void* argument, void (*destroy)(void*)) {
  const int code = !is_usable(db) ? misuse("sqlite3_autovacuum_pages") : guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    return set_choice(db, choose, argument, destroy);
  });
  if (code != SQLITE_OK && destroy != nullptr) destroy(argument);
  return code;
}
