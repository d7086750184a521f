// Packed rows of values, as they cross the border to the Python engine (layout: plugin/table.h).
//
// 1. A text or blob read from a packed row is a view into it, followed by a NUL byte.
// 2. `value_as_given` keeps what functions and tables of the user may see beside a value: the number of a pointer
//    that a NULL carries, and the subtype of what a JSON function made. All others write plain values.
// 3. Reading past the end gives NULLs, never another object's memory.
//
// Twin: pack_values and unpack_values in keelback_core/engine/embedding.py.
#ifndef KEELBACK_ENGINE_WIRE_HPP
#define KEELBACK_ENGINE_WIRE_HPP

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "../value/value.hpp"

namespace keelback::engine {

// The type bytes.
enum Wire { wire_integer = 1, wire_real, wire_text, wire_blob, wire_null, wire_pointer, wire_subtype };

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& null() { return tag(wire_null); }
  Writer& integer(int64_t value) { return tag(wire_integer).raw(&value, sizeof value); }
  Writer& real(double value) { return tag(wire_real).raw(&value, sizeof value); }
  Writer& text(std::string_view value) { return tag(wire_text).bytes(value); }
  Writer& blob(std::string_view value) { return tag(wire_blob).bytes(value); }
  Writer& value(const Value& value) {
    switch (value.type()) {
      case Type::integer:
        return integer(value.integer());
      case Type::real:
        return real(value.real());
      case Type::text:
        return text(value.text());
      case Type::blob:
        return blob(value.text());
      case Type::null:
        break;
    }
    return null();
  }
  Writer& value_as_given(const Value& given, uint8_t subtype = 0) {
    if (const int64_t number = given.pointer_number(); number != 0)
      return tag(wire_pointer).raw(&number, sizeof number);
    if (subtype != 0) tag(wire_subtype).raw(&subtype, sizeof subtype);
    return value(given);
  }
  Writer& text_or_null(const char* value) { return value == nullptr ? null() : text(value); }

 private:
  Writer& tag(int type) {
    out_.push_back(static_cast<char>(type));
    return *this;
  }
  Writer& raw(const void* data, size_t size) {
    out_.append(static_cast<const char*>(data), size);
    return *this;
  }
  Writer& bytes(std::string_view value) {
    const auto size = static_cast<uint32_t>(value.size());
    raw(&size, sizeof size);
    out_.append(value);
    out_.push_back('\0');
    return *this;
  }

  std::string& out_;
};

class Reader {
 public:
  Reader(const void* data, size_t size) : at_(static_cast<const char*>(data)), end_(at_ + size) {}

  [[nodiscard]] bool has_more() const { return at_ < end_; }

  Value next() {
    subtype_ = 0;
    if (!has_more()) return {};
    int type = *at_++;
    if (type == wire_subtype) {
      read(&subtype_, sizeof subtype_);
      if (!has_more()) return {};
      type = *at_++;
    }
    switch (type) {
      case wire_integer: {
        int64_t integer = 0;
        read(&integer, sizeof integer);
        return Value::of_integer(integer);
      }
      case wire_real: {
        double real = 0;
        read(&real, sizeof real);
        return Value::of_real(real);
      }
      case wire_text:
      case wire_blob: {
        uint32_t size = 0;
        read(&size, sizeof size);
        if (static_cast<size_t>(end_ - at_) <= size) {
          at_ = end_;
          return {};
        }
        const std::string_view bytes(at_, size);
        at_ += size + 1;
        return type == wire_text ? Value::of_text(bytes) : Value::of_blob(bytes);
      }
      case wire_pointer: {
        int64_t number = 0;
        read(&number, sizeof number);
        return Value::of_pointer(number);
      }
      default:
        return {};
    }
  }
  // Of the value that was read last.
  [[nodiscard]] uint8_t subtype() const { return subtype_; }

  int64_t integer() {
    const Value value = next();
    return value.is_integer() ? value.integer() : 0;
  }
  std::string_view bytes() {
    const Value value = next();
    return value.has_bytes() ? value.text() : std::string_view();
  }

 private:
  void read(void* to, size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) {
      at_ = end_;
      return;
    }
    std::memcpy(to, at_, size);
    at_ += size;
  }

  const char* at_;
  const char* end_;
  uint8_t subtype_ = 0;
};

}  // namespace keelback::engine

#endif
