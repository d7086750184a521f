// sqlite3_value and the sqlite3_value_* functions.
#include "value.hpp"

#include <new>

#include "../value/numeric_text.hpp"
#include "guard.hpp"
#include "text.hpp"

using namespace keelback;

sqlite3_value& sqlite3_value::operator=(const sqlite3_value& other) {
  if (this == &other) return *this;
  clear();
  type_ = other.type_;
  integer_ = other.integer_;
  subtype = other.subtype;
  is_from_bind = other.is_from_bind;
  if (type_ == SQLITE_TEXT || type_ == SQLITE_BLOB) {
    owned_.assign(other.bytes_);
    bytes_ = owned_;
  }
  // A copied pointer is borrowed.
  pointer_ = other.pointer_;
  pointer_type_ = other.pointer_type_;
  return *this;
}

void sqlite3_value::clear() {
  if (pointer_type_ != nullptr) {
    const keelback::capi::KeptPointer kept = take_pointer();
    if (kept.destroy != nullptr) kept.destroy(kept.pointer);
  }
  type_ = SQLITE_NULL;
  integer_ = 0;
  has_text_ = false;
  utf16_encoding_ = 0;
  subtype = 0;
  bytes_ = {};
}

void sqlite3_value::set_integer(int64_t integer) {
  clear();
  type_ = SQLITE_INTEGER;
  integer_ = integer;
}

void sqlite3_value::set_real(double real) {
  clear();
  if (real != real) return;
  type_ = SQLITE_FLOAT;
  real_ = real;
}

void sqlite3_value::set_text(std::string text) {
  clear();
  type_ = SQLITE_TEXT;
  owned_ = std::move(text);
  bytes_ = owned_;
}

void sqlite3_value::set_blob(std::string blob) {
  set_text(std::move(blob));
  type_ = SQLITE_BLOB;
}

void sqlite3_value::set_pointer(void* pointer, const char* type, void (*destroy)(void*)) {
  clear();
  pointer_ = pointer;
  pointer_type_ = type != nullptr ? type : "";
  pointer_destroy_ = destroy;
  subtype = pointer_subtype;
}

keelback::capi::KeptPointer sqlite3_value::take_pointer() {
  const keelback::capi::KeptPointer kept{pointer_, pointer_type_, pointer_destroy_};
  pointer_ = nullptr;
  pointer_type_ = nullptr;
  pointer_destroy_ = nullptr;
  return kept;
}

void sqlite3_value::set_view(const Value& value) {
  clear();
  switch (value.type()) {
    case Type::null:
      break;
    case Type::integer:
      type_ = SQLITE_INTEGER;
      integer_ = value.integer();
      break;
    case Type::real:
      type_ = SQLITE_FLOAT;
      real_ = value.real();
      break;
    case Type::text:
    case Type::blob:
      type_ = value.is_text() ? SQLITE_TEXT : SQLITE_BLOB;
      bytes_ = value.text();
      break;
  }
}

int64_t sqlite3_value::as_integer() const {
  switch (type_) {
    case SQLITE_INTEGER:
      return integer_;
    case SQLITE_FLOAT:
      return value::real_to_integer(real_);
    case SQLITE_NULL:
      return 0;
    default:
      return value::text_to_integer(bytes_);
  }
}

double sqlite3_value::as_real() const {
  switch (type_) {
    case SQLITE_INTEGER:
      return static_cast<double>(integer_);
    case SQLITE_FLOAT:
      return real_;
    case SQLITE_NULL:
      return 0;
    default:
      return value::text_to_real(bytes_);
  }
}

std::string_view sqlite3_value::text_view() {
  if (type_ == SQLITE_TEXT || type_ == SQLITE_BLOB) return bytes_;
  if (type_ == SQLITE_NULL) return {};
  if (!has_text_) {
    text_ = type_ == SQLITE_INTEGER ? std::to_string(integer_) : value::real_to_text(real_);
    has_text_ = true;
  }
  return text_;
}

// Texts and blobs that values refer to are followed by a NUL. A conversion that finds no memory gives nothing.
const char* sqlite3_value::as_text() {
  if (type_ == SQLITE_NULL) return nullptr;
  return capi::guard<const char*>(nullptr, [&] { return text_view().data(); });
}

const void* sqlite3_value::as_blob() {
  if (type_ == SQLITE_NULL) return nullptr;
  return capi::guard<const void*>(nullptr, [&]() -> const void* {
    const std::string_view view = text_view();
    return view.empty() ? nullptr : view.data();
  });
}

int sqlite3_value::byte_count() {
  return capi::guard(0, [&] { return static_cast<int>(text_view().size()); });
}

const void* sqlite3_value::as_utf16(int encoding) {
  if (type_ == SQLITE_NULL) return nullptr;
  return capi::guard<const void*>(nullptr, [&]() -> const void* {
    if (utf16_encoding_ != encoding) {
      utf16_encoding_ = 0;
      utf16_ = capi::to_utf16(text_view());
      if (encoding == SQLITE_UTF16BE) utf16_ = capi::swap_bytes(std::move(utf16_));
      utf16_encoding_ = encoding;
    }
    return utf16_.c_str();
  });
}

int sqlite3_value::utf16_byte_count() {
  if (type_ == SQLITE_NULL) return 0;
  if (type_ == SQLITE_BLOB && utf16_encoding_ == 0) return static_cast<int>(bytes_.size());
  if (utf16_encoding_ == 0 && as_utf16(SQLITE_UTF16LE) == nullptr) return 0;
  return static_cast<int>(utf16_.size() * 2);
}

void sqlite3_value::apply_numeric() {
  if (type_ != SQLITE_TEXT) return;
  switch (value::number_kind(bytes_)) {
    case value::NumberKind::integer:
      set_integer(value::text_to_integer(bytes_));
      break;
    case value::NumberKind::real: {
      const double real = value::text_to_real(bytes_);
      const int64_t integer = value::real_to_integer(real);
      if (static_cast<double>(integer) == real && integer > -(1LL << 51) && integer < (1LL << 51)) {
        set_integer(integer);
      } else {
        set_real(real);
      }
      break;
    }
    case value::NumberKind::none:
      break;
  }
}

void* sqlite3_value::pointer(const char* type) const {
  if (!has_pointer() || type == nullptr || std::string_view(type) != pointer_type_) return nullptr;
  return pointer_;
}

Value sqlite3_value::view() const {
  switch (type_) {
    case SQLITE_INTEGER:
      return Value::of_integer(integer_);
    case SQLITE_FLOAT:
      return Value::of_real(real_);
    case SQLITE_TEXT:
      return Value::of_text(bytes_);
    case SQLITE_BLOB:
      return Value::of_blob(bytes_);
    default:
      return {};
  }
}

extern "C" {

const void* sqlite3_value_blob(sqlite3_value* value) { return value == nullptr ? nullptr : value->as_blob(); }

double sqlite3_value_double(sqlite3_value* value) { return value == nullptr ? 0 : value->as_real(); }

int sqlite3_value_int(sqlite3_value* value) { return value == nullptr ? 0 : static_cast<int>(value->as_integer()); }

sqlite3_int64 sqlite3_value_int64(sqlite3_value* value) { return value == nullptr ? 0 : value->as_integer(); }

void* sqlite3_value_pointer(sqlite3_value* value, const char* type) {
  return value == nullptr ? nullptr : value->pointer(type);
}

const unsigned char* sqlite3_value_text(sqlite3_value* value) {
  return value == nullptr ? nullptr : reinterpret_cast<const unsigned char*>(value->as_text());
}

const void* sqlite3_value_text16(sqlite3_value* value) {
  return value == nullptr ? nullptr : value->as_utf16(SQLITE_UTF16LE);
}

const void* sqlite3_value_text16le(sqlite3_value* value) {
  return value == nullptr ? nullptr : value->as_utf16(SQLITE_UTF16LE);
}

const void* sqlite3_value_text16be(sqlite3_value* value) {
  return value == nullptr ? nullptr : value->as_utf16(SQLITE_UTF16BE);
}

int sqlite3_value_bytes(sqlite3_value* value) { return value == nullptr ? 0 : value->byte_count(); }

int sqlite3_value_bytes16(sqlite3_value* value) { return value == nullptr ? 0 : value->utf16_byte_count(); }

int sqlite3_value_type(sqlite3_value* value) { return value == nullptr ? SQLITE_NULL : value->type(); }

int sqlite3_value_numeric_type(sqlite3_value* value) {
  if (value == nullptr) return SQLITE_NULL;
  value->apply_numeric();
  return value->type();
}

int sqlite3_value_nochange(sqlite3_value* value) { return value != nullptr && value->is_unchanged ? 1 : 0; }

int sqlite3_value_frombind(sqlite3_value* value) { return value != nullptr && value->is_from_bind ? 1 : 0; }

int sqlite3_value_encoding(sqlite3_value*) { return SQLITE_UTF8; }

unsigned int sqlite3_value_subtype(sqlite3_value* value) { return value == nullptr ? 0 : value->subtype; }

sqlite3_value* sqlite3_value_dup(const sqlite3_value* value) {
  return capi::guard<sqlite3_value*>(nullptr, [&]() -> sqlite3_value* {
    if (value == nullptr) return nullptr;
    auto* made = new sqlite3_value(*value);
    made->become_plain();
    return made;
  });
}

void sqlite3_value_free(sqlite3_value* value) { delete value; }

}  // extern "C"
