#include "journal.hpp"

#include <cctype>
#include <cstring>

#include "../value/varint.hpp"
#include "header.hpp"
#include "locks.hpp"

namespace keelback::storage {

namespace {

constexpr uint8_t magic[8] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
constexpr uint32_t sector_bytes = 512;
constexpr uint32_t all_records = 0xFFFFFFFF;
constexpr size_t flush_at_bytes = size_t{1} << 18;
constexpr uint32_t longest_super_name = 4096;
constexpr size_t segment_head_bytes = 28;

uint64_t rounded_up(uint64_t offset, uint64_t step) noexcept { return (offset + step - 1) / step * step; }

bool is_power_of_two(uint32_t value, uint32_t least, uint32_t most) noexcept {
  return least <= value && value <= most && (value & (value - 1)) == 0;
}

Status cut_or_grow(VfsFile& database, uint32_t page_count, uint32_t page_size) {
  const uint64_t wanted = static_cast<uint64_t>(page_count) * page_size;
  uint64_t size = 0;
  KEELBACK_TRY(database.size(size));
  if (size > wanted) return database.truncate(wanted);
  if (size + page_size <= wanted) {
    const std::vector<uint8_t> zeros(page_size);
    return database.write_at(zeros, wanted - page_size);
  }
  return ok_status;
}

// Of the form that super-journals have: whatever else a journal names is not to be deleted as one.
bool is_super_journal_name(std::string_view name) noexcept {
  static constexpr std::string_view form = "-mjxxxxxx9xx";
  if (name.size() < form.size()) return false;
  name.remove_prefix(name.size() - form.size());
  for (size_t place = 0; place < form.size(); ++place) {
    const bool is_right =
        form[place] == 'x' ? std::isxdigit(static_cast<unsigned char>(name[place])) != 0 : name[place] == form[place];
    if (!is_right) return false;
  }
  return true;
}

struct Playback {
  VfsFile& journal;
  VfsFile& database;
  uint32_t page_size = 0;
  uint32_t page_count = 0;
  std::vector<uint8_t> record;

  // One record; `is_good` says whether it was whole and right.
  Status play(uint64_t offset, uint32_t nonce, bool& is_good) {
    record.resize(page_size + 8);
    size_t count = 0;
    is_good = false;
    KEELBACK_TRY(journal.read_at(record.data(), record.size(), offset, count));
    if (count < record.size()) return ok_status;
    const uint32_t number = get_u32(record.data());
    if (number == 0 || number == pending_byte / page_size + 1) return ok_status;
    const Bytes page(record.data() + 4, page_size);
    if (get_u32(record.data() + 4 + page_size) != record_checksum(nonce, page)) return ok_status;
    is_good = true;
    return number <= page_count ? database.write_at(page, (static_cast<uint64_t>(number) - 1) * page_size) : ok_status;
  }
};

}  // namespace

uint32_t record_checksum(uint32_t nonce, Bytes page) noexcept {
  for (auto place = static_cast<ptrdiff_t>(page.size()) - 200; place > 0; place -= 200) {
    nonce += page[static_cast<size_t>(place)];
  }
  return nonce;
}

Status JournalWriter::add(uint32_t number, Bytes page) {
  if (!is_in_segment_) begin_segment();
  const size_t start = gathered_.size();
  gathered_.resize(start + page.size() + 8);
  uint8_t* record = gathered_.data() + start;
  put_u32(record, number);
  std::memcpy(record + 4, page.data(), page.size());
  put_u32(record + 4 + page.size(), record_checksum(nonce_, page));
  ++record_count_;
  return gathered_.size() > flush_at_bytes ? flush() : ok_status;
}

void JournalWriter::begin_segment() {
  offset_ = rounded_up(offset_, sector_bytes);
  segment_offset_ = offset_;
  is_in_segment_ = true;
  record_count_ = 0;
  const size_t start = gathered_.size();
  gathered_.resize(start + sector_bytes);
  uint8_t* head = gathered_.data() + start;
  if (synchronous_ == synchronous_off) {
    std::memcpy(head, magic, sizeof magic);
    put_u32(head + 8, all_records);
  }
  put_u32(head + 12, nonce_);
  put_u32(head + 16, original_page_count_);
  put_u32(head + 20, sector_bytes);
  put_u32(head + 24, page_size_);
}

Status JournalWriter::flush() noexcept {
  if (gathered_.empty()) return ok_status;
  KEELBACK_TRY(file_.write_at(gathered_, offset_));
  offset_ += gathered_.size();
  gathered_.clear();
  return ok_status;
}

Status JournalWriter::seal() {
  if (!is_in_segment_) {
    if (offset_ > 0) return ok_status;
    // The journal of a database that was empty has no records, but its head says so.
    begin_segment();
  }
  KEELBACK_TRY(flush());
  if (synchronous_ == synchronous_off) return ok_status;
  KEELBACK_TRY(blank_stale_header());
  if (synchronous_ >= synchronous_full) KEELBACK_TRY(file_.sync());
  uint8_t head[12];
  std::memcpy(head, magic, sizeof magic);
  put_u32(head + 8, record_count_);
  KEELBACK_TRY(file_.write_at(head, segment_offset_));
  KEELBACK_TRY(file_.sync());
  is_in_segment_ = false;
  return ok_status;
}

Status JournalWriter::add_super_journal(std::string_view name, uint32_t lock_page) {
  if (name.size() >= longest_super_name) return Status(result::CANTOPEN);
  // Without records the name must not come where the head is looked for.
  if (!is_in_segment_ && offset_ == 0) begin_segment();
  KEELBACK_TRY(flush());
  std::vector<uint8_t> content(name.size() + 20);
  put_u32(content.data(), lock_page);
  std::memcpy(content.data() + 4, name.data(), name.size());
  uint32_t sum = 0;
  for (const char c : name) sum += static_cast<uint8_t>(c);
  put_u32(content.data() + 4 + name.size(), static_cast<uint32_t>(name.size()));
  put_u32(content.data() + 8 + name.size(), sum);
  std::memcpy(content.data() + 12 + name.size(), magic, sizeof magic);
  offset_ = rounded_up(offset_, sector_bytes);
  KEELBACK_TRY(file_.write_at(content, offset_));
  offset_ += content.size();
  uint64_t size = 0;
  KEELBACK_TRY(file_.size(size));
  if (size > offset_) KEELBACK_TRY(file_.truncate(offset_));
  return !is_in_segment_ && synchronous_ != synchronous_off ? file_.sync() : ok_status;
}

// A journal that persists may hold an old segment just where this one ends: it must not be read as ours.
Status JournalWriter::blank_stale_header() noexcept {
  const uint64_t next_segment = rounded_up(offset_, sector_bytes);
  uint8_t head[8];
  size_t count = 0;
  KEELBACK_TRY(file_.read_at(head, sizeof head, next_segment, count));
  if (count == sizeof head && std::memcmp(head, magic, sizeof magic) == 0) {
    const uint8_t zero = 0;
    return file_.write_at({&zero, 1}, next_segment);
  }
  return ok_status;
}

Status read_super_journal_name(VfsFile& journal, std::string& name) {
  name.clear();
  uint64_t size = 0;
  KEELBACK_TRY(journal.size(size));
  if (size < 16) return ok_status;
  uint8_t tail[16] = {};
  size_t count = 0;
  KEELBACK_TRY(journal.read_at(tail, sizeof tail, size - 16, count));
  const uint32_t length = get_u32(tail);
  if (std::memcmp(tail + 8, magic, sizeof magic) != 0 || length == 0 || length >= longest_super_name ||
      length > size - 16) {
    return ok_status;
  }
  std::string found(length, '\0');
  KEELBACK_TRY(journal.read_at(reinterpret_cast<uint8_t*>(found.data()), length, size - 16 - length, count));
  found.resize(count);
  // The sum is of signed chars in SQLite on x86, of the bytes themselves elsewhere: either is good.
  uint32_t plain = 0;
  uint32_t with_sign = 0;
  for (const char c : found) {
    plain += static_cast<uint8_t>(c);
    with_sign += static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(c)));
  }
  const uint32_t checksum = get_u32(tail + 4);
  const bool is_name = found.find('\0') == std::string::npos && is_super_journal_name(found);
  if (is_name && (checksum == plain || checksum == with_sign)) name = std::move(found);
  return ok_status;
}

Status is_super_journal_missing(Vfs& vfs, VfsFile& journal, bool& is_missing) {
  std::string name;
  is_missing = false;
  KEELBACK_TRY(read_super_journal_name(journal, name));
  if (name.empty()) return ok_status;
  bool is_there = false;
  KEELBACK_TRY(vfs.exists(name, is_there));
  is_missing = !is_there;
  return ok_status;
}

Status play_back(VfsFile& journal, VfsFile& database, bool is_hot, uint32_t& played_back) {
  played_back = 0;
  uint64_t size = 0;
  KEELBACK_TRY(journal.size(size));
  Playback playback{journal, database, 0, 0, {}};
  uint64_t offset = 0;
  uint32_t sector_size = sector_bytes;
  while (true) {
    offset = rounded_up(offset, sector_size);
    if (offset + segment_head_bytes > size || offset + sector_size > size) return ok_status;
    uint8_t head[segment_head_bytes] = {};
    size_t count = 0;
    KEELBACK_TRY(journal.read_at(head, sizeof head, offset, count));
    uint32_t record_count = get_u32(head + 8);
    if (std::memcmp(head, magic, sizeof magic) != 0) {
      static constexpr uint8_t unsealed[8] = {};
      if (is_hot || std::memcmp(head, unsealed, sizeof unsealed) != 0) return ok_status;
      record_count = all_records;
    }
    if (offset == 0) {
      const uint32_t sectors = get_u32(head + 20);
      const uint32_t pages = get_u32(head + 24);
      if (!is_page_size(pages) || !is_power_of_two(sectors, 32, 65536)) return ok_status;
      sector_size = sectors;
      playback.page_size = pages;
      playback.page_count = get_u32(head + 16);
      KEELBACK_TRY(cut_or_grow(database, playback.page_count, pages));
    }
    offset += sector_size;
    const uint64_t step = playback.page_size + 8;
    const uint64_t records = record_count == all_records ? (size - offset) / step : record_count;
    for (uint64_t place = 0; place < records; ++place, offset += step) {
      bool is_good = false;
      KEELBACK_TRY(playback.play(offset, get_u32(head + 12), is_good));
      if (!is_good) return ok_status;
      ++played_back;
    }
  }
}

Status delete_super_journal_if_last(Vfs& vfs, const std::string& name) {
  std::unique_ptr<VfsFile> super_journal;
  if (!vfs.open(name, open_readonly | open_main_journal, super_journal).is_ok()) return ok_status;
  uint64_t size = 0;
  KEELBACK_TRY(super_journal->size(size));
  std::string content(size, '\0');
  size_t count = 0;
  KEELBACK_TRY(super_journal->read_at(reinterpret_cast<uint8_t*>(content.data()), content.size(), 0, count));
  content.resize(count);
  for (size_t start = 0; start < content.size();) {
    const size_t end = std::min(content.find('\0', start), content.size());
    const std::string child = content.substr(start, end - start);
    start = end + 1;
    bool is_there = false;
    if (!child.empty()) KEELBACK_TRY(vfs.exists(child, is_there));
    if (!is_there) continue;
    std::unique_ptr<VfsFile> journal;
    KEELBACK_TRY(vfs.open(child, open_readonly | open_main_journal, journal));
    std::string named;
    KEELBACK_TRY(read_super_journal_name(*journal, named));
    if (named == name) return ok_status;
  }
  return vfs.delete_file(name, false);
}

}  // namespace keelback::storage
