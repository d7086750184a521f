// median, percentile, percentile_cont, percentile_disc; variance and standard deviation.
//
// 1. The percentiles are SQLite's own, messages included.
// 2. The others are extensions: of a sample (divided by n - 1, NULL for fewer than two values) or of a population.
// 3. The values are kept until the end, so that results do not depend on their order and windows can move; sums are
//    exact and rounded once.
//
// Twin: keelback_core/reference/vm/functions/aggregate_statistics.py.
#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "../../value/cast.hpp"
#include "../../value/numeric_text.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// Two fractions that differ by no more are the same.
constexpr double same_fraction = 0.001;

// So many comparisons of a sort lie between two looks for an interrupt.
constexpr size_t comparisons_between = size_t{1} << 16;

// What one of the percentile functions is called in its messages, and how its fraction counts.
struct PercentileKind {
  double largest_fraction;
  bool is_discrete;
  const char* fraction_is_beyond;
  const char* fraction_changes;
  const char* is_not_numeric;
  const char* is_infinite;
};
#define KEELBACK_PERCENTILE(name, largest, text, is_discrete)                              \
  PercentileKind{largest,                                                                  \
                 is_discrete,                                                              \
                 "the fraction argument to " name "() is not between 0.0 and " text,       \
                 "the fraction argument to " name "() is not the same for all input rows", \
                 "input to " name "() is not numeric",                                     \
                 "Inf input to " name "()"}
constexpr PercentileKind median = KEELBACK_PERCENTILE("median", 1.0, "1.0", false);
constexpr PercentileKind percentile = KEELBACK_PERCENTILE("percentile", 100.0, "100.0", false);
constexpr PercentileKind percentile_cont = KEELBACK_PERCENTILE("percentile_cont", 1.0, "1.0", false);
constexpr PercentileKind percentile_disc = KEELBACK_PERCENTILE("percentile_disc", 1.0, "1.0", true);
#undef KEELBACK_PERCENTILE

// The value below which a fraction of the values lies: interpolated, or the value itself.
template <const PercentileKind& kind>
class Percentile final : public Aggregate {
 public:
  void reset(const Collation&) override {
    values_.clear();
    sorted_ = 0;
    has_fraction_ = false;
  }
  Status step(Arguments arguments) override {
    double fraction = 0.5;
    if (arguments.size() > 1) KEELBACK_TRY(read_fraction(arguments[1], fraction));
    if (!has_fraction_) {
      fraction_ = fraction;
      has_fraction_ = true;
    } else if (std::fabs(fraction_ - fraction) > same_fraction) {
      return Status(result::ERROR, kind.fraction_changes);
    }
    const Value& value = arguments[0];
    if (value.is_null()) return ok_status;
    if (!value.is_number()) return Status(result::ERROR, kind.is_not_numeric);
    if (value.is_real() && std::isinf(value.real())) return Status(result::ERROR, kind.is_infinite);
    values_.push_back(value.number());
    held_bytes += sizeof(double);
    return ok_status;
  }
  Status inverse(Arguments arguments) override {
    if (arguments[0].is_null()) return ok_status;
    sort([](double left, double right) { return left < right; });
    const double value = to_real(arguments[0]);
    const auto found = std::lower_bound(values_.begin(), values_.end(), value);
    if (found != values_.end() && *found == value) values_.erase(found);
    sorted_ = values_.size();
    return ok_status;
  }
  Status final(Host& host, Register& result) override {
    if (values_.empty()) {
      result.set_null();
      return ok_status;
    }
    // Once the work is to end all that is left compares equal, which ends the sort soon.
    size_t compared = 0;
    bool is_over = false;
    sort([&](double left, double right) {
      if (++compared % comparisons_between == 0 && host.must_stop()) is_over = true;
      return !is_over && left < right;
    });
    if (is_over) return Status(result::INTERRUPT);
    const double place = fraction_ * static_cast<double>(values_.size() - 1);
    const auto lower = static_cast<size_t>(place);
    double found = values_[lower];
    if (!kind.is_discrete) {
      const bool is_between = static_cast<double>(lower) != place && lower != values_.size() - 1;
      // Adding 0.0 makes -0.0 positive.
      found += is_between ? (values_[lower + 1] - found) * (place - static_cast<double>(lower)) : 0.0;
    }
    result.set_plain(Value::of_real(found));
    return ok_status;
  }

 private:
  // The fraction, from 0 to 1.
  static Status read_fraction(const Value& value, double& fraction) {
    const Value number = value.is_text() ? text_to_number(value.text()) : value;
    const double given = number.is_number() ? number.number() : -1.0;
    if (!(given >= 0.0 && given <= kind.largest_fraction)) return Status(result::ERROR, kind.fraction_is_beyond);
    fraction = given / kind.largest_fraction;
    return ok_status;
  }
  // Those that came since the last time are sorted and merged in, so that a moving frame costs little.
  template <typename IsLess>
  void sort(const IsLess& is_less) {
    if (sorted_ == values_.size()) return;
    const auto middle = values_.begin() + static_cast<ptrdiff_t>(sorted_);
    std::stable_sort(middle, values_.end(), is_less);
    std::inplace_merge(values_.begin(), middle, values_.end(), is_less);
    sorted_ = values_.size();
  }

  std::vector<double> values_;  // the first `sorted_` of them are sorted
  size_t sorted_ = 0;
  bool has_fraction_ = false;
  double fraction_ = 0.5;
};

// An exact sum of finite numbers: parts that do not overlap, the smallest first.
class ExactSum {
 public:
  void add(double value) {
    size_t kept = 0;
    for (double part : parts_) {
      if (std::fabs(value) < std::fabs(part)) std::swap(value, part);
      const double high = value + part;
      const double low = part - (high - value);
      if (low != 0.0) parts_[kept++] = low;
      value = high;
    }
    parts_.resize(kept);
    if (!std::isfinite(value)) overflows_ = true;
    parts_.push_back(value);
  }
  bool overflows() const { return overflows_; }
  // The sum, rounded once, halves to even.
  double rounded() const {
    if (parts_.empty()) return 0.0;
    size_t left = parts_.size();
    double high = parts_[--left];
    double low = 0.0;
    while (left > 0) {
      const double before = high;
      const double part = parts_[--left];
      high = before + part;
      low = part - (high - before);
      if (low != 0.0) break;
    }
    // Half a unit in the last place, and more of the same sign behind it: away from even.
    if (left > 0 && ((low < 0.0 && parts_[left - 1] < 0.0) || (low > 0.0 && parts_[left - 1] > 0.0))) {
      const double twice = low * 2.0;
      const double moved = high + twice;
      if (twice == moved - high) high = moved;
    }
    return high;
  }

 private:
  std::vector<double> parts_;
  bool overflows_ = false;
};

// The variance, or its root, of a sample or of a population.
template <bool is_sample, bool is_root>
class Spread final : public Aggregate {
 public:
  void reset(const Collation&) override { values_.clear(); }
  Status step(Arguments arguments) override {
    if (arguments[0].is_null()) return ok_status;
    values_.push_back(to_real(arguments[0]));
    held_bytes += sizeof(double);
    return ok_status;
  }
  Status inverse(Arguments arguments) override {
    if (!arguments[0].is_null() && !values_.empty()) values_.pop_front();
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    result.set_null();
    const size_t divisor = values_.size() - (is_sample && !values_.empty() ? 1 : 0);
    if (divisor < 1) return ok_status;
    ExactSum sum;
    for (const double value : values_) {
      if (std::isinf(value)) return ok_status;
      sum.add(value);
    }
    ExactSum squares;
    if (!sum.overflows()) {
      const double mean = sum.rounded() / static_cast<double>(values_.size());
      for (const double value : values_) {
        const double square = (value - mean) * (value - mean);
        if (!std::isfinite(square)) {
          result.set_plain(Value::of_real(HUGE_VAL));
          return ok_status;
        }
        squares.add(square);
      }
    }
    if (sum.overflows() || squares.overflows()) {
      result.set_plain(Value::of_real(HUGE_VAL));
      return ok_status;
    }
    const double variance = squares.rounded() / static_cast<double>(divisor);
    result.set_plain(Value::of_real(is_root ? std::sqrt(variance) : variance));
    return ok_status;
  }

 private:
  std::deque<double> values_;
};

template <typename State>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<State>();
}

constexpr AggregateEntry table[] = {
    {"median", 1, make<Percentile<median>>},
    {"percentile", 2, make<Percentile<percentile>>},
    {"percentile_cont", 2, make<Percentile<percentile_cont>>},
    {"percentile_disc", 2, make<Percentile<percentile_disc>>},
    {"stddev", 1, make<Spread<true, true>>},
    {"stddev_samp", 1, make<Spread<true, true>>},
    {"stddev_pop", 1, make<Spread<false, true>>},
    {"variance", 1, make<Spread<true, false>>},
    {"var_samp", 1, make<Spread<true, false>>},
    {"var_pop", 1, make<Spread<false, false>>},
};

}  // namespace

std::span<const AggregateEntry> statistics_aggregates() { return table; }

}  // namespace keelback::vm::functions
