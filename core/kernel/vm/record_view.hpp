// RecordView: the columns of one record, decoded when asked for and no further than asked.
//
// 1. The header is read once, from left to right, up to the rightmost column that was asked for.
// 2. Values are views of the record's bytes, which must stay where they are until the view is opened anew; TEXT in
// UTF-16
//    is converted into an arena of the view.
//
// Twin: decode_columns of keelback_core/value/record.py.
#ifndef KEELBACK_VM_RECORD_VIEW_HPP
#define KEELBACK_VM_RECORD_VIEW_HPP

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "../program/program.hpp"
#include "../value/record.hpp"
#include "register.hpp"

namespace keelback::vm {

class RecordView {
 public:
  // Begin to read a record. CORRUPT where its header cannot be.
  Status open(Bytes record) {
    known_ = 0;
    if (!arena_.empty()) arena_.clear();
    const uint8_t* data = record.data();
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
    // A header of no size, which no good record has, is one without columns.
    types_end_ = header_size == 0 ? next_type_ : data + header_size;
    if (types_end_ < next_type_) return corrupt();
    body_ = types_end_;
    return ok_status;
  }

  // The column, or `missing` if the record has fewer.
  Status column(size_t index, int encoding, const Value& missing, Value& value) {
    if (index >= known_) {
      KEELBACK_TRY(read_types(index + 1));
      if (index >= known_) {
        value = missing;
        return ok_status;
      }
    }
    const Column found = columns_[index];
    value = encoding == utf8 ? decode_plain_value(start_ + found.offset, found.serial_type)
                             : decode_value(start_ + found.offset, found.serial_type, encoding, arena_);
    return ok_status;
  }

  // The same into a register; false where the record has fewer columns. Numbers go there directly.
  Status load(size_t index, int encoding, Register& target, bool& is_there) {
    if (index >= known_) {
      KEELBACK_TRY(read_types(index + 1));
      if (index >= known_) {
        is_there = false;
        return ok_status;
      }
    }
    is_there = true;
    const Column found = columns_[index];
    const uint8_t* at = start_ + found.offset;
    switch (found.serial_type) {
      case 1:
        target.set_integer(static_cast<int8_t>(at[0]));
        return ok_status;
      case 2:
        target.set_integer(static_cast<int16_t>(get_u16(at)));
        return ok_status;
      case 4:
        target.set_integer(static_cast<int32_t>(get_u32(at)));
        return ok_status;
      case 7: {
        uint64_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        target.set_plain(Value::of_real(std::bit_cast<double>(__builtin_bswap64(bits))));
        return ok_status;
      }
      default:
        break;
    }
    if (found.serial_type >= 12 && encoding == utf8) {
      target.set_bytes({reinterpret_cast<const char*>(at), (found.serial_type - 12) >> 1},
                       found.serial_type & 1 ? Type::text : Type::blob);
    } else {
      target.set(decode_value(at, found.serial_type, encoding, arena_));
    }
    return ok_status;
  }

  // The column of a Column instruction, and those of the Columns of the same cursor that stand behind it, into their
  // registers; `at` becomes the first instruction that is none of them.
  Status load_run(const program::Instruction*& at, int encoding, Register* registers) {
    const program::Instruction* instruction = at;
    const int32_t cursor = instruction->p1;
    const uint8_t* const start = start_;
    const uint8_t* const types_end = types_end_;
    const uint8_t* type_at = next_type_;
    const auto size = static_cast<uint64_t>(end_ - start);
    auto offset = static_cast<uint64_t>(body_ - start);
    size_t known = known_;
    Column* columns = columns_.data();
    do {
      const auto index = static_cast<size_t>(instruction->p2);
      if (index >= columns_.size()) [[unlikely]] {
        // Room for all of them that there may be: each has a type of one byte at least.
        columns_.resize(std::min(index, known + static_cast<size_t>(types_end - type_at)) + 16);
        columns = columns_.data();
      }
      while (known <= index && type_at < types_end) {
        uint64_t type = *type_at++;
        columns[known].offset = static_cast<uint32_t>(offset);
        if (type < 0x80) [[likely]] {
          offset += small_sizes[type];
        } else {
          type_at = read_varint(type_at - 1, end_, type);
          if (!type_at || type_at > types_end || type > std::numeric_limits<uint32_t>::max()) return fail();
          offset += serial_size(type);
          if (offset > size) return fail();
        }
        columns[known++].serial_type = static_cast<uint32_t>(type);
      }
      // Where the types end the columns do too; a column beyond the record is found here at the latest.
      if (offset > size || (type_at == types_end && offset != size && known > 0)) return fail();
      Register& target = registers[instruction->p3];
      if (index < known) [[likely]] {
        const Column found = columns[index];
        const uint8_t* bytes = start + found.offset;
        if (found.serial_type < 12) {
          target.set_plain(decode_plain_value(bytes, found.serial_type));
        } else if (encoding == utf8) {
          target.set_bytes({reinterpret_cast<const char*>(bytes), (found.serial_type - 12) >> 1},
                           found.serial_type & 1 ? Type::text : Type::blob);
        } else {
          target.set(decode_value(bytes, found.serial_type, encoding, arena_));
        }
      } else {
        target.set_plain(instruction->constant());
      }
      ++instruction;
    } while (instruction->opcode == program::OP_COLUMN && instruction->p1 == cursor);
    next_type_ = type_at;
    body_ = start + offset;
    known_ = known;
    at = instruction;
    return ok_status;
  }

  // In front of the serial type of a TEXT that is marked as JSON, in records that a sorter or an ephemeral table holds:
  // it makes the varint longer than it need be, and leaves its value.
  static constexpr uint8_t mark = 0x80;
  bool is_marked(size_t index) const {
    uint64_t type = 0;
    const uint8_t* at = read_varint(start_, end_, type);
    for (size_t place = 0; at && place < index && at < types_end_; ++place) at = read_varint(at, end_, type);
    return at && at < types_end_ && *at == mark;
  }

  // How many columns there are in all.
  Status count(size_t& columns) {
    KEELBACK_TRY(read_types(std::numeric_limits<size_t>::max()));
    columns = known_;
    return ok_status;
  }

 private:
  // Bytes of the columns of the serial types below 128.
  static constexpr auto small_sizes = [] {
    std::array<uint8_t, 128> sizes{};
    for (size_t type = 0; type < 128; ++type) {
      sizes[type] = static_cast<uint8_t>(type >= 12 ? (type - 12) / 2 : fixed_sizes[type]);
    }
    return sizes;
  }();

  struct Column {
    uint32_t serial_type;
    uint32_t offset;
  };

  Status read_types(size_t count) {
    const uint8_t* at = next_type_;
    const uint8_t* body = body_;
    size_t known = known_;
    while (known < count && at < types_end_) {
      uint64_t type = *at;
      uint64_t size = 0;
      if (type < 0x80) [[likely]] {
        ++at;
        size = small_sizes[type];
      } else {
        at = read_varint(at, end_, type);
        if (!at || at > types_end_ || type > std::numeric_limits<uint32_t>::max()) return fail();
        size = serial_size(type);
      }
      if (size > static_cast<uint64_t>(end_ - body)) return fail();
      if (known == columns_.size()) [[unlikely]]
        columns_.resize(known * 2 + 16);
      columns_[known++] = {static_cast<uint32_t>(type), static_cast<uint32_t>(body - start_)};
      body += size;
    }
    if (at == types_end_ && body != end_ && known > 0) return fail();
    next_type_ = at;
    body_ = body;
    known_ = known;
    return ok_status;
  }
  Status fail() {
    known_ = 0;
    next_type_ = types_end_ = body_ = end_ = start_;
    return corrupt();
  }

  const uint8_t* start_ = nullptr;
  const uint8_t* end_ = nullptr;
  const uint8_t* next_type_ = nullptr;
  const uint8_t* types_end_ = nullptr;
  const uint8_t* body_ = nullptr;
  std::vector<Column> columns_;
  size_t known_ = 0;
  TextArena arena_;
};

}  // namespace keelback::vm

#endif
