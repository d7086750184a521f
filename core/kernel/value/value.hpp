// A value of SQL: NULL, INTEGER, REAL, TEXT or BLOB, in sixteen bytes.
//
// 1. A TEXT or BLOB Value is a view: its bytes belong to a page, a register or a statement, and whoever hands out a
//    Value says for how long they live. TEXT is UTF-8 (valid or not), without a NUL at its end.
// 2. A REAL is never NaN: `Value::of_real` makes NaN NULL.
// 3. `OwnedValue` keeps the bytes itself and reuses its buffer; `TextBuffer` is room for a number as text.
// 4. A NULL may carry the number of a pointer of the C API (sqlite3_bind_pointer): SQL sees a NULL, functions and
//    virtual tables of the user see what the C API keeps under that number. Copies carry it on; records do not.
//
// Knows nothing of records or pages. Twin: keelback_core/value/__init__.py.
#ifndef KEELBACK_VALUE_VALUE_HPP
#define KEELBACK_VALUE_VALUE_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace keelback {

using Bytes = std::span<const uint8_t>;

enum class Type : uint8_t { null, integer, real, text, blob };

class Value {
 public:
  constexpr Value() noexcept = default;
  static constexpr Value of_null() noexcept { return Value(); }
  static constexpr Value of_integer(int64_t integer) noexcept {
    return Value(static_cast<uint64_t>(integer), 0, Type::integer);
  }
  static constexpr Value of_real(double real) noexcept {
    if (real != real) return Value();
    return Value(std::bit_cast<uint64_t>(real), 0, Type::real);
  }
  static Value of_text(std::string_view text) noexcept { return Value(text.data(), text.size(), Type::text); }
  static Value of_blob(Bytes bytes) noexcept {
    return Value(reinterpret_cast<const char*>(bytes.data()), bytes.size(), Type::blob);
  }
  static Value of_blob(std::string_view bytes) noexcept { return Value(bytes.data(), bytes.size(), Type::blob); }

  // number: not 0.
  static constexpr Value of_pointer(int64_t number) noexcept {
    return Value(static_cast<uint64_t>(number), 0, Type::null);
  }

  constexpr Type type() const noexcept { return static_cast<Type>(meta_ & 0xFF); }
  constexpr bool is_null() const noexcept { return type() == Type::null; }
  constexpr bool is_integer() const noexcept { return type() == Type::integer; }
  constexpr bool is_real() const noexcept { return type() == Type::real; }
  constexpr bool is_number() const noexcept { return type() == Type::integer || type() == Type::real; }
  constexpr bool is_text() const noexcept { return type() == Type::text; }
  constexpr bool is_blob() const noexcept { return type() == Type::blob; }
  constexpr bool has_bytes() const noexcept { return type() >= Type::text; }

  // The number of the pointer that a NULL carries, 0 for none.
  constexpr int64_t pointer_number() const noexcept { return is_null() ? static_cast<int64_t>(bits_) : 0; }

  // Each of these only where the type says so.
  constexpr int64_t integer() const noexcept { return static_cast<int64_t>(bits_); }
  constexpr double real() const noexcept { return std::bit_cast<double>(bits_); }
  std::string_view text() const noexcept { return {data(), size()}; }
  Bytes blob() const noexcept { return {reinterpret_cast<const uint8_t*>(data()), size()}; }
  constexpr size_t size() const noexcept { return static_cast<size_t>(meta_ >> 32); }
  // An INTEGER or REAL as a double.
  constexpr double number() const noexcept { return is_integer() ? static_cast<double>(integer()) : real(); }

 private:
  constexpr Value(uint64_t bits, size_t size, Type type) noexcept
      : bits_(bits), meta_(static_cast<uint64_t>(size) << 32 | static_cast<uint64_t>(type)) {}
  Value(const char* data, size_t size, Type type) noexcept
      : Value(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)), size, type) {}
  const char* data() const noexcept { return reinterpret_cast<const char*>(static_cast<uintptr_t>(bits_)); }

  // Two words, and no smaller fields: made and copied in registers. (As fields of their own sizes, a Value was written
  // in parts and read back whole, which stalls: 20 ns of a scanned row.)
  uint64_t bits_ = 0;  // the integer, the bits of the real, where the bytes are, or a NULL's pointer's number
  uint64_t meta_ = 0;  // the type, and the size in the upper half
};
static_assert(sizeof(Value) == 16);

// Room for an INTEGER or REAL as text.
struct TextBuffer {
  char data[40];
};

// A value that owns its bytes.
class OwnedValue {
 public:
  OwnedValue() = default;
  explicit OwnedValue(const Value& value) { assign(value); }
  OwnedValue(const OwnedValue& other) { assign(other.value_); }
  OwnedValue(OwnedValue&& other) noexcept { take(std::move(other)); }
  OwnedValue& operator=(const OwnedValue& other) {
    if (this != &other) assign(other.value_);
    return *this;
  }
  OwnedValue& operator=(OwnedValue&& other) noexcept {
    if (this != &other) take(std::move(other));
    return *this;
  }

  const Value& value() const noexcept { return value_; }
  // Copy a value, bytes too; they may be our own.
  void assign(const Value& value) {
    if (!value.has_bytes()) {
      value_ = value;
      return;
    }
    buffer_.assign(value.text());
    refer(value.type());
  }
  // Take over a string as TEXT or BLOB.
  void adopt(std::string&& bytes, Type type) noexcept {
    buffer_ = std::move(bytes);
    refer(type);
  }

 private:
  void refer(Type type) noexcept { value_ = type == Type::text ? Value::of_text(buffer_) : Value::of_blob(buffer_); }
  void take(OwnedValue&& other) noexcept {
    value_ = other.value_;
    if (!value_.has_bytes()) return;
    const Type type = value_.type();
    buffer_ = std::move(other.buffer_);
    other.value_ = Value();
    refer(type);
  }

  Value value_;
  std::string buffer_;
};

}  // namespace keelback

#endif
