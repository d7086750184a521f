#include "row.hpp"

#include "../../value/record.hpp"
#include "../record_view.hpp"

namespace keelback::vm::ops {

namespace {

// An integer beyond six bytes saves nothing over a REAL's eight.
constexpr int64_t six_bytes = 140737488355327;

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
  const Value whole = real_as_integer(value.real());
  if (whole.is_integer() && whole.integer() >= -six_bytes - 1 && whole.integer() <= six_bytes) return whole;
  return value;
}

// Write the record of the values (UTF-8) into a string, reusing its memory. marked: for each value whether it is marked
// as JSON, or null; see RecordView::is_marked.
void write_record(std::span<const Value> values, std::string& out, const std::vector<bool>* marked = nullptr) {
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
  out.resize(header_size + body_size);
  auto* header = reinterpret_cast<uint8_t*>(out.data());
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

// The registers take the affinities too, as in SQLite; the record has the values in stored form.
Signal record_blob(Machine& m, const Instruction& i) {
  std::vector<uint8_t> bytes;
  encode_record(m.values(i.p1, i.p2), i.p5, bytes);
  m.r(i.p3).set(Value::of_blob({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  return Signal::next;
}

Signal make_record(Machine& m, const Instruction& i) {
  const auto count = static_cast<size_t>(i.p2);
  const std::string* affinities = i.p4_kind == program::Operand4Kind::text ? i.p4.bytes : nullptr;
  Value* values = m.scratch(count);
  TextBuffer buffer;
  for (size_t offset = 0; offset < count; ++offset) {
    Register& source = m.r(i.p1 + static_cast<int32_t>(offset));
    const char code = affinities && offset < affinities->size() ? (*affinities)[offset] : affinity::none;
    if (code > affinity::blob && !source.is_null()) {
      const Value applied = apply_affinity(source.value(), code, buffer);
      if (applied.type() != source.value().type() || applied.is_number()) source.set(applied);
      values[offset] = code == affinity::real ? stored_real(source.value()) : source.value();
    } else {
      values[offset] = source.value();
    }
  }
  Register& target = m.r(i.p3);
  std::vector<bool> marks;
  if (m.has_json && i.p5 & program::record_keeps_subtypes) [[unlikely]] {
    marks.resize(count);
    for (size_t offset = 0; offset < count; ++offset) {
      marks[offset] = m.r(i.p1 + static_cast<int32_t>(offset)).is_json();
    }
  }
  const std::vector<bool>* marked = marks.empty() ? nullptr : &marks;
  if (i.p3 >= i.p1 && i.p3 < i.p1 + i.p2) {
    std::string record;
    write_record({values, count}, record, marked);
    target.set_record(record);
    return Signal::next;
  }
  write_record({values, count}, target.begin_record(), marked);
  target.end_record();
  return Signal::next;
}

}  // namespace keelback::vm::ops
