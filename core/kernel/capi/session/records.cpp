#include "records.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "../memory.hpp"

namespace keelback::capi {

namespace {

constexpr size_t first_buckets = 256;
constexpr size_t number_bytes = 9;  // with the type

bool is_number(char type) { return type == SQLITE_INTEGER || type == SQLITE_FLOAT; }
bool has_content(char type) { return type == SQLITE_TEXT || type == SQLITE_BLOB; }

// SQLite's varints of 32 bits: seven bits a byte, the highest first.
size_t read_varint(std::string_view bytes, uint32_t& number) {
  number = 0;
  size_t at = 0;
  while (at < bytes.size() && at < 9) {
    const auto byte = static_cast<uint8_t>(bytes[at++]);
    number = number << 7 | (byte & 0x7F);
    if (byte < 0x80) break;
  }
  return at;
}

}  // namespace

int stream_chunk_bytes = 1024;

void ChangedTable::grow(bool is_patchset) {
  if (!buckets.empty() && change_count < buckets.size() / 2) return;
  std::vector<std::unique_ptr<Change>> larger(buckets.empty() ? first_buckets : buckets.size() * 2);
  for (std::unique_ptr<Change>& bucket : buckets) {
    while (bucket != nullptr) {
      std::unique_ptr<Change> change = std::move(bucket);
      bucket = std::move(change->next);
      const bool is_key_only = is_patchset && change->operation == SQLITE_DELETE;
      std::unique_ptr<Change>& place = larger[bucket_of(*this, is_key_only, change->record, larger.size())];
      change->next = std::move(place);
      place = std::move(change);
    }
  }
  buckets = std::move(larger);
}

void ChangedTable::put(size_t bucket, std::unique_ptr<Change> change) {
  change->next = std::move(buckets[bucket]);
  buckets[bucket] = std::move(change);
  ++change_count;
}

void append_varint(std::string& out, uint32_t number) {
  char bytes[5];
  int count = 0;
  do {
    bytes[count] = static_cast<char>((number & 0x7F) | (count > 0 ? 0x80 : 0));
    ++count;
    number >>= 7;
  } while (number != 0);
  while (count > 0) out.push_back(bytes[--count]);
}

void append_integer(std::string& out, int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void append_value(std::string& out, sqlite3_value* value) {
  if (value == nullptr) {
    out.push_back(undefined_value);
    return;
  }
  const int type = value->type();
  out.push_back(static_cast<char>(type));
  switch (type) {
    case SQLITE_INTEGER:
      append_integer(out, value->as_integer());
      break;
    case SQLITE_FLOAT:
      append_integer(out, std::bit_cast<int64_t>(value->as_real()));
      break;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
      append_varint(out, static_cast<uint32_t>(value->bytes().size()));
      out.append(value->bytes());
      break;
    default:
      break;
  }
}

void append_column(std::string& out, sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  out.push_back(static_cast<char>(type));
  if (type == SQLITE_INTEGER) {
    append_integer(out, sqlite3_column_int64(statement, column));
  } else if (type == SQLITE_FLOAT) {
    append_integer(out, std::bit_cast<int64_t>(sqlite3_column_double(statement, column)));
  } else if (type != SQLITE_NULL) {
    const void* bytes =
        type == SQLITE_TEXT ? sqlite3_column_text(statement, column) : sqlite3_column_blob(statement, column);
    const int size = sqlite3_column_bytes(statement, column);
    append_varint(out, static_cast<uint32_t>(size));
    if (size > 0) out.append(static_cast<const char*>(bytes), static_cast<size_t>(size));
  }
}

void append_header(std::string& out, const ChangedTable& table, bool is_patchset) {
  out.push_back(is_patchset ? 'P' : 'T');
  append_varint(out, static_cast<uint32_t>(table.width()));
  for (const uint8_t key : table.keys) out.push_back(static_cast<char>(key));
  out.append(table.name).push_back('\0');
}

void append_change(std::string& out, const Change& change) {
  out.push_back(static_cast<char>(change.operation));
  out.push_back(change.is_indirect ? 1 : 0);
  out.append(change.record);
}

std::string_view first_value(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (is_number(bytes[0])) return bytes.substr(0, number_bytes);
  if (!has_content(bytes[0])) return bytes.substr(0, 1);
  uint32_t size = 0;
  const size_t header = 1 + read_varint(bytes.substr(1), size);
  return bytes.substr(0, header + size);
}

int64_t integer_in(std::string_view value) {
  uint64_t number = 0;
  for (size_t at = 1; at < number_bytes && at < value.size(); ++at) {
    number = number << 8 | static_cast<uint8_t>(value[at]);
  }
  return static_cast<int64_t>(number);
}

double real_in(std::string_view value) { return std::bit_cast<double>(integer_in(value)); }

std::string_view content_of(std::string_view value) {
  uint32_t size = 0;
  return value.substr(1 + read_varint(value.substr(1), size));
}

std::vector<std::string_view> take_values(std::string_view& bytes, size_t count) {
  std::vector<std::string_view> values(count);
  for (std::string_view& value : values) {
    value = first_value(bytes);
    bytes.remove_prefix(value.size());
  }
  return values;
}

uint32_t hash_with(uint32_t hash, uint32_t number) { return (hash << 3) ^ hash ^ number; }

uint32_t hash_with_integer(uint32_t hash, int64_t number) {
  hash = hash_with(hash, static_cast<uint32_t>(number));
  return hash_with(hash, static_cast<uint32_t>(number >> 32));
}

uint32_t hash_with_bytes(uint32_t hash, std::string_view bytes) {
  for (const char byte : bytes) hash = hash_with(hash, static_cast<uint8_t>(byte));
  return hash;
}

size_t bucket_of(const ChangedTable& table, bool is_key_only, std::string_view record, size_t bucket_count) {
  uint32_t hash = 0;
  for (const uint8_t key : table.keys) {
    if (is_key_only && key == 0) continue;
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    if (key == 0 || value.empty()) continue;
    hash = hash_with(hash, static_cast<uint8_t>(value[0]));
    if (is_number(value[0])) hash = hash_with_integer(hash, integer_in(value));
    if (has_content(value[0])) hash = hash_with_bytes(hash, content_of(value));
  }
  return hash % bucket_count;
}

bool have_equal_keys(const ChangedTable& table, bool is_left_key_only, std::string_view left, bool is_right_key_only,
                     std::string_view right) {
  for (const uint8_t key : table.keys) {
    const bool has_left = key != 0 || !is_left_key_only;
    const bool has_right = key != 0 || !is_right_key_only;
    const std::string_view left_value = has_left ? first_value(left) : std::string_view();
    const std::string_view right_value = has_right ? first_value(right) : std::string_view();
    if (key != 0 && left_value != right_value) return false;
    left.remove_prefix(left_value.size());
    right.remove_prefix(right_value.size());
  }
  return true;
}

bool are_same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sqlite3_strnicmp(left.data(), right.data(), static_cast<int>(left.size())) == 0;
}

int hand_out(const std::string& bytes, int* size, void** out) {
  char* copy = copy_to_heap(bytes);
  if (copy == nullptr) return SQLITE_NOMEM;
  *size = static_cast<int>(bytes.size());
  *out = copy;
  return SQLITE_OK;
}

int stream_out(const std::string& bytes, int (*write)(void*, const void*, int), void* context) {
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min(bytes.size() - at, static_cast<size_t>(stream_chunk_bytes));
    if (const int code = write(context, bytes.data() + at, static_cast<int>(size)); code != SQLITE_OK) return code;
    at += size;
  }
  return SQLITE_OK;
}

int stream_in(int (*read)(void*, void*, int*), void* context, std::string& bytes) {
  std::vector<char> chunk(static_cast<size_t>(stream_chunk_bytes));
  while (true) {
    int size = stream_chunk_bytes;
    if (const int code = read(context, chunk.data(), &size); code != SQLITE_OK) return code;
    if (size <= 0) return SQLITE_OK;
    bytes.append(chunk.data(), static_cast<size_t>(std::min(size, stream_chunk_bytes)));
  }
}

}  // namespace keelback::capi
