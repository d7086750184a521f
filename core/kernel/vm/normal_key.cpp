#include "normal_key.hpp"

#include <bit>
#include <cstring>

namespace keelback::vm {

namespace {

constexpr uint8_t tag_null = 0x05;
constexpr uint8_t tag_number = 0x10;
constexpr uint8_t tag_text = 0x20;
constexpr uint8_t tag_blob = 0x30;
constexpr uint8_t tag_null_biggest = 0x40;

constexpr int64_t exact = int64_t{1} << 53;

// A word that compares as the number does.
uint64_t word_of(double real) noexcept {
  const auto bits = std::bit_cast<uint64_t>(real);
  return bits >> 63 ? ~bits : bits | uint64_t{1} << 63;
}

void append_number(const Value& value, std::string& out) {
  double real = 0;
  int missed = 0;
  if (value.is_integer() && value.integer() < exact && value.integer() > -exact) {
    real = static_cast<double>(value.integer());
  } else if (value.is_integer()) {
    real = static_cast<double>(value.integer());
    missed = static_cast<int>(static_cast<__int128>(value.integer()) - static_cast<__int128>(real));
  } else {
    real = value.real() + 0.0;
  }
  char element[11];
  element[0] = tag_number;
  const uint64_t big_endian = __builtin_bswap64(word_of(real));
  std::memcpy(element + 1, &big_endian, sizeof big_endian);
  const auto biased = static_cast<uint16_t>(missed + 0x8000);
  element[9] = static_cast<char>(biased >> 8);
  element[10] = static_cast<char>(biased);
  // Below 2^53 a double misses nothing, whichever value it stands for.
  const bool is_exact = real > -9007199254740992.0 && real < 9007199254740992.0;
  out.append(element, is_exact ? 9 : sizeof element);
}

void append_escaped(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const void* zero = std::memchr(bytes.data(), 0, bytes.size());
    if (!zero) {
      out.append(bytes);
      break;
    }
    const auto size = static_cast<size_t>(static_cast<const char*>(zero) - bytes.data()) + 1;
    out.append(bytes.substr(0, size));
    out.push_back('\xFF');
    bytes.remove_prefix(size);
  }
  out.append(2, '\0');
}

void append_nocase(std::string_view text, std::string& out) {
  const size_t start = out.size();
  const size_t zero = text.find('\0');
  append_escaped(zero == std::string_view::npos ? text : text.substr(0, zero + 1), out);
  for (size_t place = start; place < out.size(); ++place) {
    if (out[place] >= 'A' && out[place] <= 'Z') out[place] = static_cast<char>(out[place] + 32);
  }
  if (zero == std::string_view::npos) return;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(text.size() >> shift));
}

}  // namespace

KeyNormaliser::KeyNormaliser(const KeyInfo& key_info, std::vector<Collation> collations)
    : sort_flags_(key_info.sort_flags.begin(), key_info.sort_flags.end()),
      collations_(std::move(collations)),
      comparator_(sort_flags_, collations_) {
  for (const Collation& collation : collations_) {
    if (collation.kind == Collation::Kind::custom) can_normalise_ = false;
  }
}

bool KeyNormaliser::is_number_behind(const Value& value, std::string_view key) const noexcept {
  if (key.size() <= sizeof(uint64_t)) return false;
  const bool is_descending = sort_flags_[0] & sort_descending;
  if (static_cast<uint8_t>(key[0]) != (is_descending ? static_cast<uint8_t>(~tag_number) : tag_number)) return false;
  double real = 0;
  if (value.is_real()) {
    real = value.real() + 0.0;
  } else if (value.is_integer() && value.integer() < exact && value.integer() > -exact) {
    real = static_cast<double>(value.integer());
  } else {
    return false;
  }
  uint64_t theirs = 0;
  std::memcpy(&theirs, key.data() + 1, sizeof theirs);
  const uint64_t own = word_of(real);
  return (is_descending ? ~own : own) > __builtin_bswap64(theirs);
}

void KeyNormaliser::append(const Value& value, size_t position, std::string& out) const {
  const size_t start = out.size();
  const uint8_t flags = position < sort_flags_.size() ? sort_flags_[position] : 0;
  const Collation::Kind kind = position < collations_.size() ? collations_[position].kind : Collation::Kind::binary;
  switch (value.type()) {
    case Type::null:
      out.push_back(static_cast<char>(flags & sort_nulls_biggest ? tag_null_biggest : tag_null));
      break;
    case Type::integer:
    case Type::real:
      append_number(value, out);
      break;
    case Type::text: {
      out.push_back(static_cast<char>(tag_text));
      std::string_view text = value.text();
      if (kind == Collation::Kind::nocase) {
        append_nocase(text, out);
        break;
      }
      if (kind == Collation::Kind::rtrim) {
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      }
      append_escaped(text, out);
      break;
    }
    case Type::blob:
      out.push_back(static_cast<char>(tag_blob));
      append_escaped(value.text(), out);
      break;
  }
  if (!(flags & sort_descending)) return;
  for (size_t place = start; place < out.size(); ++place) out[place] = static_cast<char>(~out[place]);
}

}  // namespace keelback::vm
