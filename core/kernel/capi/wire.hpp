// Packed rows of values, as they cross the border to the Python engine (layout: plugin/table.h).
//
// 1. A text or blob read from a packed row is a view into it, followed by a NUL byte.
// 2. Reading past the end gives NULLs, never another object's memory.
//
// Twin: pack_values and unpack_values in keelback_core/engine/embedding.py.
#ifndef KEELBACK_CAPI_WIRE_HPP
#define KEELBACK_CAPI_WIRE_HPP

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "api.hpp"

namespace keelback::capi {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& null() { return tag(SQLITE_NULL); }
  Writer& integer(int64_t value) { return tag(SQLITE_INTEGER).raw(&value, sizeof value); }
  Writer& real(double value) { return tag(SQLITE_FLOAT).raw(&value, sizeof value); }
  Writer& text(std::string_view value) { return tag(SQLITE_TEXT).bytes(value); }
  Writer& blob(std::string_view value) { return tag(SQLITE_BLOB).bytes(value); }
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

// One value of a packed row; `bytes` is set for text and blobs.
struct PackedValue {
  int type = SQLITE_NULL;
  int64_t integer = 0;
  double real = 0;
  std::string_view bytes;
};

class Reader {
 public:
  Reader(const void* data, size_t size) : at_(static_cast<const char*>(data)), end_(at_ + size) {}

  [[nodiscard]] bool has_more() const { return at_ < end_; }

  PackedValue next() {
    PackedValue value;
    if (!has_more()) return value;
    value.type = *at_++;
    switch (value.type) {
      case SQLITE_INTEGER:
        read(&value.integer, sizeof value.integer);
        break;
      case SQLITE_FLOAT:
        read(&value.real, sizeof value.real);
        break;
      case SQLITE_TEXT:
      case SQLITE_BLOB: {
        uint32_t size = 0;
        read(&size, sizeof size);
        if (static_cast<size_t>(end_ - at_) <= size) return exhausted();
        value.bytes = {at_, size};
        at_ += size + 1;
        break;
      }
      default:
        value.type = SQLITE_NULL;
    }
    return value;
  }

  int64_t integer() { return next().integer; }
  std::string_view bytes() { return next().bytes; }

 private:
  void read(void* to, size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) {
      at_ = end_;
      return;
    }
    std::memcpy(to, at_, size);
    at_ += size;
  }
  PackedValue exhausted() {
    at_ = end_;
    return {};
  }

  const char* at_;
  const char* end_;
};

}  // namespace keelback::capi

#endif
