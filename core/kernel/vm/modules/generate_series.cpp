// generate_series(start, stop, step): the integers from start to stop in steps of step.
//
// 1. Rows are numbered, and the number of the last one is computed first, in 128 bits: no sum leaves its range.
// 2. The numbers and letters of a plan are those of the twin, which makes the plans.
//
// Twin: keelback_core/reference/vm/modules/generate_series.py.
#include <cmath>

#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::modules {

namespace {

__extension__ using Wide = __int128;

constexpr int64_t has_start = 1;
constexpr int64_t is_descending = 8;
constexpr int64_t is_ascending = 16;
constexpr int64_t default_stop = 0xFFFFFFFF;
// Operators of constraints, as IndexQuery has them.
constexpr int equal = 2;
constexpr int greater = 4;
constexpr int less_equal = 8;
constexpr int greater_equal = 32;
constexpr int is = 72;

Wide divide_down(Wide left, Wide right) {
  const Wide quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

struct Range {
  Wide low;
  Wide high;

  // Narrow to the integers that also meet a comparison, which is tested again.
  void meet(int operation, const Value& value) {
    if (!value.is_number()) return;
    Wide below = 0;
    Wide above = 0;
    if (value.is_integer()) {
      below = above = value.integer();
    } else {
      const double bounded = std::fmax(-0x1p65, std::fmin(value.real(), 0x1p65));
      below = static_cast<Wide>(std::floor(bounded));
      above = static_cast<Wide>(std::ceil(bounded));
    }
    if (operation == equal || operation == is) {
      low = std::max(low, above);
      high = std::min(high, below);
    } else if (operation == greater_equal) {
      low = std::max(low, above);
    } else if (operation == greater) {
      low = std::max(low, below + 1);
    } else if (operation == less_equal) {
      high = std::min(high, below);
    } else {
      high = std::min(high, above - 1);
    }
  }
};

class SeriesRows final : public VirtualRows {
 public:
  Status filter(int64_t number, const std::string* text, std::span<const Value> arguments, int64_t,
                bool& has_row) override {
    position_ = 0;
    count_ = 0;
    has_row = false;
    is_given_ = true;
    given_[0] = 0;
    given_[1] = default_stop;
    given_[2] = 1;
    size_t place = 0;
    for (int column = 0; column < 3; ++column) {
      if (!(number & has_start << column) || place >= arguments.size()) continue;
      given_[column] = to_integer(arguments[place++]);
    }
    for (const Value& argument : arguments) {
      if (argument.is_null()) is_given_ = false;
    }
    if (!is_given_) return ok_status;
    if (given_[2] == 0) given_[2] = 1;
    const bool is_up = given_[2] > 0;
    Range range{is_up ? given_[0] : given_[1], is_up ? given_[1] : given_[0]};
    for (size_t bound = 0; text && bound < text->size() && place < arguments.size(); ++bound) {
      range.meet(static_cast<unsigned char>((*text)[bound]) - '0', arguments[place++]);
    }
    begin(given_[0], given_[2], range);
    if (count_ > 0 && ((number & is_descending && is_up) || (number & is_ascending && !is_up))) {
      first_ += (count_ - 1) * step_;
      step_ = -step_;
    }
    has_row = count_ > 0;
    return ok_status;
  }

  Status next(bool& has_row) override {
    has_row = ++position_ < count_;
    return ok_status;
  }

  Status column(int number, OwnedValue& value, bool& is_json) override {
    is_json = false;
    if (number == 0) {
      value.assign(Value::of_integer(here()));
    } else if (is_given_ && number >= 1 && number <= 3) {
      value.assign(Value::of_integer(given_[number - 1]));
    } else {
      value.assign(Value());
    }
    return ok_status;
  }

  Status rowid(int64_t& rowid) override {
    rowid = here();
    return ok_status;
  }

 private:
  int64_t here() const { return static_cast<int64_t>(first_ + position_ * step_); }

  // The members of start, start + step, ... in the range.
  void begin(Wide start, Wide step, const Range& range) {
    if (range.low > range.high) return;
    if (step > 0) {
      const Wide skipped = range.low > start ? -divide_down(start - range.low, step) : 0;
      first_ = start + skipped * step;
      if (first_ <= range.high) count_ = (range.high - first_) / step + 1;
    } else {
      const Wide size = -step;
      const Wide skipped = range.high < start ? -divide_down(range.high - start, size) : 0;
      first_ = start - skipped * size;
      if (first_ >= range.low) count_ = (first_ - range.low) / size + 1;
    }
    step_ = step;
  }

  Wide first_ = 0;
  Wide step_ = 1;
  Wide count_ = 0;
  Wide position_ = 0;
  int64_t given_[3] = {0, default_stop, 1};
  bool is_given_ = false;
};

}  // namespace

std::unique_ptr<VirtualRows> open_generate_series() { return std::make_unique<SeriesRows>(); }

}  // namespace keelback::vm::modules
