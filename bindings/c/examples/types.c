/* The five storage classes, as they are stored and as C reads them. */
#include <keelback/keelback.h>

#include <stdio.h>

int main(void) {
  static const char* const names[] = {"", "integer", "real", "text", "blob", "null"};
  sqlite3* db = NULL;
  sqlite3_stmt* statement = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
      sqlite3_prepare_v2(db, "SELECT 9223372036854775807, 0.5, 'caf\303\251', x'00ff', NULL", -1, &statement, NULL) !=
          SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_ROW) {
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return 1;
  }
  printf("%s %lld\n", names[sqlite3_column_type(statement, 0)], sqlite3_column_int64(statement, 0));
  printf("%s %g\n", names[sqlite3_column_type(statement, 1)], sqlite3_column_double(statement, 1));
  printf("%s %s (%d bytes)\n", names[sqlite3_column_type(statement, 2)], sqlite3_column_text(statement, 2),
         sqlite3_column_bytes(statement, 2));
  const unsigned char* blob = sqlite3_column_blob(statement, 3);
  printf("%s %02x%02x\n", names[sqlite3_column_type(statement, 3)], blob[0], blob[1]);
  printf("%s\n", names[sqlite3_column_type(statement, 4)]);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return 0;
}
