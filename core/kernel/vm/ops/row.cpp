#include "row.hpp"

#include "../../value/record.hpp"
#include "../record_view.hpp"

namespace keelback::vm::ops {

namespace {

// An integer beyond six bytes saves nothing over a REAL's eight.
constexpr int64_t six_bytes = 140737488355327;

// Records up to this size are made on the stack; their lengths take two bytes at most.
constexpr size_t short_record = 1024;
constexpr size_t most_short_values = 64;
constexpr size_t spare_bytes = 16;

// The serial type of an INTEGER but 0 and 1, by the width of its magnitude in bits.
constexpr uint8_t type_by_width[65] = {1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3,
                                       3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
                                       5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6};

const char* type_name(const Value& value) {
  switch (value.type()) {
    case Type::integer:
      return "INT";
    case Type::real:
      return "REAL";
    case Type::text:
      return "TEXT";
    default:
      return "BLOB";
  }
}

char strict_affinity(std::string_view type) {
  if (type == "INT" || type == "INTEGER") return affinity::integer;
  if (type == "REAL") return affinity::real;
  return type == "TEXT" ? affinity::text : affinity::blob;
}

// The words of a text that are separated by NUL characters.
std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t start = 0;;) {
    const size_t end = text.find('\0', start);
    words.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return words;
    start = end + 1;
  }
}

// The value as a record keeps it for a REAL column: what is whole and short becomes an integer.
Value stored_real(const Value& value) {
  if (!value.is_real()) return value;
  const double real = value.real();
  if (!(real >= static_cast<double>(-six_bytes - 1) && real <= static_cast<double>(six_bytes))) return value;
  const auto whole = static_cast<int64_t>(real);
  return static_cast<double>(whole) == real ? Value::of_integer(whole) : value;
}

// Write the record of the values (UTF-8) where `room`, a function of its size, says. marked: for each value whether it
// is marked as JSON, or null; see RecordView::is_marked.
template <typename Room>
void write_record(std::span<const Value> values, const std::vector<bool>* marked, Room&& room) {
  size_t header_size = 1;
  size_t body_size = 0;
  uint64_t types_small[32];
  std::vector<uint64_t> types_many;
  uint64_t* types = types_small;
  if (values.size() > 32) {
    types_many.resize(values.size());
    types = types_many.data();
  }
  for (size_t place = 0; place < values.size(); ++place) {
    const Value& value = values[place];
    uint64_t type = 0;
    switch (value.type()) {
      case Type::null:
        break;
      case Type::integer:
        type = static_cast<uint64_t>(integer_serial_type(value.integer()));
        break;
      case Type::real:
        type = 7;
        break;
      case Type::text:
        type = 13 + 2 * static_cast<uint64_t>(value.size());
        break;
      case Type::blob:
        type = 12 + 2 * static_cast<uint64_t>(value.size());
        break;
    }
    types[place] = type;
    header_size += varint_size(type) + (marked && (*marked)[place] ? 1 : 0);
    body_size += serial_size(type);
  }
  // The size counts its own bytes, which may push it over the next limit.
  const size_t without_size = header_size - 1;
  header_size = without_size + varint_size(header_size);
  header_size = without_size + varint_size(header_size);
  auto* header = reinterpret_cast<uint8_t*>(room(header_size + body_size));
  uint8_t* body = header + header_size;
  header = keelback::write_varint(header, header_size);
  for (size_t place = 0; place < values.size(); ++place) {
    const Value& value = values[place];
    if (marked && (*marked)[place]) *header++ = RecordView::mark;
    header = keelback::write_varint(header, types[place]);
    const auto size = static_cast<size_t>(serial_size(types[place]));
    if (size == 0) continue;
    if (value.has_bytes()) {
      std::memcpy(body, value.text().data(), size);
    } else {
      auto bits = static_cast<uint64_t>(value.is_real() ? std::bit_cast<int64_t>(value.real()) : value.integer());
      for (size_t byte = size; byte > 0; --byte, bits >>= 8) body[byte - 1] = static_cast<uint8_t>(bits);
    }
    body += size;
  }
}

// Bring a register into the form of its column, and give the value as a record keeps it.
[[gnu::noinline]] Value stored_value(Register& source, char code) {
  if (code == affinity::real && source.value().is_real()) {
    if (source.value().real() == 0) source.set_plain(Value::of_real(0.0));
  } else {
    TextBuffer buffer;
    const Value applied = apply_affinity(source.value(), code, buffer);
    if (applied.type() != source.value().type() || applied.is_number()) source.set(applied);
  }
  return code == affinity::real ? stored_real(source.value()) : source.value();
}

// Eight bytes at once: what is too much is written over by the next value.
inline uint8_t* put_number(uint8_t* at, uint64_t bits, size_t size) noexcept {
  const uint64_t big_endian = __builtin_bswap64(bits << (64 - 8 * size));
  std::memcpy(at, &big_endian, sizeof big_endian);
  return at + size;
}

inline uint8_t* put_integer(uint8_t* at, int64_t integer, uint8_t* type_at) noexcept {
  const auto magnitude = static_cast<uint64_t>(integer ^ (integer >> 63));
  if (static_cast<uint64_t>(integer) <= 1) {
    *type_at = static_cast<uint8_t>(8 + integer);
    return at;
  }
  const uint8_t type = type_by_width[std::bit_width(magnitude | 1)];
  *type_at = type;
  return put_number(at, static_cast<uint64_t>(integer), fixed_sizes[type]);
}

// The usual record, of few values and not long, in one pass over the registers: columns go behind the place of the
// header, and serial types before them. It is made where the register keeps it, unless that is one of the values.
// False where it is not such a one.
bool make_short_record(Machine& m, const Instruction& i, std::string_view codes) {
  constexpr size_t most_header = 128;
  constexpr size_t room = most_header + short_record + spare_bytes;
  const auto count = static_cast<size_t>(i.p2);
  Register& target = m.r(i.p3);
  if (count > most_short_values || (i.p3 >= i.p1 && i.p3 < i.p1 + i.p2)) return false;
  uint8_t* body = reinterpret_cast<uint8_t*>(target.begin_record(room)) + most_header;
  const uint8_t* const body_end = body + short_record;
  uint8_t* start = body - count;
  uint8_t* type_at = start;
  Register* source = &m.r(i.p1);
  const Register* const end = source + count;
  const char* code_at = codes.data();
  const char* const codes_end = code_at + codes.size();
  for (; source != end; ++source) {
    Value value = source->value();
    if (code_at < codes_end) {
      const char code = *code_at++;
      if (code == affinity::real && value.is_real()) {
        if (value.real() == 0) source->set_plain(value = Value::of_real(0.0));
        value = stored_real(value);
      } else if (may_change(value, code)) {
        value = stored_value(*source, code);
      }
    }
    if (body > body_end) return false;
    switch (value.type()) {
      case Type::null:
        *type_at++ = 0;
        break;
      case Type::integer:
        body = put_integer(body, value.integer(), type_at++);
        break;
      case Type::real:
        *type_at++ = 7;
        body = put_number(body, std::bit_cast<uint64_t>(value.real()), 8);
        break;
      default: {
        const std::string_view bytes = value.text();
        if (bytes.size() > short_record || body + bytes.size() > body_end) return false;
        const uint32_t type = (value.is_text() ? 13u : 12u) + 2 * static_cast<uint32_t>(bytes.size());
        if (type >= 0x80) {
          std::memmove(start - 1, start, static_cast<size_t>(type_at - start));
          --start;
          type_at[-1] = static_cast<uint8_t>(type >> 7 | 0x80);
        }
        *type_at++ = static_cast<uint8_t>(type >= 0x80 ? type & 0x7F : type);
        copy_bytes(body, bytes.data(), bytes.size());
        body += bytes.size();
      }
    }
  }
  --start;
  const auto header_size = static_cast<size_t>(type_at - start);
  if (header_size >= most_header) return false;
  *start = static_cast<uint8_t>(header_size);
  target.end_record(reinterpret_cast<const char*>(start), static_cast<size_t>(body - start));
  return true;
}

}  // namespace

// p4: the table's name, then type and name of each column, all joined by NUL characters.
Signal type_check(Machine& m, const Instruction& i) {
  const std::vector<std::string_view> words = split_words(*i.p4.bytes);
  if (i.p2 < 0 || words.size() < 1 + 2 * static_cast<size_t>(i.p2)) return m.fail(Status(result::INTERNAL));
  TextBuffer buffer;
  for (int offset = 0; offset < i.p2; ++offset) {
    const std::string_view type = words[1 + 2 * static_cast<size_t>(offset)];
    Register& target = m.r(i.p1 + offset);
    target.set(apply_affinity(target.value(), strict_affinity(type), buffer));
    const Value& value = target.value();
    if (value.is_null() || type == "ANY" || type_name(value) == (type == "INTEGER" ? "INT" : type)) continue;
    std::string message = std::string("cannot store ") + type_name(value) + " value in ";
    message.append(type).append(" column ").append(words[0]).append(".");
    message.append(words[2 + 2 * static_cast<size_t>(offset)]);
    return m.fail(m.host.fail(result::CONSTRAINT_DATATYPE, std::move(message)));
  }
  return Signal::next;
}

// The record of the registers as a BLOB, in the encoding p5.
Signal record_blob(Machine& m, const Instruction& i) {
  std::vector<uint8_t> bytes;
  encode_record(m.values(i.p1, i.p2), i.p5, bytes);
  m.r(i.p3).set(Value::of_blob({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  return Signal::next;
}

// The registers take the affinities too, as in SQLite; the record has the values in stored form.
Signal make_record(Machine& m, const Instruction& i) {
  const auto count = static_cast<size_t>(i.p2);
  const std::string_view codes =
      i.p4_kind == program::Operand4Kind::text ? std::string_view(*i.p4.bytes) : std::string_view();
  const bool is_marked = m.has_json && i.p5 & program::record_keeps_subtypes;
  if (!is_marked && make_short_record(m, i, codes)) return Signal::next;
  Value* values = m.scratch(count);
  for (size_t offset = 0; offset < count; ++offset) {
    Register& source = m.r(i.p1 + static_cast<int32_t>(offset));
    const char code = offset < codes.size() ? codes[offset] : affinity::none;
    values[offset] = may_change(source.value(), code) ? stored_value(source, code) : source.value();
  }
  Register& target = m.r(i.p3);
  std::vector<bool> marks;
  if (is_marked) {
    marks.resize(count);
    for (size_t offset = 0; offset < count; ++offset) {
      marks[offset] = m.r(i.p1 + static_cast<int32_t>(offset)).is_json();
    }
  }
  const std::vector<bool>* marked = marks.empty() ? nullptr : &marks;
  if (i.p3 >= i.p1 && i.p3 < i.p1 + i.p2) {
    std::string record;
    write_record({values, count}, marked, [&record](size_t size) {
      record.resize(size);
      return record.data();
    });
    target.set_record(record);
    return Signal::next;
  }
  write_record({values, count}, marked, [&target](size_t size) {
    char* place = target.begin_record(size);
    target.end_record(place, size);
    return place;
  });
  return Signal::next;
}

}  // namespace keelback::vm::ops
