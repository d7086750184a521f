/* The C part of `make demo`: it reads the database, joins and groups it, and writes what it found. */
#include <keelback/sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3* database;

static void check(int code) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
    fprintf(stderr, "demo: %s\n", sqlite3_errmsg(database));
    exit(1);
  }
}

static sqlite3_stmt* prepare(const char* sql) {
  sqlite3_stmt* statement = NULL;
  check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
  return statement;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  check(sqlite3_open(argv[1], &database));

  sqlite3_stmt* count = prepare("SELECT count(DISTINCT country_iso) FROM city");
  check(sqlite3_step(count));
  int total = sqlite3_column_int(count, 0);
  sqlite3_finalize(count);

  check(sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL));
  sqlite3_stmt* query = prepare(
      "SELECT k.iso, k.name, count(*), sum(c.population), avg(c.latitude)"
      " FROM country AS k JOIN city AS c ON c.country_iso = k.iso"
      " GROUP BY k.iso ORDER BY 4 DESC, 1");
  sqlite3_stmt* insert = prepare(
      "INSERT INTO finding(language, country, cities, people, mean_latitude, mark) VALUES ('c', ?, ?, ?, ?, ?)");
  static const unsigned char mark[] = {0, 1, 255};
  int written = 0;
  while (sqlite3_step(query) == SQLITE_ROW) {
    for (int column = 0; column < 5; column++) {
      int parameter = column == 0 ? 1 : column; /* the name in column 1 is not written */
      if (column != 1) check(sqlite3_bind_value(insert, parameter, sqlite3_column_value(query, column)));
    }
    check(sqlite3_bind_blob(insert, 5, mark, sizeof mark, SQLITE_STATIC));
    check(sqlite3_step(insert));
    check(sqlite3_reset(insert));
    if (written < 3) {
      printf("row %s | %lld | %lld | %.2f\n", sqlite3_column_text(query, 1), sqlite3_column_int64(query, 2),
             sqlite3_column_int64(query, 3), sqlite3_column_double(query, 4));
    }
    written++;
    if (written % 20 == 0 || written == total) {
      printf("progress %d %d\n", written, total);
      fflush(stdout);
    }
  }
  check(sqlite3_finalize(query));
  check(sqlite3_finalize(insert));
  check(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL));
  check(sqlite3_close(database));
  printf("done %d\n", written);
  return 0;
}
