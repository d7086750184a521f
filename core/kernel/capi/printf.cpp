// sqlite3_mprintf and its kin, and sqlite3_str: text that is built piece by piece.
#include <cstring>
#include <string>

#include "database.hpp"
#include "format.hpp"
#include "guard.hpp"
#include "memory.hpp"

using namespace keelback::capi;

struct sqlite3_str {
  std::string text;
  int error = SQLITE_OK;
  size_t most = 1000000000;
};

namespace {

// Does `body` to the text unless an error came before; what goes wrong empties the text and stays.
template <typename Body>
void append(sqlite3_str* string, Body&& body) {
  if (string == nullptr || string->error != SQLITE_OK) return;
  try {
    body(string->text);
    if (string->text.size() > string->most) string->error = SQLITE_TOOBIG;
  } catch (const std::exception&) {
    string->error = SQLITE_NOMEM;
  }
  if (string->error != SQLITE_OK) string->text.clear();
}

}  // namespace

extern "C" {

char* sqlite3_vmprintf(const char* format, va_list arguments) {
  if (format == nullptr) return nullptr;
  return guard<char*>(nullptr, [&] {
    std::string text;
    append_format(text, format, arguments);
    return copy_to_heap(text);
  });
}

char* sqlite3_mprintf(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char* text = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  return text;
}

char* sqlite3_vsnprintf(int size, char* buffer, const char* format, va_list arguments) {
  if (size <= 0 || buffer == nullptr) return buffer;
  if (format == nullptr) {
    buffer[0] = '\0';
    return buffer;
  }
  std::string text;
  try {
    append_format(text, format, arguments);
  } catch (const std::exception&) {
    text.clear();
  }
  const size_t length = std::min(text.size(), static_cast<size_t>(size) - 1);
  std::memcpy(buffer, text.data(), length);
  buffer[length] = '\0';
  return buffer;
}

char* sqlite3_snprintf(int size, char* buffer, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char* text = sqlite3_vsnprintf(size, buffer, format, arguments);
  va_end(arguments);
  return text;
}

sqlite3_str* sqlite3_str_new(sqlite3* db) {
  return guard<sqlite3_str*>(nullptr, [&] {
    auto* string = new sqlite3_str;
    if (is_usable(db)) string->most = static_cast<size_t>(db->limits[SQLITE_LIMIT_LENGTH]);
    return string;
  });
}

char* sqlite3_str_finish(sqlite3_str* string) {
  if (string == nullptr) return nullptr;
  char* text = string->error == SQLITE_OK && !string->text.empty() ? copy_to_heap(string->text) : nullptr;
  delete string;
  return text;
}

void sqlite3_str_free(sqlite3_str* string) { delete string; }

void sqlite3_str_vappendf(sqlite3_str* string, const char* format, va_list arguments) {
  if (format != nullptr) append(string, [&](std::string& text) { append_format(text, format, arguments); });
}

void sqlite3_str_appendf(sqlite3_str* string, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  sqlite3_str_vappendf(string, format, arguments);
  va_end(arguments);
}

void sqlite3_str_append(sqlite3_str* string, const char* bytes, int size) {
  if (bytes != nullptr && size > 0)
    append(string, [&](std::string& text) { text.append(bytes, static_cast<size_t>(size)); });
}

void sqlite3_str_appendall(sqlite3_str* string, const char* bytes) {
  if (bytes != nullptr) append(string, [&](std::string& text) { text.append(bytes); });
}

void sqlite3_str_appendchar(sqlite3_str* string, int count, char c) {
  if (count > 0) append(string, [&](std::string& text) { text.append(static_cast<size_t>(count), c); });
}

void sqlite3_str_reset(sqlite3_str* string) {
  if (string == nullptr) return;
  string->text.clear();
  string->error = SQLITE_OK;
}

void sqlite3_str_truncate(sqlite3_str* string, int size) {
  if (string != nullptr && size >= 0 && static_cast<size_t>(size) < string->text.size())
    string->text.resize(static_cast<size_t>(size));
}

int sqlite3_str_errcode(sqlite3_str* string) { return string == nullptr ? SQLITE_NOMEM : string->error; }

int sqlite3_str_length(sqlite3_str* string) { return string == nullptr ? 0 : static_cast<int>(string->text.size()); }

char* sqlite3_str_value(sqlite3_str* string) {
  return string == nullptr || string->text.empty() ? nullptr : string->text.data();
}

}  // extern "C"
