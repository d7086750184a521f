// count, sum, total, avg. Sums are exact integers while they can be, then reals with the lost part kept aside.
//
// Twin: keelback_core/reference/vm/functions/aggregate_numbers.py.
#include <cmath>
#include <limits>

#include "../../value/affinity.hpp"
#include "../../value/cast.hpp"
#include "../../value/numeric_text.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

class Count final : public Aggregate {
 public:
  void reset(const Collation&) override { count_ = 0; }
  Status step(Arguments arguments) override {
    if (arguments.empty() || !arguments[0].is_null()) ++count_;
    return ok_status;
  }
  Status step_rows(const Value* first, size_t stride, std::span<const uint16_t> rows) override {
    for (const uint16_t row : rows) count_ += !first[row * stride].is_null();
    return ok_status;
  }
  Status inverse(Arguments arguments) override {
    if (arguments.empty() || !arguments[0].is_null()) --count_;
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    result.set_integer(count_);
    return ok_status;
  }

 private:
  int64_t count_ = 0;
};

// From here on an integer is added in two parts, as it may be no double.
constexpr int64_t big_integer = 4503599627370496;
constexpr int64_t small_part = 16384;

class SumState : public Aggregate {
 public:
  void reset(const Collation&) override {
    count_ = 0;
    integer_sum_ = 0;
    is_approximate_ = false;
    has_overflowed_ = false;
    total_ = 0;
    error_ = 0;
  }

  Status step(Arguments arguments) override {
    Value value = arguments[0];
    if (value.is_null()) return ok_status;
    if (value.has_bytes()) {
      const Value number = value.is_text() ? text_to_number(value.text()) : Value();
      value = number.is_null() ? Value::of_real(to_real(value)) : number;
    }
    ++count_;
    if (value.is_integer()) {
      add_exactly(value.integer());
      return ok_status;
    }
    if (is_approximate_) {
      has_overflowed_ = false;
    } else {
      become_approximate();
    }
    add_real(value.real());
    return ok_status;
  }

  // Most columns have one type; whatever else is among the rows goes the long way.
  Status step_rows(const Value* first, size_t stride, std::span<const uint16_t> rows) override {
    for (const uint16_t row : rows) {
      const Value& value = first[row * stride];
      if (value.is_real() && is_approximate_) {
        has_overflowed_ = false;
        ++count_;
        add_real(value.real());
      } else if (!value.is_null()) {
        KEELBACK_TRY(SumState::step({&value, 1}));
      }
    }
    return ok_status;
  }

  Status inverse(Arguments arguments) override {
    const Value& value = arguments[0];
    if (value.is_null()) return ok_status;
    TextBuffer buffer;
    const Value number = apply_affinity(value, affinity::numeric, buffer);
    --count_;
    if (!number.is_integer()) {
      add_real(-to_real(value));
    } else if (is_approximate_) {
      if (number.integer() == std::numeric_limits<int64_t>::min()) {
        add_integer(std::numeric_limits<int64_t>::max());
        add_integer(1);
      } else {
        add_integer(-number.integer());
      }
    } else if (__builtin_sub_overflow(integer_sum_, number.integer(), &integer_sum_)) {
      has_overflowed_ = true;
      become_approximate();
    }
    return ok_status;
  }

 protected:
  double real_total() const {
    if (!is_approximate_) return static_cast<double>(integer_sum_);
    return std::isfinite(error_) ? total_ + error_ : total_;
  }

  int64_t count_ = 0;
  int64_t integer_sum_ = 0;
  bool is_approximate_ = false;
  bool has_overflowed_ = false;

 private:
  void add_exactly(int64_t value) {
    if (is_approximate_) {
      add_integer(value);
      return;
    }
    int64_t sum = 0;
    if (!__builtin_add_overflow(integer_sum_, value, &sum)) {
      integer_sum_ = sum;
      return;
    }
    has_overflowed_ = true;
    become_approximate();
    add_integer(value);
  }
  void add_real(double value) {
    const double sum = total_ + value;
    error_ += std::fabs(total_) > std::fabs(value) ? (total_ - sum) + value : (value - sum) + total_;
    total_ = sum;
  }
  void add_integer(int64_t value) {
    if (value > -big_integer && value < big_integer) {
      add_real(static_cast<double>(value));
      return;
    }
    const int64_t small = value % small_part;
    add_real(static_cast<double>(value - small));
    add_real(static_cast<double>(small));
  }
  void become_approximate() {
    is_approximate_ = true;
    const int64_t small = integer_sum_ > -big_integer && integer_sum_ < big_integer ? 0 : integer_sum_ % small_part;
    total_ = static_cast<double>(integer_sum_ - small);
    error_ = static_cast<double>(small);
  }

  double total_ = 0;
  double error_ = 0;
};

class Sum final : public SumState {
 public:
  Status final(Host&, Register& result) override {
    if (count_ <= 0) {
      result.set_null();
    } else if (!is_approximate_) {
      result.set_integer(integer_sum_);
    } else if (has_overflowed_) {
      return Status(keelback::result::ERROR, "integer overflow");
    } else {
      result.set_plain(Value::of_real(real_total()));
    }
    return ok_status;
  }
};

class Total final : public SumState {
 public:
  Status final(Host&, Register& result) override {
    result.set_plain(Value::of_real(real_total()));
    return ok_status;
  }
};

class Average final : public SumState {
 public:
  Status final(Host&, Register& result) override {
    result.set_plain(count_ <= 0 ? Value() : Value::of_real(real_total() / static_cast<double>(count_)));
    return ok_status;
  }
};

template <typename State>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<State>();
}

constexpr AggregateEntry table[] = {
    {"count", 0, make<Count>}, {"count", 1, make<Count>}, {"sum", 1, make<Sum>},
    {"total", 1, make<Total>}, {"avg", 1, make<Average>},
};

}  // namespace

std::span<const AggregateEntry> number_aggregates() { return table; }

}  // namespace keelback::vm::functions
