// sqlite3_value: one SQL value, with the conversions that were asked of it.
//
// 1. `type` is what the value is; a conversion is cached beside it and does not change it.
// 2. Bytes are a view into the row they came from, or into `owned_`; text handed out ends with a NUL (two for UTF-16).
// 3. What a conversion returned stays valid until the value changes or the other text encoding is asked for.
#ifndef KEELBACK_CAPI_VALUE_HPP
#define KEELBACK_CAPI_VALUE_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "../value/value.hpp"
#include "api.hpp"
#include "pointers.hpp"

struct sqlite3_value {
 public:
  sqlite3_value() = default;
  sqlite3_value(const sqlite3_value& other) { *this = other; }
  sqlite3_value& operator=(const sqlite3_value& other);
  ~sqlite3_value() { clear(); }

  // Sets.
  void set_null() { clear(); }
  void set_integer(int64_t integer);
  void set_real(double real);
  void set_text(std::string text);
  void set_blob(std::string blob);
  void set_pointer(void* pointer, const char* type, void (*destroy)(void*));
  // The same, whose owner destroys it.
  void borrow_pointer(void* pointer, const char* type) { set_pointer(pointer, type, nullptr); }
  // A view of a value, whose bytes must outlive this one or its next set, and are followed by a NUL.
  void set_view(const keelback::Value& value);

  // Conversions.
  [[nodiscard]] int type() const { return type_; }
  [[nodiscard]] int64_t as_integer() const;
  [[nodiscard]] double as_real() const;
  const char* as_text();
  const void* as_blob();
  const void* as_utf16(int encoding);
  int byte_count();
  int utf16_byte_count();
  void apply_numeric();
  [[nodiscard]] void* pointer(const char* type) const;
  // Whatever its type; what it was given with (sqlite3_result_pointer).
  [[nodiscard]] bool has_pointer() const { return pointer_type_ != nullptr && subtype == pointer_subtype; }
  [[nodiscard]] keelback::capi::KeptPointer take_pointer();
  // sqlite3_value_dup: without a pointer.
  void become_plain() {
    if (type_ == SQLITE_NULL) clear();
  }
  // The bytes of a text or blob, else empty.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

  // A view of what it is, good until the next set.
  [[nodiscard]] keelback::Value view() const;

  // What SQLite marks pointers with; another subtype takes the pointer away.
  static constexpr unsigned pointer_subtype = 'p';

  unsigned subtype = 0;
  bool is_from_bind = false;
  // In xUpdate: NULL in the place of a value that stays as it is (sqlite3_value_nochange).
  bool is_unchanged = false;

 private:
  void clear();
  std::string_view text_view();

  int type_ = SQLITE_NULL;
  bool has_text_ = false;
  int utf16_encoding_ = 0;
  union {
    int64_t integer_ = 0;
    double real_;
  };
  std::string_view bytes_;
  std::string owned_;
  std::string text_;
  std::u16string utf16_;
  void* pointer_ = nullptr;
  const char* pointer_type_ = nullptr;
  void (*pointer_destroy_)(void*) = nullptr;
};

#endif
