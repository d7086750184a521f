// json_group_array, json_group_object and their jsonb_ twins.
//
// Twin: keelback_core/reference/vm/functions/json_aggregates.py.
#include <deque>

#include "json_string.hpp"
#include "json_value.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// The elements so far, as JSON text with commas between; oldest first. `start_` is where those still in begin.
template <bool is_object, bool as_binary>
class JsonGroup final : public Aggregate {
 public:
  void reset(const Collation&) override {
    joined_.clear();
    sizes_.clear();
    start_ = 0;
  }
  Status step(Arguments arguments) override {
    constexpr size_t element = is_object ? 1 : 0;
    if (is_object && arguments[0].is_null()) return ok_status;
    if (!sizes_.empty()) joined_.push_back(',');
    const size_t before = joined_.size();
    if constexpr (is_object) {
      TextBuffer buffer;
      // As in SQLite a label ends at a NUL.
      json::append_quoted(joined_, until_nul(json::text_bytes(arguments[0], buffer)));
      joined_.push_back(':');
    }
    KEELBACK_TRY(json::append_json_of(arguments[element], json_arguments >> element & 1, joined_));
    sizes_.push_back(joined_.size() - before);
    held_bytes = joined_.size() + sizes_.size() * sizeof(size_t);
    return joined_.size() > most_bytes ? Status(result::TOOBIG) : ok_status;
  }
  Status inverse(Arguments arguments) override {
    if ((is_object && arguments[0].is_null()) || sizes_.empty()) return ok_status;
    start_ += sizes_.front() + (sizes_.size() > 1 ? 1 : 0);
    sizes_.pop_front();
    if (start_ > joined_.size() / 2) {
      joined_.erase(0, start_);
      start_ = 0;
    }
    return ok_status;
  }
  Status final(Host&, Register& result) override {
    std::string text(1, is_object ? '{' : '[');
    text.append(joined_, start_);
    text.push_back(is_object ? '}' : ']');
    if constexpr (as_binary) {
      std::string data;
      KEELBACK_TRY(json::parse_text(text, data));
      result.adopt(std::move(data), Type::blob);
    } else {
      result.adopt(std::move(text), Type::text);
      result.mark_json();
    }
    return ok_status;
  }

 private:
  static constexpr size_t most_bytes = 1'000'000'000;
  std::string joined_;
  size_t start_ = 0;
  std::deque<size_t> sizes_;
};

template <typename State>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<State>();
}

constexpr AggregateEntry table[] = {
    {"json_group_array", 1, make<JsonGroup<false, false>>},
    {"jsonb_group_array", 1, make<JsonGroup<false, true>>},
    {"json_group_object", 2, make<JsonGroup<true, false>>},
    {"jsonb_group_object", 2, make<JsonGroup<true, true>>},
};

}  // namespace

std::span<const AggregateEntry> json_aggregates() { return table; }

}  // namespace keelback::vm::functions
