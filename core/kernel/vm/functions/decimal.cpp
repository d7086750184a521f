// The decimal family: exact decimal arithmetic on texts, as SQLite's extension has it.
//
// 1. A decimal is its digits, without zeros in front, and how many of them stand behind the point. A sum keeps the
//    longer fraction, a product no more zeros than the shorter one. There is no negative zero.
// 2. A REAL given to decimal() or decimal_exp() is expanded exactly; given to the others it counts by its text.
// 3. Numbers of more than `largest_digits` digits are refused. Only a product takes longer than its texts; it looks
//    for an interrupt.
//
// Extensions: real SQLite loads them. Spec: https://sqlite.org/floatingpoint.html#the_decimal_c_extension.
// Twin: keelback_core/reference/vm/functions/decimal.py.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr int64_t largest_digits = 100000;

// Whole numbers for products: places of nine digits, the lowest first.
constexpr uint64_t place_value = 1000000000;
constexpr size_t place_digits = 9;
using Places = std::vector<uint32_t>;

Places places_of(std::string_view digits) {
  Places places;
  places.reserve(digits.size() / place_digits + 1);
  for (size_t end = digits.size(); end > 0;) {
    const size_t start = end > place_digits ? end - place_digits : 0;
    uint32_t place = 0;
    for (size_t at = start; at < end; ++at) place = place * 10 + static_cast<uint32_t>(digits[at] - '0');
    places.push_back(place);
    end = start;
  }
  return places;
}

std::string digits_of(const Places& places) {
  std::string digits(places.size() * place_digits, '0');
  for (size_t number = 0; number < places.size(); ++number) {
    uint32_t rest = places[number];
    for (size_t at = digits.size() - number * place_digits; rest > 0; rest /= 10) {
      digits[--at] = static_cast<char>('0' + rest % 10);
    }
  }
  return digits;
}

void multiply(Places& places, uint32_t factor) {
  uint64_t carry = 0;
  for (uint32_t& place : places) {
    carry += uint64_t{place} * factor;
    place = static_cast<uint32_t>(carry % place_value);
    carry /= place_value;
  }
  if (carry > 0) places.push_back(static_cast<uint32_t>(carry));
}

// The whole number `digits` divided by ten to the `fraction`; no digits: zero.
struct Decimal {
  std::string digits;
  int64_t fraction = 0;
  bool is_negative = false;

  int64_t size() const { return static_cast<int64_t>(digits.size()); }
  void drop_zeros_in_front() {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) is_negative = false;
  }
  // With so many digits behind the point, not fewer than it has.
  void widen(int64_t places) {
    if (!digits.empty()) digits.append(static_cast<size_t>(places - fraction), '0');
    fraction = places;
  }
  // To so many significant digits, halves away from zero; the places stay.
  void round(int64_t count) {
    if (count < 1 || count >= size()) return;
    const bool goes_up = digits[static_cast<size_t>(count)] >= '5';
    std::fill(digits.begin() + count, digits.end(), '0');
    if (!goes_up) return;
    for (auto at = static_cast<size_t>(count); at-- > 0;) {
      if (digits[at] != '9') {
        ++digits[at];
        return;
      }
      digits[at] = '0';
    }
    digits.insert(digits.begin(), '1');
  }
  // Plain notation.
  std::string text() const {
    std::string made(is_negative ? "-" : "");
    const int64_t missing = fraction + 1 - size();
    if (missing > 0) made.append(static_cast<size_t>(missing), '0');
    made += digits;
    if (fraction > 0) made.insert(made.size() - static_cast<size_t>(fraction), 1, '.');
    return made;
  }
  // One digit before the point, and an exponent; with a count so many digits, otherwise no zeros at the end.
  std::string scientific(int64_t count) const {
    const int64_t exponent = digits.empty() ? 0 : size() - 1 - fraction;
    std::string_view shown = digits.empty() ? std::string_view("0") : std::string_view(digits);
    if (count > 0 && !digits.empty()) {
      shown = shown.substr(0, static_cast<size_t>(std::min(count, size())));
    } else {
      while (shown.size() > 1 && shown.back() == '0') shown.remove_suffix(1);
    }
    std::string made(is_negative ? "-" : "+");
    made += shown[0];
    made += '.';
    made += shown.size() > 1 ? shown.substr(1) : "0";
    made += exponent < 0 ? "e-" : "e+";
    const std::string places = std::to_string(std::abs(exponent));
    if (places.size() < 2) made += '0';
    return made + places;
  }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int64_t read_exponent(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  int64_t exponent = 0;
  for (const char c : text) {
    if (!is_digit(c)) break;
    exponent = std::min(exponent * 10 + (c - '0'), largest_digits + 1);
  }
  return is_negative ? -exponent : exponent;
}

// The decimal that a text spells. Signs that are no part of a number are passed over, as SQLite does.
Status read_decimal(std::string_view text, Decimal& decimal) {
  text = until_nul(text);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  decimal.is_negative = text.starts_with('-');
  int64_t point = -1;
  int64_t exponent = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      decimal.digits += c;
    } else if (c == '.') {
      point = decimal.size();
    } else if (c == '-' && decimal.digits.empty()) {
      decimal.is_negative = true;
    } else if (c == 'e' || c == 'E') {
      exponent = read_exponent(text.substr(at + 1));
      break;
    }
  }
  if (decimal.size() + std::abs(exponent) > largest_digits) return Status(result::TOOBIG);
  decimal.fraction = point < 0 ? 0 : decimal.size() - point;
  if (exponent > 0) {
    const int64_t moved = std::min(exponent, decimal.fraction);
    decimal.fraction -= moved;
    decimal.digits.append(static_cast<size_t>(exponent - moved), '0');
  } else {
    decimal.fraction -= exponent;
  }
  decimal.drop_zeros_in_front();
  return ok_status;
}

// The whole expansion of a REAL: of a mantissa times two to an exponent, five to its opposite in the places behind the
// point. Nothing for infinity and what is no number.
std::optional<Decimal> exact(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  Decimal decimal;
  if (value == 0.0) return decimal;
  int exponent = 0;
  auto mantissa = static_cast<uint64_t>(std::ldexp(std::frexp(std::fabs(value), &exponent), 53));
  const int zeros = std::countr_zero(mantissa);
  mantissa >>= zeros;
  exponent += zeros - 53;
  Places places = places_of(std::to_string(mantissa));
  for (int times = 0; times < std::abs(exponent); ++times) multiply(places, exponent < 0 ? 5 : 2);
  decimal.digits = digits_of(places);
  decimal.fraction = exponent < 0 ? -exponent : 0;
  decimal.is_negative = value < 0;
  decimal.drop_zeros_in_front();
  return decimal;
}

// An argument of the arithmetic functions; nothing for NULL.
Status read_operand(const Value& value, std::optional<Decimal>& operand) {
  TextBuffer buffer;
  const Value text = to_text(value, buffer);
  if (!text.is_null()) KEELBACK_TRY(read_decimal(text.text(), operand.emplace()));
  return ok_status;
}

// An argument of decimal() and decimal_exp().
Status read_argument(const Value& value, std::optional<Decimal>& argument) {
  if (value.is_real()) {
    argument = exact(value.real());
  } else if (value.is_blob()) {
    if (value.size() != 8) return ok_status;
    uint64_t bits = 0;
    for (const uint8_t byte : value.blob()) bits = bits << 8 | byte;
    argument = exact(std::bit_cast<double>(bits));
  } else {
    return read_operand(value, argument);
  }
  return ok_status;
}

// Of digits of the same length: left plus or minus right, which is then not larger.
void add_digits(std::string& left, std::string_view right, bool is_minus) {
  int carry = 0;
  for (size_t at = left.size(); at-- > 0;) {
    int sum = (left[at] - '0') + (is_minus ? -(right[at] - '0') : right[at] - '0') + carry;
    carry = sum < 0 ? -1 : sum > 9 ? 1 : 0;
    sum -= carry * 10;
    left[at] = static_cast<char>('0' + sum);
  }
  if (carry > 0) left.insert(left.begin(), '1');
}

// left += right, or left -= right.
void accumulate(Decimal& left, Decimal right, bool is_minus) {
  if (is_minus) right.is_negative = !right.is_negative;
  const int64_t fraction = std::max(left.fraction, right.fraction);
  left.widen(fraction);
  right.widen(fraction);
  const size_t width = std::max(left.digits.size(), right.digits.size());
  left.digits.insert(0, width - left.digits.size(), '0');
  right.digits.insert(0, width - right.digits.size(), '0');
  if (left.is_negative == right.is_negative) {
    add_digits(left.digits, right.digits, false);
  } else {
    if (left.digits < right.digits) std::swap(left, right);
    add_digits(left.digits, right.digits, true);
  }
  left.drop_zeros_in_front();
}

Status multiply(Host& host, const Decimal& left, const Decimal& right, Decimal& product) {
  const Places factors = places_of(left.digits);
  const Places others = places_of(right.digits);
  Places places(factors.size() + others.size());
  InterruptWatch watch(host);
  for (size_t low = 0; low < factors.size(); ++low) {
    KEELBACK_TRY(watch.work(others.size() * sizeof(uint64_t)));
    uint64_t carry = 0;
    for (size_t at = 0; at < others.size() || carry > 0; ++at) {
      carry += places[low + at] + (at < others.size() ? uint64_t{factors[low]} * others[at] : 0);
      places[low + at] = static_cast<uint32_t>(carry % place_value);
      carry /= place_value;
    }
  }
  product.digits = digits_of(places);
  product.fraction = left.fraction + right.fraction;
  product.is_negative = left.is_negative != right.is_negative;
  product.drop_zeros_in_front();
  const int64_t least = std::min(left.fraction, right.fraction);
  if (product.digits.empty()) product.fraction = least;
  while (product.fraction > least && product.digits.back() == '0') {
    product.digits.pop_back();
    --product.fraction;
  }
  return ok_status;
}

template <bool is_scientific>
Status written(const FunctionContext& context, Arguments arguments) {
  std::optional<Decimal> decimal;
  KEELBACK_TRY(read_argument(arguments[0], decimal));
  if (!decimal) return give_null(context);
  const int64_t count = arguments.size() > 1 ? to_integer(arguments[1]) : 0;
  decimal->round(count);
  return give_text(context, is_scientific ? decimal->scientific(count) : decimal->text());
}

enum class Operation { add, subtract, multiply, compare };

template <Operation operation>
Status calculated(const FunctionContext& context, Arguments arguments) {
  std::optional<Decimal> left;
  std::optional<Decimal> right;
  KEELBACK_TRY(read_operand(arguments[0], left));
  KEELBACK_TRY(read_operand(arguments[1], right));
  if (!left || !right) return give_null(context);
  if constexpr (operation == Operation::multiply) {
    Decimal product;
    KEELBACK_TRY(multiply(context.host, *left, *right, product));
    return give_text(context, product.text());
  }
  accumulate(*left, std::move(*right), operation != Operation::add);
  if constexpr (operation == Operation::compare) {
    return give_integer(context, left->digits.empty() ? 0 : left->is_negative ? -1 : 1);
  }
  return give_text(context, left->text());
}

// decimal_sum(x): the exact sum; '0' if all are NULL, NULL without rows.
class DecimalSum final : public Aggregate {
 public:
  void reset(const Collation&) override {
    total_ = Decimal();
    has_rows_ = false;
  }
  Status step(Arguments arguments) override {
    has_rows_ = true;
    return add(arguments[0], false);
  }
  Status inverse(Arguments arguments) override { return add(arguments[0], true); }
  Status final(Host&, Register& result) override {
    if (has_rows_) {
      result.adopt(total_.text(), Type::text);
    } else {
      result.set_null();
    }
    return ok_status;
  }

 private:
  Status add(const Value& value, bool is_minus) {
    std::optional<Decimal> operand;
    KEELBACK_TRY(read_operand(value, operand));
    if (!operand) return ok_status;
    accumulate(total_, std::move(*operand), is_minus);
    held_bytes = total_.digits.size();
    return ok_status;
  }

  Decimal total_;
  bool has_rows_ = false;
};

std::unique_ptr<Aggregate> make_sum() { return std::make_unique<DecimalSum>(); }

constexpr ScalarEntry table[] = {
    {"decimal", 1, written<false>},
    {"decimal", 2, written<false>},
    {"decimal_exp", 1, written<true>},
    {"decimal_exp", 2, written<true>},
    {"decimal_add", 2, calculated<Operation::add>},
    {"decimal_sub", 2, calculated<Operation::subtract>},
    {"decimal_mul", 2, calculated<Operation::multiply>},
    {"decimal_cmp", 2, calculated<Operation::compare>},
};
constexpr AggregateEntry aggregate_table[] = {{"decimal_sum", 1, make_sum}};

}  // namespace

std::span<const ScalarEntry> decimal_scalars() { return table; }
std::span<const AggregateEntry> decimal_aggregates() { return aggregate_table; }

}  // namespace keelback::vm::functions
