#include "read_ahead.hpp"

#include <algorithm>
#include <cstring>

namespace keelback::storage {

void ReadAhead::forget() noexcept {
  if (time_ == 0) return;
  streams_ = {};
  time_ = 0;
}

Status ReadAhead::fill(Stream& stream, VfsFile& file, uint32_t number, uint32_t last, uint32_t page_size) {
  stream.count = 0;
  const uint32_t wanted = std::min<uint32_t>(static_cast<uint32_t>(most_bytes / page_size), last - number + 1);
  if (wanted < 2) return ok_status;
  stream.bytes.resize(most_bytes);
  size_t got = 0;
  const Status status =
      file.read_at(stream.bytes.data(), size_t{wanted} * page_size, static_cast<uint64_t>(number - 1) * page_size, got);
  if (!status.is_ok()) return ok_status;
  stream.first = number;
  stream.count = static_cast<uint32_t>(got / page_size);
  return ok_status;
}

Status ReadAhead::read(VfsFile& file, uint32_t number, uint32_t last, uint32_t page_size, uint8_t* data,
                       size_t& count) {
  Stream* found = nullptr;
  for (Stream& stream : streams_) {
    if (number - stream.first < stream.count) {
      found = &stream;
      break;
    }
    if (stream.steps && number - stream.next < widest_gap) found = &stream;
  }
  ++time_;
  if (!found) {
    // The one that was of no use for the longest time is given up.
    found = &*std::min_element(streams_.begin(), streams_.end(),
                               [](const Stream& one, const Stream& other) { return one.used_at < other.used_at; });
    found->steps = 0;
    found->count = 0;
  }
  found->used_at = time_;
  found->step(number);
  if (number - found->first >= found->count && found->steps > fewest_steps) {
    KEELBACK_TRY(fill(*found, file, number, last, page_size));
  }
  if (number - found->first < found->count) {
    std::memcpy(data, found->bytes.data() + size_t{number - found->first} * page_size, page_size);
    count = page_size;
    return ok_status;
  }
  return file.read_at(data, page_size, static_cast<uint64_t>(number - 1) * page_size, count);
}

}  // namespace keelback::storage
