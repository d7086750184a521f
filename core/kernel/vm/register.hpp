// Register: one place of a machine's register file: a value with its bytes, or what only instructions see.
//
// 1. `value` is what the register reads as; its bytes, if any, are in the register's own buffer, which is kept and
//    reused, so that a loop over rows does not allocate.
// 2. A cleared NULL is a NULL that no comparison takes for equal to another NULL. A record reads as the BLOB of its
//    bytes (UTF-8). A row set and the state of an aggregate read as BLOBs too, and live in `object`.
//
// Must not know: cursors, the machine. Twin: what registers hold in keelback_core/reference/vm/record.py.
#ifndef KEELBACK_VM_REGISTER_HPP
#define KEELBACK_VM_REGISTER_HPP

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "../value/byte_buffer.hpp"
#include "../value/value.hpp"

namespace keelback::vm {

enum class Holds : uint8_t { value, json, cleared_null, record, row_set, aggregate };

// What a register owns beside a value.
class RegisterObject {
 public:
  RegisterObject() = default;
  RegisterObject(const RegisterObject&) = delete;
  RegisterObject& operator=(const RegisterObject&) = delete;
  virtual ~RegisterObject() = default;
};

class Register {
 public:
  Register() = default;
  Register(const Register&) = delete;
  Register& operator=(const Register&) = delete;

  const Value& value() const noexcept { return value_; }
  Holds holds() const noexcept { return holds_; }
  bool is_null() const noexcept { return value_.is_null(); }
  bool is_record() const noexcept { return holds_ == Holds::record; }
  // The mark of a TEXT that a JSON function made, which the next function may look at; gone with the value.
  bool is_json() const noexcept { return holds_ == Holds::json; }
  void mark_json() noexcept {
    if (value_.is_text()) holds_ = Holds::json;
  }
  void clear_json() noexcept {
    if (holds_ == Holds::json) holds_ = Holds::value;
  }
  size_t kept_bytes() const noexcept { return buffer_.capacity(); }
  // Grows whenever the register takes another record.
  uint32_t record_serial() const noexcept { return record_serial_; }

  void set_null() noexcept { set_plain(Value()); }
  void set_cleared_null() noexcept {
    value_ = Value();
    holds_ = Holds::cleared_null;
  }
  void set_integer(int64_t integer) noexcept { set_plain(Value::of_integer(integer)); }
  void set_bytes(std::string_view bytes, Type type) {
    buffer_.assign(bytes);
    refer(type, Holds::value);
  }
  // A value without bytes, or one whose bytes outlive the register (a constant of the program).
  void set_plain(const Value& value) noexcept {
    value_ = value;
    holds_ = Holds::value;
  }
  // Any value; its bytes are copied, and may be our own.
  void set(const Value& value) {
    if (!value.has_bytes()) {
      set_plain(value);
      return;
    }
    buffer_.assign(value.text());
    refer(value.type(), Holds::value);
  }
  void adopt(std::string&& bytes, Type type) {
    buffer_.adopt(std::move(bytes));
    refer(type, Holds::value);
  }
  // Two texts joined, neither of which is our own.
  void set_joined(std::string_view first, std::string_view second) {
    char* place = buffer_.take(first.size() + second.size());
    copy_bytes(place, first.data(), first.size());
    copy_bytes(place + first.size(), second.data(), second.size());
    refer(Type::text, Holds::value);
  }
  // A BLOB with more bytes behind it; of another value only those bytes are left.
  void append_to_blob(std::string_view bytes) {
    if (!value_.is_blob()) {
      buffer_.assign(bytes);
    } else {
      if (value_.text().data() != buffer_.data()) buffer_.assign(value_.text());
      buffer_.append(bytes);
    }
    refer(Type::blob, Holds::value);
  }
  void set_record(std::string_view bytes) {
    buffer_.assign(bytes);
    refer(Type::blob, Holds::record);
  }
  // Room for a record of at most so many bytes; `end_record` says where in it the record is, and makes it the value.
  char* begin_record(size_t size) {
    buffer_.reserve(size);
    return buffer_.data();
  }
  void end_record(const char* start, size_t size) noexcept {
    value_ = Value::of_blob(std::string_view(start, size));
    holds_ = Holds::record;
    ++record_serial_;
  }
  // The bytes of a record, which may be changed where they are.
  std::span<char> record_bytes() noexcept { return {const_cast<char*>(value_.text().data()), value_.size()}; }
  // A copy of another register; row sets and states of aggregates cannot be copied.
  void copy(const Register& other) {
    if (this == &other) return;
    // Bytes that are not the other's own outlive us both.
    if (other.has_own_bytes()) {
      set(other.value_);
    } else {
      value_ = other.value_;
      holds_ = Holds::value;
    }
    ++record_serial_;
    if (other.holds_ == Holds::cleared_null || other.holds_ == Holds::record || other.holds_ == Holds::json) {
      holds_ = other.holds_;
    }
    if (other.holds_ == Holds::row_set || other.holds_ == Holds::aggregate) set_null();
  }
  // Take the contents of another, which becomes NULL.
  void move_from(Register& other) noexcept {
    if (this == &other) return;
    // Asked before the swap: few bytes lie inside of the buffer, so that their view is made anew.
    const bool is_own = other.has_own_bytes();
    const size_t offset = is_own ? static_cast<size_t>(other.value_.text().data() - other.buffer_.data()) : 0;
    value_ = other.value_;
    holds_ = other.holds_;
    if (is_own || buffer_.size() != 0 || other.buffer_.size() != 0) buffer_.swap(other.buffer_);
    object_.swap(other.object_);
    if (is_own) {
      const std::string_view bytes(buffer_.data() + offset, value_.size());
      value_ = value_.is_text() ? Value::of_text(bytes) : Value::of_blob(bytes);
    }
    ++record_serial_;
    other.set_null();
  }

  // Be NULL, and free what is kept for the next value.
  void let_go() noexcept {
    set_null();
    buffer_.release();
    object_.reset();
  }

  // The object of the kind; stays for reuse when the register takes another value.
  RegisterObject* object() const noexcept { return object_.get(); }
  void set_object(std::unique_ptr<RegisterObject> object, Holds holds) noexcept {
    object_ = std::move(object);
    hold_object(holds);
  }
  void hold_object(Holds holds) noexcept {
    value_ = Value::of_blob(std::string_view());
    holds_ = holds;
  }

 private:
  void refer(Type type, Holds holds) noexcept {
    value_ = type == Type::text ? Value::of_text(buffer_.view()) : Value::of_blob(buffer_.view());
    holds_ = holds;
    ++record_serial_;
  }
  // Whether the value's bytes lie in the buffer (and not in a program).
  bool has_own_bytes() const noexcept { return value_.has_bytes() && buffer_.holds(value_.text().data()); }

  Value value_;
  Holds holds_ = Holds::value;
  uint32_t record_serial_ = 0;
  ByteBuffer buffer_;
  std::unique_ptr<RegisterObject> object_;
};

static_assert(sizeof(Register) == 64);

}  // namespace keelback::vm

#endif
