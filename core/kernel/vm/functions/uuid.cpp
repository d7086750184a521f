// UUIDs: uuid, uuid_str, uuid_blob as SQLite's extension has them; uuid4, gen_random_uuid, uuid7 and their time.
//
// 1. A UUID is read from a BLOB of 16 bytes or from 32 hexadecimal digits, with hyphens before pairs and braces around.
// 2. Version 7 begins with the milliseconds since 1970, so that new ones sort last; the rest is random.
//
// Spec: RFC 9562. Twin: keelback_core/reference/vm/functions/uuid.py.
#include <algorithm>
#include <array>

#include "../../value/text_bytes.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

using Uuid = std::array<uint8_t, 16>;

Uuid made(const FunctionContext& context, int version) {
  Uuid uuid{};
  size_t random_from = 0;
  if (version == 7) {
    const int64_t milliseconds = context.host.current_time_milliseconds();
    for (; random_from < 6; ++random_from) {
      uuid[random_from] = static_cast<uint8_t>(milliseconds >> (40 - 8 * random_from));
    }
  }
  context.host.random_bytes(uuid.data() + random_from, uuid.size() - random_from);
  uuid[6] = static_cast<uint8_t>(version << 4 | (uuid[6] & 0x0F));
  uuid[8] = static_cast<uint8_t>(0x80 | (uuid[8] & 0x3F));
  return uuid;
}

// The sixteen bytes of a UUID; false if the value is none.
bool read(const Value& value, Uuid& uuid) {
  if (value.is_blob()) {
    if (value.size() != uuid.size()) return false;
    std::copy_n(value.blob().begin(), uuid.size(), uuid.begin());
    return true;
  }
  if (!value.is_text()) return false;
  std::string_view text = until_nul(value.text());
  if (text.starts_with('{')) text.remove_prefix(1);
  for (uint8_t& byte : uuid) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const int high = text.size() < 2 ? -1 : hex_digit(text[0]);
    const int low = high < 0 ? -1 : hex_digit(text[1]);
    if (low < 0) return false;
    byte = static_cast<uint8_t>(high << 4 | low);
    text.remove_prefix(2);
  }
  return text.empty() || text == "}";
}

Status give_uuid(const FunctionContext& context, const Uuid& uuid, bool as_text) {
  if (!as_text) return give(context, Value::of_blob(Bytes(uuid)));
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (size_t place = 0; place < uuid.size(); ++place) {
    if (place == 4 || place == 6 || place == 8 || place == 10) text.push_back('-');
    text.push_back(digits[uuid[place] >> 4]);
    text.push_back(digits[uuid[place] & 15]);
  }
  return give_text(context, std::move(text));
}

template <int version, bool as_text>
Status make(const FunctionContext& context, Arguments) {
  return give_uuid(context, made(context, version), as_text);
}

template <bool as_text>
Status convert(const FunctionContext& context, Arguments arguments) {
  Uuid uuid{};
  return read(arguments[0], uuid) ? give_uuid(context, uuid, as_text) : give_null(context);
}

Status timestamp(const FunctionContext& context, Arguments arguments) {
  Uuid uuid{};
  if (!read(arguments[0], uuid) || uuid[6] >> 4 != 7) return give_null(context);
  int64_t milliseconds = 0;
  for (size_t place = 0; place < 6; ++place) milliseconds = milliseconds << 8 | uuid[place];
  return give_integer(context, milliseconds);
}

constexpr ScalarEntry table[] = {
    {"uuid", 0, make<4, true>},        {"uuid4", 0, make<4, true>},
    {"uuid4_str", 0, make<4, true>},   {"gen_random_uuid", 0, make<4, true>},
    {"uuid4_blob", 0, make<4, false>}, {"uuid7", 0, make<7, true>},
    {"uuid7_blob", 0, make<7, false>}, {"uuid7_timestamp_ms", 1, timestamp},
    {"uuid_str", 1, convert<true>},    {"uuid_blob", 1, convert<false>},
};

}  // namespace

std::span<const ScalarEntry> uuid_scalars() { return table; }

}  // namespace keelback::vm::functions
