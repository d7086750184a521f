// JsonMemory: the last texts that were parsed as JSON, with their JSONB; of one connection, in its host.
//
// 1. Four are kept, the oldest goes first, but never the one that was asked for last: one call parses two at most, so
//    that views of the results of one call stay good all through it.
// 2. A long text is not kept behind the next one: memory stays bounded.
//
// Must not know what is asked of the JSON. Twin: none; the reference parses each time.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_MEMORY_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_MEMORY_HPP

#include <array>
#include <string>
#include <string_view>

#include "../host.hpp"

namespace keelback::vm::json {

class JsonMemory final : public RegisterObject {
 public:
  // JSONB of the text; "malformed JSON".
  Status parse(std::string_view text, std::string_view& data, InterruptSource& source);
  // Whether the text that was parsed last needs JSON5.
  bool is_nonstandard() const noexcept { return entries_[last_].is_nonstandard; }

 private:
  struct Entry {
    std::string text;
    std::string data;  // empty: nothing is kept here
    bool is_nonstandard = false;
  };
  static constexpr size_t most_kept_bytes = size_t{1} << 20;

  std::array<Entry, 4> entries_;
  size_t oldest_ = 0;
  size_t newest_ = 0;
  size_t last_ = 0;  // the one that was asked for last, which the same call may still look at
};

JsonMemory& memory_of(Host& host);

}  // namespace keelback::vm::json

#endif
