// The room `value` as C functions. Results that have bytes live until the next call of the thread.
#include <cstring>

#include "../value/affinity.hpp"
#include "../value/arithmetic.hpp"
#include "../value/cast.hpp"
#include "../value/decimal_real.hpp"
#include "../value/numeric_text.hpp"
#include "../value/quote.hpp"
#include "../value/record.hpp"
#include "twin_value.hpp"

namespace {

using namespace keelback;
using twin::from_twin;
using twin::to_twin;

struct Room {
  OwnedValue kept;
  OwnedValue second;
  std::string text;
  std::vector<uint8_t> record;
  std::vector<TwinValue> values;
  TextArena arena;
};
thread_local Room room;

TwinValue keep(const Value& value) {
  room.kept.assign(value);
  return to_twin(room.kept.value());
}

Collation collation_of(int kind) { return {static_cast<Collation::Kind>(kind)}; }

Value truth_as_value(Truth truth) {
  return truth == Truth::unknown ? Value::of_null() : Value::of_integer(truth == Truth::yes);
}

using Binary = Value (*)(const Value&, const Value&) noexcept;
constexpr Binary binaries[] = {add,    subtract,   multiply,    divide,      remainder, bit_and,
                               bit_or, shift_left, shift_right, logical_and, logical_or};

}  // namespace

extern "C" {

int twin_binary(int operation, const TwinValue* left, const TwinValue* right, TwinValue* out) {
  *out = keep(binaries[operation](from_twin(*left), from_twin(*right)));
  return 0;
}

int twin_concat(const TwinValue* left, const TwinValue* right, uint64_t limit, TwinValue* out) {
  const Status status = concat(from_twin(*left), from_twin(*right), room.kept, limit);
  *out = to_twin(room.kept.value());
  return status.code();
}

int twin_unary(int operation, const TwinValue* operand, TwinValue* out) {
  const Value value = from_twin(*operand);
  TextBuffer buffer;
  switch (operation) {
    case 0:
      *out = keep(negate(value));
      break;
    case 1:
      *out = keep(bit_not(value));
      break;
    case 2:
      *out = keep(logical_not(value));
      break;
    case 3:
      *out = keep(truth_as_value(is_true(value)));
      break;
    case 4:
      *out = keep(Value::of_integer(to_integer(value)));
      break;
    case 5:
      *out = keep(Value::of_real(to_real(value)));
      break;
    case 6:
      *out = keep(to_number(value));
      break;
    case 7:
      *out = keep(to_text(value, buffer));
      break;
    case 8:
      *out = keep(to_blob(value, buffer));
      break;
    case 9:
      room.text = quote_value(value);
      *out = to_twin(Value::of_text(room.text));
      break;
    case 10:
      *out = keep(text_to_number(value.text()));
      break;
    case 11:
      *out = keep(prefix_to_number(value.text()));
      break;
    case 12:
      *out = keep(Value::of_integer(affinity_of_type(value.text())));
      break;
    default:
      return 1;
  }
  return 0;
}

int twin_cast(const TwinValue* operand, int affinity, TwinValue* out) {
  TextBuffer buffer;
  *out = keep(cast_value(from_twin(*operand), static_cast<char>(affinity), buffer));
  return 0;
}

int twin_apply_affinity(const TwinValue* operand, int affinity, TwinValue* out) {
  TextBuffer buffer;
  *out = keep(apply_affinity(from_twin(*operand), static_cast<char>(affinity), buffer));
  return 0;
}

int twin_comparison_affinity(int left, int right) {
  return comparison_affinity(static_cast<char>(left), static_cast<char>(right));
}

int twin_apply_comparison_affinity(const TwinValue* left, const TwinValue* right, int affinity, TwinValue* out) {
  TextBuffer buffer;
  Value first = from_twin(*left);
  Value second = from_twin(*right);
  apply_comparison_affinity(first, second, static_cast<char>(affinity), buffer);
  out[0] = keep(first);
  room.second.assign(second);
  out[1] = to_twin(room.second.value());
  return 0;
}

int twin_compare(const TwinValue* left, const TwinValue* right, int collation) {
  return compare_values(from_twin(*left), from_twin(*right), collation_of(collation));
}

int twin_decimal_digits(double magnitude, int precision, int most, char* digits, int* point) {
  const DecimalDigits found = decimal_digits(magnitude, precision, most);
  std::memcpy(digits, found.digits, static_cast<size_t>(found.count));
  *point = found.point;
  return found.count;
}

double twin_real_of_decimal(uint64_t digits, int exponent) { return real_of_decimal(digits, exponent); }

int twin_encode_record(const TwinValue* values, int count, int encoding, const uint8_t** data, uint64_t* size) {
  std::vector<Value> list;
  for (int place = 0; place < count; ++place) list.push_back(from_twin(values[place]));
  encode_record(list, encoding, room.record);
  *data = room.record.data();
  *size = room.record.size();
  return 0;
}

int twin_decode_columns(const uint8_t* data, uint64_t size, int count, int encoding, const TwinValue** out,
                        int* found) {
  std::vector<Value> list;
  room.arena.clear();
  room.values.clear();
  const Status status = decode_columns({data, size}, count, encoding, room.arena, list);
  for (const Value& value : list) room.values.push_back(to_twin(value));
  *out = room.values.data();
  *found = static_cast<int>(room.values.size());
  return status.code();
}

// Serial types and offsets in turn.
int twin_record_columns(const uint8_t* data, uint64_t size, uint64_t* out, int room_for, int* found) {
  std::vector<RecordColumn> columns;
  const Status status = record_columns({data, size}, columns);
  *found = static_cast<int>(columns.size());
  for (int place = 0; place < *found && place < room_for; ++place) {
    out[2 * place] = columns[static_cast<size_t>(place)].serial_type;
    out[2 * place + 1] = columns[static_cast<size_t>(place)].offset;
  }
  return status.code();
}

int twin_compare_record(const uint8_t* data, uint64_t size, const TwinValue* key, int count, const uint8_t* flags,
                        const int* kinds, int encoding, int* order) {
  std::vector<Value> list;
  std::vector<Collation> collations;
  for (int place = 0; place < count; ++place) {
    list.push_back(from_twin(key[place]));
    collations.push_back(collation_of(kinds[place]));
  }
  const KeyComparator comparator({flags, flags + count}, collations);
  const Result<int> found = compare_record({data, size}, list, comparator, encoding);
  *order = found.is_ok() ? found.value() : 0;
  return found.status().code();
}

uint64_t twin_varint(uint64_t value, uint8_t* out, uint64_t* back) {
  const uint8_t* end = write_varint(out, value);
  read_varint(out, end, *back);
  return static_cast<uint64_t>(end - out);
}
}
