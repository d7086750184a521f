// A Value as ctypes sees it, and how it goes over the border.
#ifndef KEELBACK_TWIN_TWIN_VALUE_HPP
#define KEELBACK_TWIN_TWIN_VALUE_HPP

#include <string>

#include "../value/value.hpp"

extern "C" struct TwinValue {
  int32_t type;
  int64_t integer;
  double real;
  const char* data;
  uint64_t size;
};

namespace keelback::twin {

inline Value from_twin(const TwinValue& twin) noexcept {
  switch (static_cast<Type>(twin.type)) {
    case Type::integer:
      return Value::of_integer(twin.integer);
    case Type::real:
      return Value::of_real(twin.real);
    case Type::text:
      return Value::of_text({twin.data, twin.size});
    case Type::blob:
      return Value::of_blob(std::string_view(twin.data, twin.size));
    case Type::null:
      break;
  }
  return Value::of_null();
}

// The bytes of a TEXT or BLOB stay where they are.
inline TwinValue to_twin(const Value& value) noexcept {
  TwinValue twin{static_cast<int32_t>(value.type()), 0, 0.0, nullptr, 0};
  if (value.is_integer()) twin.integer = value.integer();
  if (value.is_real()) twin.real = value.real();
  if (value.has_bytes()) {
    twin.data = value.text().data();
    twin.size = value.size();
  }
  return twin;
}

}  // namespace keelback::twin

#endif
