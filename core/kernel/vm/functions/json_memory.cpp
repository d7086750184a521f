#include "json_memory.hpp"

#include "json_plain.hpp"
#include "json_print.hpp"
#include "json_text.hpp"

namespace keelback::vm::json {

namespace {

// Texts of one table are alike in their first bytes, and often in their last ones.
bool is_same(std::string_view one, std::string_view other) noexcept {
  if (one.size() != other.size()) return false;
  const size_t middle = one.size() / 2;
  return one.empty() || (one[middle] == other[middle] && one == other);
}

}  // namespace

Status JsonMemory::parse(std::string_view text, std::string_view& data, InterruptSource& source) {
  for (size_t back = 0; back < entries_.size(); ++back) {
    const size_t place = (newest_ + entries_.size() - back) % entries_.size();
    if (!entries_[place].data.empty() && is_same(entries_[place].text, text)) {
      data = entries_[place].data;
      last_ = place;
      return ok_status;
    }
  }
  // What is long goes as soon as another text comes, but for the one that this same call may still look at.
  for (size_t place = 0; place < entries_.size(); ++place) {
    if (place != last_ && entries_[place].text.size() > most_kept_bytes) entries_[place] = Entry();
  }
  // One that was found and not parsed may be the oldest.
  if (oldest_ == last_) oldest_ = (oldest_ + 1) % entries_.size();
  Entry& entry = entries_[oldest_];
  entry.data.clear();
  entry.text.assign(text);
  entry.is_nonstandard = false;
  char room[plain_binary_room];
  if (const size_t size = parse_plain(entry.text.c_str(), entry.text.size(), room); size > 0) {
    entry.data.assign(room, size);
  } else {
    JsonParser parser(entry.text.c_str(), &source);
    const bool is_sound = parser.parse(entry.data);
    if (parser.is_interrupted() || !is_sound) {
      entry.data.clear();
      return parser.is_interrupted() ? Status(result::INTERRUPT) : malformed();
    }
    entry.is_nonstandard = parser.is_nonstandard();
  }
  newest_ = oldest_;
  last_ = oldest_;
  oldest_ = (oldest_ + 1) % entries_.size();
  data = entry.data;
  return ok_status;
}

JsonMemory& memory_of(Host& host) {
  if (!host.json_memory) host.json_memory = std::make_unique<JsonMemory>();
  return static_cast<JsonMemory&>(*host.json_memory);
}

}  // namespace keelback::vm::json
