/*
 * Just enough JSON for the driver: a reader that makes a tree of one line, and a growing buffer to write replies to.
 *
 * 1. Text is UTF-8 and may hold NUL bytes: lengths are kept.
 * 2. The tree and its texts live until json_free; numbers are kept as their text.
 */
#ifndef KEELBACK_DRIVER_JSON_H
#define KEELBACK_DRIVER_JSON_H

#include <stddef.h>

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT } JsonKind;

typedef struct Json Json;
struct Json {
  JsonKind kind;
  char* text; /* of a text or number */
  size_t size;
  char* key;   /* of a member of an object */
  Json* first; /* of a list or object */
  Json* next;
};

/* NULL if the text is not JSON. */
Json* json_read(const char* text, size_t size);
void json_free(Json* json);
/* The member of an object, or NULL. */
const Json* json_member(const Json* object, const char* key);
/* The text of a member, or NULL. */
const char* json_member_text(const Json* object, const char* key);

typedef struct {
  char* data;
  size_t size;
  size_t capacity;
} Buffer;

void buffer_append(Buffer* buffer, const char* bytes, size_t size);
void buffer_put(Buffer* buffer, const char* text);
/* As a JSON string, quotes included. */
void buffer_put_json(Buffer* buffer, const char* bytes, size_t size);
void buffer_put_hex(Buffer* buffer, const unsigned char* bytes, size_t size);
void buffer_free(Buffer* buffer);

#endif
