// Digests of values: sha1, sha1b, sha3 as in SQLite's extensions; md5 and sha256 in the same manner.
//
// A BLOB counts by its bytes, anything else by its text's; NULL gives NULL. Twin:
// keelback_core/reference/vm/functions/digest.py.
#include "../../value/cast.hpp"
#include "digest_sha.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

template <Status (*digest)(InterruptWatch&, Bytes, std::string&), bool is_text>
Status give_digest(const FunctionContext& context, Arguments arguments) {
  static constexpr char digits[] = "0123456789abcdef";
  TextBuffer buffer;
  const Value data = to_blob(arguments[0], buffer);
  if (data.is_null()) return give_null(context);
  std::string bytes;
  InterruptWatch watch(context.host);
  KEELBACK_TRY(digest(watch, data.blob(), bytes));
  if (!is_text) {
    context.result.adopt(std::move(bytes), Type::blob);
    return ok_status;
  }
  std::string text;
  for (const char c : bytes) {
    text.push_back(digits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(digits[static_cast<uint8_t>(c) & 15]);
  }
  return give_text(context, std::move(text));
}

Status sha3(const FunctionContext& context, Arguments arguments) {
  const int64_t bits = arguments.size() == 2 ? to_integer(arguments[1]) : 256;
  if (bits != 224 && bits != 256 && bits != 384 && bits != 512) {
    return Status(result::ERROR, "SHA3 size should be one of: 224 256 384 512");
  }
  TextBuffer buffer;
  const Value data = to_blob(arguments[0], buffer);
  if (data.is_null()) return give_null(context);
  std::string digest;
  InterruptWatch watch(context.host);
  KEELBACK_TRY(digest::sha3(watch, data.blob(), static_cast<int>(bits), digest));
  context.result.adopt(std::move(digest), Type::blob);
  return ok_status;
}

constexpr ScalarEntry table[] = {
    {"md5", 1, give_digest<digest::md5, true>},
    {"sha1", 1, give_digest<digest::sha1, true>},
    {"sha1b", 1, give_digest<digest::sha1, false>},
    {"sha256", 1, give_digest<digest::sha256, true>},
    {"sha3", 1, sha3},
    {"sha3", 2, sha3},
};

}  // namespace

std::span<const ScalarEntry> digest_scalars() { return table; }

}  // namespace keelback::vm::functions
