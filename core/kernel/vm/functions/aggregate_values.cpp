// min, max, group_concat over rows. Twin: keelback_core/reference/vm/functions/aggregate_values.py.
#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// The best value that is not NULL; of equal ones the first.
template <int wanted_order>
class Extreme final : public Aggregate {
 public:
  void reset(const Collation &collation) override {
    collation_ = collation;
    best_.assign(Value());
  }
  Status step(Arguments arguments) override {
    const Value &value = arguments[0];
    if (value.is_null()) return ok_status;
    if (best_.value().is_null() || compare_values(value, best_.value(), collation_) == wanted_order) {
      best_.assign(value);
    }
    return ok_status;
  }
  Status final(Host &, Register &result) override {
    result.set(best_.value());
    return ok_status;
  }

 private:
  Collation collation_;
  OwnedValue best_;
};

// The texts that are not NULL, each but the first after its row's separator.
class GroupConcat final : public Aggregate {
 public:
  void reset(const Collation &) override {
    joined_.clear();
    has_any_ = false;
  }
  Status step(Arguments arguments) override {
    if (arguments[0].is_null()) return ok_status;
    TextBuffer buffer;
    if (has_any_) {
      const Value separator = arguments.size() == 1 ? Value::of_text(",") : to_text(arguments[1], buffer);
      if (!separator.is_null()) joined_.append(separator.text());
    }
    joined_.append(to_text(arguments[0], buffer).text());
    has_any_ = true;
    // The limit of the connection is looked at when the register takes the result; this one keeps memory bounded.
    return joined_.size() > most_bytes ? Status(result::TOOBIG) : ok_status;
  }
  Status final(Host &host, Register &result) override {
    if (joined_.size() > host.limit_length) return Status(keelback::result::TOOBIG);
    result.set(has_any_ ? Value::of_text(joined_) : Value());
    return ok_status;
  }

 private:
  static constexpr size_t most_bytes = 1'000'000'000;
  std::string joined_;
  bool has_any_ = false;
};

template <typename State>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<State>();
}

constexpr AggregateEntry table[] = {
    {"min", 1, make<Extreme<-1>>},          {"max", 1, make<Extreme<1>>},      {"group_concat", 1, make<GroupConcat>},
    {"group_concat", 2, make<GroupConcat>}, {"string_agg", 2, make<GroupConcat>},
};

}  // namespace

std::span<const AggregateEntry> value_aggregates() { return table; }

}  // namespace keelback::vm::functions
