#include "napi_support.hpp"

namespace keelback::node {

namespace {
constexpr sqlite3_int64 largest_safe_integer = 9007199254740991;
}

std::vector<napi_value> arguments(napi_env env, napi_callback_info info, size_t count) {
  std::vector<napi_value> values(count);
  napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr);
  return values;
}

void* data_of(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  return data;
}

bool get_text(napi_env env, napi_value value, std::string& out) {
  size_t size = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return false;
  out.resize(size + 1);
  napi_get_value_string_utf8(env, value, out.data(), size + 1, &size);
  out.resize(size);
  return true;
}

napi_value make_text(napi_env env, const char* text, size_t size) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, text ? text : "", size, &result);
  return result;
}

napi_value make_text(napi_env env, const char* text) {
  if (text == nullptr) {
    napi_value result = nullptr;
    napi_get_null(env, &result);
    return result;
  }
  return make_text(env, text, NAPI_AUTO_LENGTH);
}

napi_value make_integer(napi_env env, sqlite3_int64 value, IntegerMode mode) {
  napi_value result = nullptr;
  if (mode == IntegerMode::bigint) {
    napi_create_bigint_int64(env, value, &result);
  } else if (value > largest_safe_integer || value < -largest_safe_integer) {
    std::string message = "The integer " + std::to_string(value) + " is too large for a number; use safeIntegers()";
    napi_throw_range_error(env, nullptr, message.c_str());
  } else {
    napi_create_int64(env, value, &result);
  }
  return result;
}

napi_value make_undefined(napi_env env) {
  napi_value result = nullptr;
  napi_get_undefined(env, &result);
  return result;
}

napi_value make_bool(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

bool get_bool(napi_env env, napi_value value) {
  bool result = false;
  napi_get_value_bool(env, value, &result);
  return result;
}

sqlite3_int64 get_int(napi_env env, napi_value value) {
  int64_t result = 0;
  napi_get_value_int64(env, value, &result);
  return result;
}

void throw_type_error(napi_env env, const char* message) { napi_throw_type_error(env, nullptr, message); }

napi_value from_sqlite(napi_env env, sqlite3_value* value, IntegerMode mode) {
  napi_value result = nullptr;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return make_integer(env, sqlite3_value_int64(value), mode);
    case SQLITE_FLOAT:
      napi_create_double(env, sqlite3_value_double(value), &result);
      return result;
    case SQLITE_TEXT: {
      const char* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return make_text(env, text, static_cast<size_t>(sqlite3_value_bytes(value)));
    }
    case SQLITE_BLOB: {
      const void* blob = sqlite3_value_blob(value);
      napi_create_buffer_copy(env, static_cast<size_t>(sqlite3_value_bytes(value)), blob ? blob : "", nullptr, &result);
      return result;
    }
    default:
      napi_get_null(env, &result);
      return result;
  }
}

namespace {

size_t element_bytes(napi_typedarray_type kind) {
  switch (kind) {
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 1;
  }
}

}  // namespace

int to_sqlite(napi_env env, napi_value value, ValueSink& sink) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  switch (type) {
    case napi_null:
    case napi_undefined:
      return sink.null();
    case napi_number: {
      double number = 0;
      napi_get_value_double(env, value, &number);
      return sink.real(number);
    }
    case napi_bigint: {
      int64_t number = 0;
      bool lossless = false;
      napi_get_value_bigint_int64(env, value, &number, &lossless);
      return lossless ? sink.integer(number) : -2;
    }
    case napi_string: {
      std::string text;
      get_text(env, value, text);
      return sink.text(text);
    }
    default:
      break;
  }
  bool is_view = false;
  napi_is_typedarray(env, value, &is_view);
  if (is_view) {
    napi_typedarray_type kind;
    size_t length = 0;
    void* data = nullptr;
    napi_get_typedarray_info(env, value, &kind, &length, &data, nullptr, nullptr);
    return sink.blob(data, length * element_bytes(kind));
  }
  bool is_data_view = false;
  napi_is_dataview(env, value, &is_data_view);
  if (is_data_view) {
    size_t length = 0;
    void* data = nullptr;
    napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr);
    return sink.blob(data, length);
  }
  return -1;
}

}  // namespace keelback::node
