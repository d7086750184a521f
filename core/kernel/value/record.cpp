#include "record.hpp"

namespace keelback {

namespace {

void put_integer(uint8_t* at, int64_t integer, size_t size) noexcept {
  auto bits = static_cast<uint64_t>(integer);
  for (size_t place = size; place > 0; --place, bits >>= 8) at[place - 1] = static_cast<uint8_t>(bits);
}

uint64_t serial_type_of(const Value& value) noexcept {
  switch (value.type()) {
    case Type::null:
      return 0;
    case Type::integer:
      return static_cast<uint64_t>(integer_serial_type(value.integer()));
    case Type::real:
      return 7;
    case Type::text:
      return 13 + 2 * static_cast<uint64_t>(value.size());
    case Type::blob:
      return 12 + 2 * static_cast<uint64_t>(value.size());
  }
  return 0;
}

void encode_plain(std::span<const Value> values, std::vector<uint8_t>& out) {
  size_t header_size = 1;
  size_t body_size = 0;
  for (const Value& value : values) {
    const uint64_t serial_type = serial_type_of(value);
    header_size += varint_size(serial_type);
    body_size += serial_size(serial_type);
  }
  // The size counts its own bytes, which may push it over the next limit.
  const size_t without_size = header_size - 1;
  header_size = without_size + varint_size(header_size);
  header_size = without_size + varint_size(header_size);
  out.resize(header_size + body_size);
  uint8_t* header = write_varint(out.data(), header_size);
  uint8_t* body = out.data() + header_size;
  for (const Value& value : values) {
    const uint64_t serial_type = serial_type_of(value);
    header = write_varint(header, serial_type);
    const auto size = static_cast<size_t>(serial_size(serial_type));
    if (size == 0) continue;
    if (value.has_bytes()) {
      std::memcpy(body, value.text().data(), size);
    } else {
      put_integer(body, value.is_real() ? std::bit_cast<int64_t>(value.real()) : value.integer(), size);
    }
    body += size;
  }
}

// What the head of a record says: where serial types and columns begin. False when that is impossible.
struct RecordHead {
  const uint8_t* types = nullptr;
  const uint8_t* types_end = nullptr;
  const uint8_t* end = nullptr;
};

bool read_head(Bytes record, RecordHead& head) noexcept {
  if (record.empty()) return false;
  uint64_t header_size = 0;
  head.end = record.data() + record.size();
  head.types = read_varint(record.data(), head.end, header_size);
  if (!head.types || header_size > record.size()) return false;
  head.types_end = record.data() + header_size;
  return head.types_end >= head.types;
}

// One serial type, whose bytes lie within the header.
bool read_type(const uint8_t*& at, const RecordHead& head, uint64_t& serial_type) noexcept {
  serial_type = *at;
  if (serial_type < 0x80) {
    ++at;
    return true;
  }
  at = read_varint(at, head.end, serial_type);
  return at && at <= head.types_end;
}

}  // namespace

Value decode_value(const uint8_t* at, uint64_t serial_type, int encoding, TextArena& arena) {
  const Value plain = decode_plain_value(at, serial_type);
  if (encoding == utf8 || !plain.is_text()) return plain;
  std::string& text = arena.emplace_back();
  decode_utf16(plain.text(), encoding, text);
  return Value::of_text(text);
}

void encode_record(std::span<const Value> values, int encoding, std::vector<uint8_t>& out) {
  if (encoding == utf8) {
    encode_plain(values, out);
    return;
  }
  std::vector<Value> converted(values.begin(), values.end());
  TextArena arena;
  for (Value& value : converted) {
    if (!value.is_text()) continue;
    std::string& bytes = arena.emplace_back();
    encode_text(value.text(), encoding, bytes);
    value = Value::of_text(bytes);
  }
  encode_plain(converted, out);
}

Status decode_columns(Bytes record, int count, int encoding, TextArena& arena, std::vector<Value>& values) {
  RecordHead head;
  if (!read_head(record, head)) return corrupt();
  const uint8_t* at = head.types;
  const uint8_t* body = head.types_end;
  int found = 0;
  while (at < head.types_end) {
    if (found == count) return ok_status;
    uint64_t serial_type = 0;
    if (!read_type(at, head, serial_type)) return corrupt();
    const uint64_t size = serial_size(serial_type);
    if (size > static_cast<uint64_t>(head.end - body)) return corrupt();
    values.push_back(decode_value(body, serial_type, encoding, arena));
    body += size;
    ++found;
  }
  return body != head.end && found ? corrupt() : ok_status;
}

bool is_sound_record(Bytes record) noexcept {
  RecordHead head;
  if (!read_head(record, head)) return false;
  const uint8_t* at = head.types;
  const uint8_t* body = head.types_end;
  const bool has_columns = at < head.types_end;
  while (at < head.types_end) {
    uint64_t serial_type = 0;
    if (!read_type(at, head, serial_type)) return false;
    const uint64_t size = serial_size(serial_type);
    if (size > static_cast<uint64_t>(head.end - body)) return false;
    body += size;
  }
  return !has_columns || body == head.end;
}

Status record_columns(Bytes record, std::vector<RecordColumn>& columns) {
  RecordHead head;
  if (!read_head(record, head)) return corrupt();
  const uint8_t* at = head.types;
  const uint8_t* body = head.types_end;
  while (at < head.types_end) {
    uint64_t serial_type = 0;
    if (!read_type(at, head, serial_type)) return corrupt();
    columns.push_back({serial_type, static_cast<uint64_t>(body - record.data())});
    const uint64_t size = serial_size(serial_type);
    if (size > static_cast<uint64_t>(head.end - body)) return corrupt();
    body += size;
  }
  return ok_status;
}

Result<int> compare_record(Bytes record, std::span<const Value> key, const KeyComparator& comparator, int encoding) {
  RecordHead head;
  if (!read_head(record, head)) return corrupt();
  const uint8_t* at = head.types;
  const uint8_t* body = head.types_end;
  size_t found = 0;
  int order = 0;
  std::string converted;
  while (at < head.types_end) {
    // What is damaged behind the first column that differs is not looked at.
    if (found == key.size() || order != 0) return order;
    uint64_t serial_type = 0;
    if (!read_type(at, head, serial_type)) return corrupt();
    const uint64_t size = serial_size(serial_type);
    if (size > static_cast<uint64_t>(head.end - body)) return corrupt();
    Value value = decode_plain_value(body, serial_type);
    if (encoding != utf8 && value.is_text()) {
      converted.clear();
      decode_utf16(value.text(), encoding, converted);
      value = Value::of_text(converted);
    }
    order = comparator.compare_column(value, key[found], found);
    body += size;
    ++found;
  }
  if (body != head.end && found) return corrupt();
  return order;
}

}  // namespace keelback
