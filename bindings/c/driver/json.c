/* The JSON reader and the reply buffer of the driver. */
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

typedef struct {
  const char* at;
  const char* end;
  int depth;
} Reader;

static void* allocate(size_t size) {
  void* block = calloc(1, size);
  if (block == NULL) {
    fputs("driver: out of memory\n", stderr);
    exit(70);
  }
  return block;
}

void buffer_append(Buffer* buffer, const char* bytes, size_t size) {
  if (buffer->size + size + 1 > buffer->capacity) {
    size_t capacity = (buffer->size + size + 1) * 2;
    char* larger = realloc(buffer->data, capacity);
    if (larger == NULL) {
      fputs("driver: out of memory\n", stderr);
      exit(70);
    }
    buffer->data = larger;
    buffer->capacity = capacity;
  }
  if (size > 0) memcpy(buffer->data + buffer->size, bytes, size);
  buffer->size += size;
  buffer->data[buffer->size] = '\0';
}

void buffer_put(Buffer* buffer, const char* text) { buffer_append(buffer, text, strlen(text)); }

void buffer_put_json(Buffer* buffer, const char* bytes, size_t size) {
  buffer_put(buffer, "\"");
  for (size_t at = 0; at < size; at++) {
    unsigned char byte = (unsigned char)bytes[at];
    if (byte == '"' || byte == '\\' || byte < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", byte);
      buffer_put(buffer, escape);
    } else {
      buffer_append(buffer, bytes + at, 1);
    }
  }
  buffer_put(buffer, "\"");
}

void buffer_put_hex(Buffer* buffer, const unsigned char* bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  for (size_t at = 0; at < size; at++) {
    char pair[2] = {digits[bytes[at] >> 4], digits[bytes[at] & 15]};
    buffer_append(buffer, pair, 2);
  }
}

void buffer_free(Buffer* buffer) {
  free(buffer->data);
  memset(buffer, 0, sizeof *buffer);
}

static void skip_blanks(Reader* reader) {
  while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != '\0') reader->at++;
}

static int take(Reader* reader, char c) {
  skip_blanks(reader);
  if (reader->at >= reader->end || *reader->at != c) return 0;
  reader->at++;
  return 1;
}

static int hex_unit(Reader* reader, uint32_t* unit) {
  *unit = 0;
  if (reader->end - reader->at < 4) return 0;
  for (int at = 0; at < 4; at++) {
    char c = *reader->at++;
    uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 16;
    if (digit > 15) return 0;
    *unit = *unit * 16 + digit;
  }
  return 1;
}

static void put_code_point(Buffer* buffer, uint32_t point) {
  char bytes[4];
  size_t size = 0;
  if (point < 0x80) {
    bytes[size++] = (char)point;
  } else if (point < 0x800) {
    bytes[size++] = (char)(0xC0 | (point >> 6));
    bytes[size++] = (char)(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    bytes[size++] = (char)(0xE0 | (point >> 12));
    bytes[size++] = (char)(0x80 | ((point >> 6) & 0x3F));
    bytes[size++] = (char)(0x80 | (point & 0x3F));
  } else {
    bytes[size++] = (char)(0xF0 | (point >> 18));
    bytes[size++] = (char)(0x80 | ((point >> 12) & 0x3F));
    bytes[size++] = (char)(0x80 | ((point >> 6) & 0x3F));
    bytes[size++] = (char)(0x80 | (point & 0x3F));
  }
  buffer_append(buffer, bytes, size);
}

static int read_escape(Reader* reader, Buffer* buffer) {
  if (reader->at >= reader->end) return 0;
  char c = *reader->at++;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char* found = c != '\0' ? strchr(from, c) : NULL;
  if (found != NULL) {
    buffer_append(buffer, to + (found - from), 1);
    return 1;
  }
  uint32_t unit, low;
  if (c != 'u' || !hex_unit(reader, &unit)) return 0;
  if (unit >= 0xD800 && unit < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
      reader->at[1] == 'u') {
    reader->at += 2;
    if (!hex_unit(reader, &low)) return 0;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  put_code_point(buffer, unit);
  return 1;
}

static int read_text(Reader* reader, char** text, size_t* size) {
  Buffer buffer = {0};
  buffer_append(&buffer, "", 0);
  while (reader->at < reader->end && *reader->at != '"') {
    if (*reader->at == '\\') {
      reader->at++;
      if (!read_escape(reader, &buffer)) break;
    } else {
      buffer_append(&buffer, reader->at++, 1);
    }
  }
  if (reader->at >= reader->end || *reader->at != '"') {
    buffer_free(&buffer);
    return 0;
  }
  reader->at++;
  *text = buffer.data;
  *size = buffer.size;
  return 1;
}

static Json* read_value(Reader* reader);

static int read_members(Reader* reader, Json* json, char close) {
  Json** last = &json->first;
  if (take(reader, close)) return 1;
  do {
    char* key = NULL;
    size_t size;
    if (json->kind == JSON_OBJECT && (!take(reader, '"') || !read_text(reader, &key, &size) || !take(reader, ':'))) {
      free(key);
      return 0;
    }
    Json* member = read_value(reader);
    if (member == NULL) {
      free(key);
      return 0;
    }
    member->key = key;
    *last = member;
    last = &member->next;
  } while (take(reader, ','));
  return take(reader, close);
}

static int read_word(Reader* reader, const char* word) {
  size_t size = strlen(word);
  if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0) return 0;
  reader->at += size;
  return 1;
}

static int read_number(Reader* reader, Json* json) {
  const char* begin = reader->at;
  while (reader->at < reader->end && *reader->at != '\0' && strchr("+-.0123456789eE", *reader->at) != NULL)
    reader->at++;
  json->size = (size_t)(reader->at - begin);
  json->text = allocate(json->size + 1);
  memcpy(json->text, begin, json->size);
  json->kind = JSON_NUMBER;
  return json->size > 0;
}

static int fill(Reader* reader, Json* json) {
  if (take(reader, '{')) {
    json->kind = JSON_OBJECT;
    return read_members(reader, json, '}');
  }
  if (take(reader, '[')) {
    json->kind = JSON_LIST;
    return read_members(reader, json, ']');
  }
  if (take(reader, '"')) {
    json->kind = JSON_TEXT;
    return read_text(reader, &json->text, &json->size);
  }
  if (read_word(reader, "null")) return 1;
  if (read_word(reader, "true")) return json->kind = JSON_TRUE, 1;
  if (read_word(reader, "false")) return json->kind = JSON_FALSE, 1;
  return read_number(reader, json);
}

static Json* read_value(Reader* reader) {
  if (reader->depth >= MOST_DEPTH) return NULL;
  reader->depth++;
  Json* json = allocate(sizeof *json);
  if (!fill(reader, json)) {
    json_free(json);
    json = NULL;
  }
  reader->depth--;
  return json;
}

Json* json_read(const char* text, size_t size) {
  Reader reader = {text, text + size, 0};
  return read_value(&reader);
}

void json_free(Json* json) {
  while (json != NULL) {
    Json* next = json->next;
    json_free(json->first);
    free(json->text);
    free(json->key);
    free(json);
    json = next;
  }
}

const Json* json_member(const Json* object, const char* key) {
  if (object == NULL || object->kind != JSON_OBJECT) return NULL;
  for (const Json* member = object->first; member != NULL; member = member->next) {
    if (strcmp(member->key, key) == 0) return member;
  }
  return NULL;
}

const char* json_member_text(const Json* object, const char* key) {
  const Json* member = json_member(object, key);
  return member != NULL && member->kind == JSON_TEXT ? member->text : NULL;
}
