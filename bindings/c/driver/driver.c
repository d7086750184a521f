/*
 * The conformance driver of the C binding: JSON lines in, JSON lines out (compat-tests/PROTOCOL.md).
 *
 * 1. One reply a request, in order; nothing else goes to standard output.
 * 2. Only the public C API is used.
 */
#include <keelback/keelback.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

enum { MOST_CONNECTIONS = 64 };

typedef struct {
  char id[64];
  sqlite3* db;
} Connection;

static Connection connections[MOST_CONNECTIONS];

static Connection* find_connection(const char* id) {
  for (int at = 0; id != NULL && at < MOST_CONNECTIONS; at++) {
    if (connections[at].db != NULL && strcmp(connections[at].id, id) == 0) return &connections[at];
  }
  return NULL;
}

static void put_fault(Buffer* out, const char* text) {
  out->size = 0;
  buffer_put(out, "{\"fault\":");
  buffer_put_json(out, text, strlen(text));
  buffer_put(out, "}");
}

static void put_error(Buffer* out, int code, const char* message) {
  char number[64];
  out->size = 0;
  snprintf(number, sizeof number, "{\"error\":{\"code\":%d,\"name\":", code);
  buffer_put(out, number);
  buffer_put_json(out, sqlite3_errstr(code), strlen(sqlite3_errstr(code)));
  buffer_put(out, ",\"message\":");
  buffer_put_json(out, message, strlen(message));
  buffer_put(out, "}}");
}

static void put_database_error(Buffer* out, sqlite3* db) {
  put_error(out, sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

static int is_valid_utf8(const unsigned char* text, size_t size) {
  for (size_t at = 0; at < size;) {
    unsigned char first = text[at];
    size_t length = first < 0x80                    ? 1
                    : first >= 0xC2 && first < 0xE0 ? 2
                    : first >= 0xE0 && first < 0xF0 ? 3
                    : first >= 0xF0 && first < 0xF5 ? 4
                                                    : 0;
    if (length == 0 || at + length > size) return 0;
    for (size_t next = 1; next < length; next++) {
      if ((text[at + next] & 0xC0) != 0x80) return 0;
    }
    if (first == 0xE0 && text[at + 1] < 0xA0) return 0;
    if (first == 0xED && text[at + 1] > 0x9F) return 0;
    if (first == 0xF0 && text[at + 1] < 0x90) return 0;
    if (first == 0xF4 && text[at + 1] > 0x8F) return 0;
    at += length;
  }
  return 1;
}

static void put_column(Buffer* out, sqlite3_stmt* statement, int index) {
  char number[64];
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      snprintf(number, sizeof number, "{\"i\":\"%lld\"}", sqlite3_column_int64(statement, index));
      buffer_put(out, number);
      break;
    case SQLITE_FLOAT: {
      double real = sqlite3_column_double(statement, index);
      uint64_t bits;
      memcpy(&bits, &real, sizeof bits);
      snprintf(number, sizeof number, "{\"r\":\"%016llx\"}", (unsigned long long)bits);
      buffer_put(out, number);
      break;
    }
    case SQLITE_TEXT: {
      const unsigned char* text = sqlite3_column_text(statement, index);
      size_t size = (size_t)sqlite3_column_bytes(statement, index);
      if (is_valid_utf8(text, size)) {
        buffer_put(out, "{\"t\":");
        buffer_put_json(out, (const char*)text, size);
        buffer_put(out, "}");
      } else {
        buffer_put(out, "{\"tx\":\"");
        buffer_put_hex(out, text, size);
        buffer_put(out, "\"}");
      }
      break;
    }
    case SQLITE_BLOB: {
      const void* blob = sqlite3_column_blob(statement, index);
      buffer_put(out, "{\"b\":\"");
      buffer_put_hex(out, blob, (size_t)sqlite3_column_bytes(statement, index));
      buffer_put(out, "\"}");
      break;
    }
    default:
      buffer_put(out, "null");
  }
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int bind_hex(sqlite3_stmt* statement, int index, const char* hex) {
  size_t size = strlen(hex) / 2;
  unsigned char* bytes = malloc(size + 1);
  if (bytes == NULL) return SQLITE_NOMEM;
  for (size_t at = 0; at < size; at++)
    bytes[at] = (unsigned char)(hex_value(hex[2 * at]) * 16 + hex_value(hex[2 * at + 1]));
  int code = sqlite3_bind_blob64(statement, index, bytes, size, SQLITE_TRANSIENT);
  free(bytes);
  return code;
}

/* SQLITE_OK, an error of the database, or -1 for a value that is none. */
static int bind_value(sqlite3_stmt* statement, int index, const Json* value) {
  if (value->kind == JSON_NULL) return sqlite3_bind_null(statement, index);
  const char* text;
  if ((text = json_member_text(value, "i")) != NULL)
    return sqlite3_bind_int64(statement, index, strtoll(text, NULL, 10));
  if ((text = json_member_text(value, "r")) != NULL) {
    uint64_t bits = strtoull(text, NULL, 16);
    double real;
    memcpy(&real, &bits, sizeof real);
    return sqlite3_bind_double(statement, index, real);
  }
  const Json* member = json_member(value, "t");
  if (member != NULL)
    return sqlite3_bind_text64(statement, index, member->text, member->size, SQLITE_TRANSIENT, SQLITE_UTF8);
  if ((text = json_member_text(value, "b")) != NULL) return bind_hex(statement, index, text);
  return -1;
}

static int bind_all(sqlite3_stmt* statement, const Json* parameters) {
  int index = 0;
  for (const Json* value = parameters != NULL ? parameters->first : NULL; value != NULL; value = value->next) {
    index = parameters->kind == JSON_OBJECT ? sqlite3_bind_parameter_index(statement, value->key) : index + 1;
    int code = bind_value(statement, index, value);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

static void put_names(Buffer* out, sqlite3_stmt* statement) {
  int count = sqlite3_column_count(statement);
  buffer_put(out, "{\"columns\":[");
  for (int index = 0; index < count; index++) {
    const char* name = sqlite3_column_name(statement, index);
    if (index > 0) buffer_put(out, ",");
    buffer_put_json(out, name, strlen(name));
  }
  buffer_put(out, "],\"rows\":[");
}

static void put_row(Buffer* out, sqlite3_stmt* statement) {
  int count = sqlite3_column_count(statement);
  buffer_put(out, "[");
  for (int index = 0; index < count; index++) {
    if (index > 0) buffer_put(out, ",");
    put_column(out, statement, index);
  }
  buffer_put(out, "]");
}

static void run_statement(sqlite3* db, sqlite3_stmt* statement, Buffer* out) {
  sqlite3_int64 before = sqlite3_total_changes64(db);
  Buffer rows = {0};
  int code, count = 0;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (count++ > 0) buffer_put(&rows, ",");
    put_row(&rows, statement);
  }
  if (code == SQLITE_DONE) {
    /* After the first step: a statement that was compiled anew has the names of its new columns. */
    char changes[64];
    put_names(out, statement);
    buffer_append(out, rows.data, rows.size);
    snprintf(changes, sizeof changes, "],\"changes\":%lld}",
             sqlite3_total_changes64(db) != before ? sqlite3_changes64(db) : 0LL);
    buffer_put(out, changes);
  } else {
    put_database_error(out, db);
  }
  buffer_free(&rows);
}

static void do_exec(const Json* request, Buffer* out) {
  Connection* connection = find_connection(json_member_text(request, "id"));
  const Json* sql = json_member(request, "sql");
  if (connection == NULL || sql == NULL || sql->kind != JSON_TEXT) {
    put_fault(out, "exec: no such connection, or no sql");
    return;
  }
  sqlite3* db = connection->db;
  sqlite3_stmt* statement = NULL;
  if (sqlite3_prepare_v2(db, sql->text, (int)sql->size, &statement, NULL) != SQLITE_OK) {
    put_database_error(out, db);
    return;
  }
  if (statement == NULL) {
    buffer_put(out, "{\"columns\":[],\"rows\":[],\"changes\":0}");
    return;
  }
  int code = bind_all(statement, json_member(request, "params"));
  if (code == -1) {
    put_fault(out, "exec: a parameter that is no value");
  } else if (code != SQLITE_OK) {
    put_database_error(out, db);
  } else {
    run_statement(db, statement, out);
  }
  sqlite3_finalize(statement);
}

static void do_open(const Json* request, Buffer* out) {
  const char *id = json_member_text(request, "id"), *path = json_member_text(request, "path");
  const Json* flags = json_member(request, "flags");
  if (id == NULL || path == NULL || flags == NULL || flags->text == NULL || find_connection(id) != NULL) {
    put_fault(out, "open: id, path or flags are wrong");
    return;
  }
  for (int at = 0; at < MOST_CONNECTIONS; at++) {
    Connection* connection = &connections[at];
    if (connection->db != NULL) continue;
    sqlite3* db = NULL;
    int code = sqlite3_open_v2(path, &db, atoi(flags->text), NULL);
    if (code != SQLITE_OK) {
      put_error(out, db != NULL ? sqlite3_extended_errcode(db) : code,
                db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code));
      sqlite3_close(db);
      return;
    }
    sqlite3_extended_result_codes(db, 1);
    connection->db = db;
    snprintf(connection->id, sizeof connection->id, "%s", id);
    buffer_put(out, "{}");
    return;
  }
  put_fault(out, "open: too many connections");
}

static void do_close(const Json* request, Buffer* out) {
  Connection* connection = find_connection(json_member_text(request, "id"));
  if (connection == NULL) {
    put_fault(out, "close: no such connection");
    return;
  }
  if (sqlite3_close(connection->db) != SQLITE_OK) {
    put_database_error(out, connection->db);
    return;
  }
  connection->db = NULL;
  buffer_put(out, "{}");
}

static void do_hello(Buffer* out) {
  buffer_put(out, "{\"protocol\":1,\"name\":\"c\",\"version\":");
  buffer_put_json(out, keelback_version(), strlen(keelback_version()));
  buffer_put(out, ",\"language\":\"C11\",\"engine\":");
  buffer_put_json(out, keelback_engine(), strlen(keelback_engine()));
  buffer_put(out, ",\"features\":[\"named-parameters\",\"invalid-text\",\"several-connections\"]}");
}

/* 0 when the driver shall end. */
static int answer(const Json* request, Buffer* out) {
  const char* operation = json_member_text(request, "op");
  out->size = 0;
  if (operation == NULL) {
    put_fault(out, "a request without op");
  } else if (strcmp(operation, "hello") == 0) {
    do_hello(out);
  } else if (strcmp(operation, "open") == 0) {
    do_open(request, out);
  } else if (strcmp(operation, "exec") == 0) {
    do_exec(request, out);
  } else if (strcmp(operation, "close") == 0) {
    do_close(request, out);
  } else if (strcmp(operation, "bye") == 0) {
    buffer_put(out, "{}");
    return 0;
  } else {
    put_fault(out, "an unknown op");
  }
  return 1;
}

int main(void) {
  char* line = NULL;
  size_t capacity = 0;
  ssize_t size;
  int goes_on = 1;
  Buffer out = {0};
  while (goes_on && (size = getline(&line, &capacity, stdin)) > 0) {
    Json* request = json_read(line, (size_t)size);
    goes_on = answer(request, &out);
    json_free(request);
    buffer_put(&out, "\n");
    fwrite(out.data, 1, out.size, stdout);
    fflush(stdout);
  }
  for (int at = 0; at < MOST_CONNECTIONS; at++) sqlite3_close(connections[at].db);
  buffer_free(&out);
  free(line);
  return 0;
}
