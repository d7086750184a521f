/* Pointer values: bound, given by functions, seen by functions and tables; what SQL sees of them; when they go. */
#include <stdio.h>
#include <string.h>

#include "sqlite3.h"

static int destroyed;

/* When results go is the engine's affair; by the end of their statement they have. */
static void destroy(void *pointer) {
  (void)pointer;
  ++destroyed;
}

static void step(sqlite3_stmt *statement, int column) {
  const int code = sqlite3_step(statement);
  printf("step %d %s, destroyed %d\n", code, sqlite3_column_text(statement, column), destroyed);
  sqlite3_reset(statement);
}

/* seen(a, b, ...): each argument's type, subtype and text behind a pointer of the type "text". */
static void seen(sqlite3_context *context, int count, sqlite3_value **values) {
  char line[400] = "";
  for (int at = 0; at < count; ++at) {
    const char *pointer = sqlite3_value_pointer(values[at], "text");
    const char *other = sqlite3_value_pointer(values[at], "other");
    sqlite3_value *copy = sqlite3_value_dup(values[at]);
    snprintf(line + strlen(line), sizeof line - strlen(line), "%s%d/%u/%s/%s/%s", at ? " " : "",
             sqlite3_value_type(values[at]), sqlite3_value_subtype(values[at]), pointer ? pointer : "-",
             other ? other : "-", sqlite3_value_pointer(copy, "text") ? "kept" : "-");
    sqlite3_value_free(copy);
  }
  sqlite3_result_text(context, line, -1, SQLITE_TRANSIENT);
}

static const char *names[] = {"zero", "one", "two", "three"};

/* made(n, type): a pointer. */
static void made(sqlite3_context *context, int count, sqlite3_value **values) {
  const char *type = count > 1 && sqlite3_value_int(values[1]) ? "other" : "text";
  sqlite3_result_pointer(context, (void *)names[sqlite3_value_int(values[0]) & 3], type, destroy);
}

static void same(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_value(context, values[0]);
}

/* A pointer, and then another subtype. */
static void spoiled(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_pointer(context, (void *)"spoiled", "text", destroy);
  sqlite3_result_subtype(context, (unsigned)sqlite3_value_int(values[0]));
}

static void failing(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_pointer(context, (void *)"of a failure", "text", destroy);
  sqlite3_result_error(context, "it fails", -1);
}

static void collect_step(sqlite3_context *context, int count, sqlite3_value **values) {
  char *kept = sqlite3_aggregate_context(context, 200);
  (void)count;
  const char *pointer = sqlite3_value_pointer(values[0], "text");
  snprintf(kept + strlen(kept), 200 - strlen(kept), "[%s]", pointer ? pointer : "-");
}

static void collect_final(sqlite3_context *context) {
  char *kept = sqlite3_aggregate_context(context, 0);
  sqlite3_result_text(context, kept ? kept : "nothing", -1, SQLITE_TRANSIENT);
}

static void pick_final(sqlite3_context *context) {
  sqlite3_aggregate_context(context, 200);
  sqlite3_result_pointer(context, (void *)"picked", "text", destroy);
}

static void run(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  printf("%s\n", sql);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
    printf("  %s\n", sqlite3_errmsg(db));
    return;
  }
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
    sqlite3_bind_pointer(statement, index, index == 1 ? "first" : "second", "text", destroy);
  }
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    printf("  row");
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(statement, column));
      const char *pointer = sqlite3_value_pointer(sqlite3_column_value(statement, column), "text");
      const char *text = (const char *)sqlite3_column_text(statement, column);
      printf(" %d %s", sqlite3_column_type(statement, column), text ? text : pointer ? pointer : "NULL");
      sqlite3_value_free(value);
    }
    printf("\n");
  }
  printf("  %d %s\n", code, code == SQLITE_DONE ? "" : sqlite3_errmsg(db));
  sqlite3_finalize(statement);
  printf("  destroyed %d\n", destroyed);
}

static void bindings(sqlite3 *db) {
  sqlite3_stmt *statement = NULL, *other = NULL;
  sqlite3_prepare_v2(db, "SELECT seen(?1), ?1", -1, &statement, NULL);
  sqlite3_prepare_v2(db, "SELECT 2, seen(?1)", -1, &other, NULL);
  printf("bind %d\n", sqlite3_bind_pointer(statement, 1, "a", "text", destroy));
  printf("bind another %d\n", sqlite3_bind_pointer(statement, 1, "b", "text", destroy));
  printf("bind out of range %d\n", sqlite3_bind_pointer(statement, 2, "c", "text", destroy));
  printf("step %d\n", sqlite3_step(statement));
  printf("row %s\n", sqlite3_column_text(statement, 0));
  char *expanded = sqlite3_expanded_sql(statement);
  printf("expanded %s\n", expanded);
  sqlite3_free(expanded);
  printf("bind while busy %d\n", sqlite3_bind_pointer(statement, 1, "d", "text", destroy));
  printf("value of a column bound %d\n", sqlite3_bind_value(other, 1, sqlite3_column_value(statement, 1)));
  step(other, 1);
  sqlite3_reset(statement);
  step(statement, 0);
  printf("transfer %d\n", sqlite3_transfer_bindings(statement, other));
  step(other, 1);
  step(statement, 0);
  printf("clear %d\n", sqlite3_clear_bindings(other));
  printf("destroyed %d\n", destroyed);
  printf("bind without type %d\n", sqlite3_bind_pointer(statement, 1, "e", NULL, destroy));
  step(statement, 0);
  printf("bind nothing %d\n", sqlite3_bind_pointer(statement, 1, NULL, "text", NULL));
  step(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_bind_pointer(other, 1, "f", "text", destroy);
  sqlite3_finalize(other);
}

int main(void) {
  sqlite3 *db;
  const int flags = SQLITE_UTF8 | SQLITE_SUBTYPE | SQLITE_RESULT_SUBTYPE;
  sqlite3_open(":memory:", &db);
  sqlite3_create_function(db, "seen", -1, flags, NULL, seen, NULL, NULL);
  sqlite3_create_function(db, "made", -1, flags, NULL, made, NULL, NULL);
  sqlite3_create_function(db, "same", 1, flags, NULL, same, NULL, NULL);
  sqlite3_create_function(db, "spoiled", 1, flags, NULL, spoiled, NULL, NULL);
  sqlite3_create_function(db, "failing", 0, flags, NULL, failing, NULL, NULL);
  sqlite3_create_function(db, "collect", 1, flags, NULL, NULL, collect_step, collect_final);
  sqlite3_create_function(db, "pick", 1, flags, NULL, NULL, collect_step, pick_final);
  bindings(db);
  run(db, "SELECT seen(?1, ?2), seen(?2, NULL, ?1)");
  run(db, "SELECT typeof(?1), ?1 IS NULL, quote(?1), length(?1), ?1 || 'x', ?1 + 1, ?1 = ?1, hex(?1), count(?1)");
  run(db, "SELECT seen(+?1), seen(-?1), seen((?1)), seen(CAST(?1 AS TEXT)), seen(?1 COLLATE NOCASE)");
  run(db, "SELECT seen(iif(1, ?1, 2)), seen(nullif(?1, 2)), seen(CASE WHEN 1 THEN ?1 END), seen(coalesce(?1, ?2))");
  run(db, "SELECT seen((SELECT ?1)), seen(likely(?1)), seen(ifnull(NULL, ?1))");
  run(db, "SELECT ?1, made(2), same(?1)");
  run(db, "SELECT seen(made(1)), seen(same(made(2))), seen(made(3, 1)), seen(same(?1))");
  run(db, "SELECT seen(spoiled(112)), seen(spoiled(0))");
  run(db, "SELECT failing()");
  run(db, "SELECT collect(?1), collect(made(1)), seen(pick(1))");
  run(db, "CREATE TABLE t(a, b TEXT DEFAULT 'none')");
  run(db, "INSERT INTO t VALUES(?1, ?1), (made(1), 2)");
  run(db, "SELECT typeof(a), typeof(b), seen(a, b) FROM t");
  run(db, "UPDATE t SET a = ?1 RETURNING typeof(a), a IS NULL");
  run(db, "SELECT count(*) FROM t WHERE a IS ?1 AND a IS NOT made(1)");
  run(db, "SELECT rowid, seen(made(rowid)) FROM t");
  run(db, "SELECT json_array(?1), json_quote(made(1))");
  run(db, "SELECT seen(json('[1]'), json_quote('x'), json_extract('{\"a\":[1]}', '$.a'), '[1]', 1)");
  run(db, "SELECT json_array(same(json('[1]')), same('[1]'))");
  printf("close %d\n", sqlite3_close(db));
  printf("destroyed %d\n", destroyed);
  return 0;
}
