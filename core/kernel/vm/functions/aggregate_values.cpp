// min, max, group_concat over rows. Twin: keelback_core/reference/vm/functions/aggregate_values.py.
#include <cmath>
#include <deque>

#include "../../value/affinity.hpp"
#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// The best value that is not NULL; of equal ones the first.
template <int wanted_order>
class Extreme final : public Aggregate {
 public:
  void reset(const Collation& collation) override {
    collation_ = collation;
    best_.assign(Value());
    is_json_ = false;
  }
  Status step(Arguments arguments) override {
    const Value& value = arguments[0];
    if (value.is_null()) return ok_status;
    if (best_.value().is_null() || compare_values(value, best_.value(), collation_) == wanted_order) {
      best_.assign(value);
      if (value.has_bytes()) held_bytes = value.size();
      is_json_ = json_arguments & 1;
    }
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    result.set(best_.value());
    if (is_json_) result.mark_json();
    return ok_status;
  }

 private:
  Collation collation_;
  OwnedValue best_;
  bool is_json_ = false;
};

// The best value of a frame that rows also leave, oldest first; of equal ones the last. `candidates_` holds those
// values that no later one beats or equals, each better than the next, with their numbers.
template <int wanted_order>
class FrameExtreme final : public Aggregate {
 public:
  void reset(const Collation& collation) override {
    collation_ = collation;
    candidates_.clear();
    oldest_ = 0;
    newest_ = 0;
  }
  Status step(Arguments arguments) override {
    const Value& value = arguments[0];
    if (value.is_null()) return ok_status;
    while (!candidates_.empty() &&
           compare_values(candidates_.back().value.value(), value, collation_) != wanted_order) {
      candidates_.pop_back();
    }
    candidates_.emplace_back();
    candidates_.back().number = newest_++;
    candidates_.back().value.assign(value);
    candidates_.back().is_json = json_arguments & 1;
    return ok_status;
  }
  Status inverse(Arguments arguments) override {
    if (arguments[0].is_null()) return ok_status;
    if (!candidates_.empty() && candidates_.front().number == oldest_) candidates_.pop_front();
    ++oldest_;
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    result.set(candidates_.empty() ? Value() : candidates_.front().value.value());
    if (!candidates_.empty() && candidates_.front().is_json) result.mark_json();
    return ok_status;
  }

 private:
  struct Candidate {
    int64_t number = 0;
    OwnedValue value;
    bool is_json = false;
  };
  Collation collation_;
  std::deque<Candidate> candidates_;
  int64_t oldest_ = 0;
  int64_t newest_ = 0;
};

// The texts that are not NULL, each but the first after its row's separator.
class GroupConcat final : public Aggregate {
 public:
  void reset(const Collation&) override {
    joined_.clear();
    sizes_.clear();
    start_ = 0;
  }
  Status step(Arguments arguments) override {
    if (arguments[0].is_null()) return ok_status;
    TextBuffer buffer;
    size_t separator_size = 0;
    if (!sizes_.empty()) {
      const Value separator = arguments.size() == 1 ? Value::of_text(",") : to_text(arguments[1], buffer);
      if (!separator.is_null()) joined_.append(separator.text());
      separator_size = separator.is_null() ? 0 : separator.size();
    }
    const Value text = to_text(arguments[0], buffer);
    joined_.append(text.text());
    sizes_.push_back({separator_size, text.size()});
    held_bytes = joined_.size() + sizes_.size() * sizeof(Sizes);
    // The limit of the connection is looked at when the register takes the result; this one keeps memory bounded.
    return joined_.size() > most_bytes ? Status(result::TOOBIG) : ok_status;
  }
  Status inverse(Arguments arguments) override {
    if (arguments[0].is_null() || sizes_.empty()) return ok_status;
    start_ += sizes_.front().text;
    sizes_.pop_front();
    if (!sizes_.empty()) {
      start_ += sizes_.front().separator;
      sizes_.front().separator = 0;
    }
    if (start_ > joined_.size() / 2) {
      joined_.erase(0, start_);
      start_ = 0;
    }
    return ok_status;
  }
  Status final(Host& host, Register& result) override {
    const std::string_view text = std::string_view(joined_).substr(start_);
    if (text.size() > host.limit_length) return Status(keelback::result::TOOBIG);
    result.set(sizes_.empty() ? Value() : Value::of_text(text));
    return ok_status;
  }

 private:
  static constexpr size_t most_bytes = 1'000'000'000;
  struct Sizes {
    size_t separator;  // in front of the text
    size_t text;
  };
  std::string joined_;
  size_t start_ = 0;
  std::deque<Sizes> sizes_;
};

// first_value(x), last_value(x) and nth_value(x, n) over the rows of a frame, for frames with EXCLUDE; without one the
// compiler reads the row itself. Twin: keelback_core/reference/vm/frame_values.py.
enum class Wanted { first, last, numbered };

template <Wanted wanted>
class FrameValue final : public Aggregate {
 public:
  void reset(const Collation&) override {
    count_ = 0;
    result_.assign(Value());
  }
  Status step(Arguments arguments) override {
    ++count_;
    if (wanted == Wanted::numbered) {
      TextBuffer buffer;
      const Value number = apply_affinity(arguments[1], affinity::numeric, buffer);
      const double real = number.is_number() ? number.number() : 0.0;
      if (!(real > 0) || real != std::floor(real)) {
        return Status(result::ERROR, "second argument to nth_value must be a positive integer");
      }
      if (static_cast<double>(count_) == real) result_.assign(arguments[0]);
    } else if (wanted == Wanted::last || count_ == 1) {
      result_.assign(arguments[0]);
    }
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    result.set(result_.value());
    return ok_status;
  }

 private:
  int64_t count_ = 0;
  OwnedValue result_;
};

template <typename State>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<State>();
}

constexpr AggregateEntry table[] = {
    {"min", 1, make<Extreme<-1>>},
    {"max", 1, make<Extreme<1>>},
    {"min of a frame", 1, make<FrameExtreme<-1>>},
    {"max of a frame", 1, make<FrameExtreme<1>>},
    {"group_concat", 1, make<GroupConcat>},
    {"group_concat", 2, make<GroupConcat>},
    {"string_agg", 2, make<GroupConcat>},
    {"first_value", 1, make<FrameValue<Wanted::first>>},
    {"last_value", 1, make<FrameValue<Wanted::last>>},
    {"nth_value", 2, make<FrameValue<Wanted::numbered>>},
};

}  // namespace

std::span<const AggregateEntry> value_aggregates() { return table; }

}  // namespace keelback::vm::functions
