#include "repeated_scan.hpp"

#include <algorithm>
#include <bit>

#include "../value/affinity.hpp"
#include "hash_bytes.hpp"
#include "machine.hpp"
#include "page_batch.hpp"

namespace keelback::vm {

using namespace program;

namespace {

constexpr uint64_t fewest_visits = 2000;
constexpr uint64_t visits_of_a_row = 2;
constexpr uint64_t row_bytes = 2 * (sizeof(int64_t) + sizeof(uint32_t)) + sizeof(uint32_t);

bool writes(const Instruction& i, int32_t index) {
  const int32_t operands[3] = {i.p1, i.p2, i.p3};
  for (int place = 0; place < 3; ++place) {
    const OperandKind kind = opcode_facts[i.opcode].operands[place];
    if (kind != OperandKind::out && kind != OperandKind::inout && kind != OperandKind::out_range) continue;
    if (kind == OperandKind::out_range ? operands[place] <= index : operands[place] == index) return true;
  }
  const int32_t last = i.opcode == OP_COPY ? i.p2 + i.p3 : i.opcode == OP_NULL ? i.p3 : 0;
  return i.p2 <= index && index <= last;
}

bool is_binary(const Instruction& i) {
  return i.p4_kind == Operand4Kind::none || (i.p4_kind == Operand4Kind::text && *i.p4.bytes == "BINARY");
}

uint32_t folded(uint64_t hash) { return static_cast<uint32_t>(hash ^ hash >> 32); }

}  // namespace

RepeatedScan::RepeatedScan(const Instruction& test, int32_t column, const Instruction* loading, int32_t value)
    : affinity_(static_cast<char>(test.p5 & compare_affinity_mask)),
      column_(column),
      loading_(loading),
      value_(value) {}

std::unique_ptr<RepeatedScan> RepeatedScan::make(const Program& program, size_t rewind) {
  const std::span<const Instruction> code = program.instructions;
  const int32_t cursor = code[rewind].p1;
  // What the instructions up to the first comparison load, by register.
  std::vector<const Instruction*> loads;
  size_t address = rewind + 1;
  for (; address < code.size() && code[address].opcode != OP_NE; ++address) {
    const Instruction& i = code[address];
    if (i.opcode != OP_COLUMN && i.opcode != OP_ROWID && i.opcode != OP_IDX_ROWID && i.opcode != OP_REAL_AFFINITY) {
      return nullptr;
    }
    loads.push_back(&i);
  }
  if (address == code.size()) return nullptr;
  const Instruction& test = code[address];
  const auto next = static_cast<size_t>(test.p2);
  if (next <= address || next >= code.size() || !(test.p5 & compare_jump_if_null) || !is_binary(test)) return nullptr;
  const Instruction& last = code[next];
  if (last.opcode != OP_NEXT || last.p1 != cursor || last.p2 != static_cast<int32_t>(rewind) + 1) return nullptr;
  const auto load_of = [&](int32_t index) -> const Instruction* {
    const Instruction* found = nullptr;
    for (const Instruction* i : loads) {
      if (i->opcode != OP_REAL_AFFINITY && (i->opcode == OP_COLUMN ? i->p3 : i->p2) == index) found = i;
    }
    return found;
  };
  for (const auto& [own, other] : {std::pair(test.p3, test.p1), std::pair(test.p1, test.p3)}) {
    const Instruction* column = load_of(own);
    const Instruction* value = load_of(other);
    if (own == other || !column || column->p1 != cursor || column->opcode == OP_IDX_ROWID) continue;
    if (column->opcode == OP_COLUMN && column->p4_kind != Operand4Kind::none) return nullptr;
    if (value && value->p1 == cursor) return nullptr;
    if (!value) {
      for (size_t place = rewind + 1; place < next; ++place) {
        if (writes(code[place], other)) return nullptr;
      }
    }
    const int32_t number = column->opcode == OP_COLUMN ? column->p2 : -1;
    return std::unique_ptr<RepeatedScan>(new RepeatedScan(test, number, value, other));
  }
  return nullptr;
}

// What compares as equal has equal hashes. Unknown where that cannot be said; none for NULL, which equals nothing.
RepeatedScan::Hash RepeatedScan::hash_of(const Value& value, char affinity, uint32_t& hash) {
  if (value.is_null()) return Hash::none;
  TextBuffer buffer;
  const bool is_converted = affinity >= affinity::numeric && value.is_text();
  const Value compared = is_converted ? apply_affinity(value, affinity::numeric, buffer) : value;
  if (compared.has_bytes()) {
    hash = folded(hash_bytes(compared.text()));
    return Hash::known;
  }
  // Of numbers that are compared with texts the texts count.
  if (affinity == affinity::text) return Hash::unknown;
  const double number = compared.is_integer() ? static_cast<double>(compared.integer()) : compared.real();
  hash = folded(mix_words(std::bit_cast<uint64_t>(number == 0 ? 0.0 : number), 0));
  return Hash::known;
}

void RepeatedScan::end() noexcept {
  rows_.reset();
  tree_ = nullptr;
  visited_ = 0;
  is_given_up_ = false;
}

bool RepeatedScan::is_worth_it(TableTreeCursor& cursor) const {
  return visited_ >= fewest_visits && visited_ >= visits_of_a_row * cursor.tree().estimated_rows();
}

Status RepeatedScan::begin(Machine& machine, TableTreeCursor& cursor, bool& is_listed) {
  is_listed = false;
  if (is_given_up_ || machine.host.progress_period || machine.frame().parent) return ok_status;
  if (&cursor.tree() == tree_) visited_ += tree_->move_serial() - serial_;
  tree_ = &cursor.tree();
  serial_ = tree_->move_serial();
  if (!rows_ && !is_worth_it(cursor)) return ok_status;
  storage::Database* database = nullptr;
  KEELBACK_TRY(machine.session.database(cursor.database, database));
  const uint64_t content = database->pager().content_version();
  if (rows_ && content != content_) {
    end();
    return ok_status;
  }
  const auto loading = loading_ ? static_cast<int32_t>(loading_ - machine.instruction_at(0)) : 0;
  if (loading_) {
    const Instruction* behind = machine.next;
    KEELBACK_TRY(machine.run_block(loading, loading + 1));
    machine.next = behind;
  }
  uint32_t hash = 0;
  const Hash known = hash_of(machine.r(value_).value(), affinity_, hash);
  if (known == Hash::unknown) return ok_status;
  if (!rows_) {
    KEELBACK_TRY(make_rows(machine, cursor));
    if (!rows_) {
      bool is_on = false;
      return cursor.first(is_on);
    }
    content_ = content;
  }
  found_.clear();
  const std::vector<int64_t>& rowids = rows_->rowids;
  if (known == Hash::known) {
    const size_t bucket = hash & (rows_->ends.size() - 1);
    for (size_t place = bucket ? rows_->ends[bucket - 1] : 0; place < rows_->ends[bucket]; ++place) {
      if (rows_->hashes[place] == hash) found_.push_back(rowids[place]);
    }
  }
  if (found_.empty() || found_.back() != last_) found_.push_back(last_);
  KEELBACK_TRY(cursor.visit(found_, is_listed));
  if (is_listed) ++listed_;
  return ok_status;
}

Status RepeatedScan::make_rows(Machine& machine, TableTreeCursor& cursor) {
  is_given_up_ = true;
  std::vector<uint32_t> hashes;
  std::vector<int64_t> rowids;
  const uint64_t most = machine.session.working_memory().most_hash_bytes / row_bytes;
  auto batch = std::make_unique<PageBatch>(column_);
  for (bool found = true; found;) {
    if (machine.host.is_interrupted.load(std::memory_order_relaxed)) return Status(result::INTERRUPT);
    KEELBACK_TRY(batch->load(cursor));
    if (rowids.size() + batch->row_count() > most) return ok_status;
    for (size_t row = 0; row < batch->row_count(); ++row) {
      Value rowid;
      Value value;
      KEELBACK_TRY(batch->rowid(row, rowid));
      last_ = rowid.integer();
      if (column_ < 0) {
        value = rowid;
      } else {
        KEELBACK_TRY(batch->column(row, static_cast<size_t>(column_), Value(), value));
      }
      uint32_t hash = 0;
      const Hash known = hash_of(value, affinity_, hash);
      if (known == Hash::unknown) return ok_status;
      if (known == Hash::none) continue;
      hashes.push_back(hash);
      rowids.push_back(rowid.integer());
    }
    KEELBACK_TRY(batch->leave(found));
  }
  group_rows(hashes, rowids);
  is_given_up_ = false;
  return ok_status;
}

void RepeatedScan::group_rows(const std::vector<uint32_t>& hashes, const std::vector<int64_t>& rowids) {
  auto rows = std::make_unique<Rows>();
  const size_t mask = std::bit_ceil(std::max<size_t>(hashes.size(), 1)) - 1;
  rows->ends.resize(mask + 1);
  rows->hashes.resize(hashes.size());
  rows->rowids.resize(rowids.size());
  for (const uint32_t hash : hashes) ++rows->ends[hash & mask];
  for (size_t bucket = 1; bucket <= mask; ++bucket) rows->ends[bucket] += rows->ends[bucket - 1];
  // From the last row to the first, so that each bucket is filled from its end.
  for (size_t row = hashes.size(); row > 0; --row) {
    const uint32_t place = --rows->ends[hashes[row - 1] & mask];
    rows->hashes[place] = hashes[row - 1];
    rows->rowids[place] = rowids[row - 1];
  }
  // Now they are beginnings; each ends where the next one begins.
  for (size_t bucket = 0; bucket < mask; ++bucket) rows->ends[bucket] = rows->ends[bucket + 1];
  rows->ends[mask] = static_cast<uint32_t>(hashes.size());
  rows_ = std::move(rows);
}

}  // namespace keelback::vm
