// RecordView: the columns of one record, decoded when asked for and no further than asked.
//
// 1. The header is read once, from left to right, up to the rightmost column that was asked for.
// 2. Values are views of the record's bytes, which must stay where they are until the view is opened anew; TEXT in UTF-16
//    is converted into an arena of the view.
//
// Twin: decode_columns of keelback_core/value/record.py.
#ifndef KEELBACK_VM_RECORD_VIEW_HPP
#define KEELBACK_VM_RECORD_VIEW_HPP

#include <limits>
#include <vector>

#include "../value/record.hpp"

namespace keelback::vm {

class RecordView {
 public:
  // Begin to read a record. CORRUPT where its header cannot be.
  Status open(Bytes record) {
    columns_.clear();
    if (!arena_.empty()) arena_.clear();
    const uint8_t *data = record.data();
    if (record.empty()) return corrupt();
    start_ = data;
    end_ = data + record.size();
    uint64_t header_size = *data;
    if (header_size < 0x80) {
      next_type_ = data + 1;
    } else {
      next_type_ = read_varint(data, end_, header_size);
      if (!next_type_) return corrupt();
    }
    if (header_size > record.size()) return corrupt();
    types_end_ = data + header_size;
    if (types_end_ < next_type_) return corrupt();
    body_ = types_end_;
    return ok_status;
  }

  // The column, or `missing` if the record has fewer.
  Status column(size_t index, int encoding, const Value &missing, Value &value) {
    if (index >= columns_.size()) {
      KEELBACK_TRY(read_types(index + 1));
      if (index >= columns_.size()) {
        value = missing;
        return ok_status;
      }
    }
    const Column &found = columns_[index];
    value = encoding == utf8 ? decode_plain_value(start_ + found.offset, found.serial_type)
                             : decode_value(start_ + found.offset, found.serial_type, encoding, arena_);
    return ok_status;
  }

  // How many columns there are in all.
  Status count(size_t &columns) {
    KEELBACK_TRY(read_types(std::numeric_limits<size_t>::max()));
    columns = columns_.size();
    return ok_status;
  }

 private:
  struct Column {
    uint32_t serial_type;
    uint32_t offset;
  };

  Status read_types(size_t count) {
    while (columns_.size() < count && next_type_ < types_end_) {
      uint64_t type = *next_type_;
      if (type < 0x80) {
        ++next_type_;
      } else {
        next_type_ = read_varint(next_type_, end_, type);
        if (!next_type_ || next_type_ > types_end_) return fail();
      }
      const uint64_t size = serial_size(type);
      if (size > static_cast<uint64_t>(end_ - body_) || type > std::numeric_limits<uint32_t>::max()) return fail();
      columns_.push_back({static_cast<uint32_t>(type), static_cast<uint32_t>(body_ - start_)});
      body_ += size;
      if (next_type_ == types_end_ && body_ != end_) return fail();
    }
    return ok_status;
  }
  Status fail() {
    columns_.clear();
    next_type_ = types_end_ = start_;
    return corrupt();
  }

  const uint8_t *start_ = nullptr;
  const uint8_t *end_ = nullptr;
  const uint8_t *next_type_ = nullptr;
  const uint8_t *types_end_ = nullptr;
  const uint8_t *body_ = nullptr;
  std::vector<Column> columns_;
  TextArena arena_;
};

}  // namespace keelback::vm

#endif
