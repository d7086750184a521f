"""sqlite3_config before and after the library is in use, sqlite3_shutdown, counters of its memory and of aggregates: a
C program on the system's SQLite and on ours. SQLITE_CONFIG_LOG is for newer versions than that allowed at any time.
"""

from __future__ import annotations

from pathlib import Path

from capi_support import compiled_program, outputs_of

PROGRAM = r"""
#include <stdio.h>
#include "sqlite3.h"
static int finals;
static void step(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count; (void)values;
  int *seen = sqlite3_aggregate_context(context, sizeof(int));
  if (seen) ++*seen;
}
static void final(sqlite3_context *context) { ++finals; sqlite3_result_int(context, sqlite3_aggregate_count(context)); }
static void value(sqlite3_context *context) { sqlite3_result_int(context, sqlite3_aggregate_count(context)); }
static void tell(const char *when) {
  printf("%s: uri %d serialized %d memstatus %d unknown %d\n", when, sqlite3_config(SQLITE_CONFIG_URI, 0),
         sqlite3_config(SQLITE_CONFIG_SERIALIZED), sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1), sqlite3_config(999));
}
int main(void) {
  sqlite3 *db;
  tell("at first");
  printf("initialize %d\n", sqlite3_initialize());
  tell("initialized");
  printf("shutdown %d\n", sqlite3_shutdown());
  tell("shut down");
  sqlite3_open(":memory:", &db);
  tell("opened");
  sqlite3_int64 now = 0, most = 0, later = 0;
  printf("used %d most %d\n", sqlite3_memory_used() > 0, sqlite3_memory_highwater(0) >= sqlite3_memory_used());
  sqlite3_status64(SQLITE_STATUS_MALLOC_COUNT, &now, &most, 0);
  void *block = sqlite3_malloc(5000);
  sqlite3_status64(SQLITE_STATUS_MALLOC_COUNT, &later, &most, 0);
  printf("one more block %d\n", (int)(later - now));
  sqlite3_free(block);
  sqlite3_status64(SQLITE_STATUS_MALLOC_COUNT, &later, &most, 0);
  printf("back %d most %d\n", (int)(later - now), most > now);
  sqlite3_status64(SQLITE_STATUS_MALLOC_SIZE, &now, &most, 0);
  printf("largest %d\n", most >= 5000);
  sqlite3_create_function(db, "counted", 1, SQLITE_UTF8, NULL, NULL, step, final);
  sqlite3_create_window_function(db, "watched", 1, SQLITE_UTF8, NULL, step, final, value, step, NULL);
  sqlite3_stmt *statement;
  sqlite3_prepare_v2(db, "SELECT counted(value) FROM json_each('[1,2,3]')", -1, &statement, NULL);
  sqlite3_step(statement);
  printf("counted %d finals %d\n", sqlite3_column_int(statement, 0), finals);
  sqlite3_finalize(statement);
  sqlite3_prepare_v2(db, "SELECT watched(value) OVER (ORDER BY value ROWS 1 PRECEDING) FROM json_each('[1,2,3]')", -1,
                     &statement, NULL);
  finals = 0;
  sqlite3_step(statement);
  sqlite3_reset(statement);
  printf("a window's end is told when its statement is reset: %d\n", finals > 0);
  sqlite3_finalize(statement);
  printf("close %d\n", sqlite3_close(db));
  return 0;
}
"""


def test_settings_come_before_the_first_use_and_counters_move(tmp_path: Path) -> None:
    source = tmp_path / "settings.c"
    source.write_text(PROGRAM)
    expected, found = outputs_of(compiled_program(source, tmp_path), "kernel")
    assert found == expected
