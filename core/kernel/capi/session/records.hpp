// The records of changesets: values as bytes, the tables and changes that sessions and change groups collect.
//
//     value     type byte (0 undefined, 1 integer, 2 real, 3 text, 4 blob, 5 NULL); 8 bytes big-endian, or a varint
//               and so many bytes
//     header    'T' or, in a patchset, 'P'; varint: columns; a byte a column: its place in the primary key, or 0; name;
//     NUL change    operation byte, byte: is indirect; INSERT new row, DELETE old row, UPDATE old and new row
//               In a patchset a DELETE is the key alone and an UPDATE one row, key and new values.
//
// 1. A table keeps its changes in buckets by the hash of the primary key, the newest in front; changesets list them in
//    that order, so the hash and its growth are SQLite's.
//
// Source: https://sqlite.org/sessionintro.html and the comments of
// https://sqlite.org/src/file/ext/session/sqlite3session.c
#ifndef KEELBACK_CAPI_SESSION_RECORDS_HPP
#define KEELBACK_CAPI_SESSION_RECORDS_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../api.hpp"
#include "../value.hpp"

namespace keelback::capi {

inline constexpr char undefined_value = 0;

// One that follows another has the same hash.
struct Change {
  int operation = 0;
  bool is_indirect = false;
  size_t width = 0;  // of a session: the columns that the table had
  std::string record;
  std::unique_ptr<Change> next;
};

struct ChangedTable {
  std::string name;
  std::vector<uint8_t> keys;  // a byte a column
  std::vector<std::unique_ptr<Change>> buckets;
  size_t change_count = 0;

  [[nodiscard]] size_t width() const { return keys.size(); }
  // Makes room for one more change.
  void grow(bool is_patchset);
  void put(size_t bucket, std::unique_ptr<Change> change);
};

void append_varint(std::string& out, uint32_t number);
void append_integer(std::string& out, int64_t number);
// Null: undefined.
void append_value(std::string& out, sqlite3_value* value);
void append_column(std::string& out, sqlite3_stmt* statement, int column);
void append_header(std::string& out, const ChangedTable& table, bool is_patchset);
void append_change(std::string& out, const Change& change);

// The value at the beginning of bytes that are known to be sound.
std::string_view first_value(std::string_view bytes);
int64_t integer_in(std::string_view value);
double real_in(std::string_view value);
// The text or blob of a value.
std::string_view content_of(std::string_view value);
// So many values of bytes that are known to be sound; they are taken off the front.
std::vector<std::string_view> take_values(std::string_view& bytes, size_t count);

// The parts of the hash of a primary key.
uint32_t hash_with(uint32_t hash, uint32_t number);
uint32_t hash_with_integer(uint32_t hash, int64_t number);
uint32_t hash_with_bytes(uint32_t hash, std::string_view bytes);
// The bucket of a record. is_key_only: it holds the primary key alone.
size_t bucket_of(const ChangedTable& table, bool is_key_only, std::string_view record, size_t bucket_count);
bool have_equal_keys(const ChangedTable& table, bool is_left_key_only, std::string_view left, bool is_right_key_only,
                     std::string_view right);

// Two texts of table names, as SQLite compares them.
bool are_same_name(std::string_view left, std::string_view right);
// A copy for sqlite3_free. NOMEM.
int hand_out(const std::string& bytes, int* size, void** out);
// In pieces to a callback.
int stream_out(const std::string& bytes, int (*write)(void*, const void*, int), void* context);
int stream_in(int (*read)(void*, void*, int*), void* context, std::string& bytes);
// The size of those pieces.
extern int stream_chunk_bytes;

}  // namespace keelback::capi

#endif
