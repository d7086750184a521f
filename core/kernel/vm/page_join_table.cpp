// Tables in memory that take the place of look-ups in a tree: made in the middle of a loop by pages, once it is seen
// that reading the whole table costs less than the look-ups that are still to come.
//
// 1. A table is filled by a loop by pages of its own, whose program is made of the instructions that stand in the body
//    of the look-up and test the found row by itself, of columns, and of a HashInsert.
// 2. Rows of one key come in the order of the index that would have been walked: its other columns, then the rowid.
#include <algorithm>

#include "machine.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

namespace {

// Look-ups before anything is said of their number; what a look-up, a row that it finds in an index, and a row of a
// table that is read and kept cost, in nanoseconds.
constexpr uint64_t fewest_asked = 512;
constexpr uint64_t lookup_cost = 120;
constexpr uint64_t found_cost = 250;
constexpr uint64_t kept_cost = 120;
constexpr uint64_t most_table_bytes = uint64_t{1} << 27;

Instruction instruction(Opcode opcode, int32_t p1, int32_t p2, int32_t p3) {
  Instruction made;
  made.opcode = opcode;
  made.p1 = p1;
  made.p2 = p2;
  made.p3 = p3;
  return made;
}

}  // namespace

bool PageLoop::is_worth_a_table(Machine& machine, Lookup& lookup) {
  if (lookup.is_settled || lookup.source < 0 || lookup.asked < fewest_asked) return false;
  const uint64_t rows = static_cast<TableTreeCursor*>(machine.cursor(lookup.source))->tree().estimated_rows();
  const uint64_t around = tree_->estimated_rows();
  if (rows == 0 || around <= rows_done_) return false;
  const uint64_t row_bytes = sizeof(Value) * (lookup.key_columns.size() + lookup.fetches.size() + 1);
  if (rows > most_table_bytes / row_bytes) {
    lookup.is_settled = true;
    return false;
  }
  const uint64_t spent = lookup.asked * lookup_cost + lookup.found * found_cost;
  return static_cast<double>(spent) * static_cast<double>(around - rows_done_) >
         static_cast<double>(rows * kept_cost) * static_cast<double>(rows_done_);
}

// The rows of the source, tested by `local`, with their keys and all that is fetched of them.
std::unique_ptr<Program> PageLoop::filling_program(const Program& program, const Lookup& lookup) {
  auto made = std::make_unique<Program>();
  std::vector<Instruction> code;
  const auto local_count = static_cast<int32_t>(lookup.local.size());
  const auto value_count = static_cast<int32_t>(lookup.key_columns.size() + lookup.fetches.size());
  const int32_t next = 1 + local_count + value_count + 1;
  code.push_back(instruction(OP_REWIND, lookup.source, next + 1, 0));
  for (const size_t address : lookup.local) {
    Instruction copy = program.instructions[address];
    if (opcode_facts[copy.opcode].operands[1] == OperandKind::jump) {
      const int64_t offset = copy.p2 - static_cast<int64_t>(lookup.local.front());
      copy.p2 = offset <= local_count ? static_cast<int32_t>(offset) + 1 : next;
    }
    code.push_back(copy);
  }
  const int32_t first = program.register_count + 1;
  int32_t target = first;
  const auto load = [&](int32_t column, const Instruction* asked) {
    Instruction read = column < 0 ? instruction(OP_ROWID, lookup.source, target, 0)
                                  : instruction(OP_COLUMN, lookup.source, column, target);
    if (asked && column >= 0) {
      read.p4_kind = asked->p4_kind;
      read.p4 = asked->p4;
    }
    code.push_back(read);
    ++target;
  };
  for (const int32_t column : lookup.key_columns) load(column, nullptr);
  for (const Fetch& wanted : lookup.fetches) load(wanted.source_column, wanted.is_of_source ? wanted.first : nullptr);
  Instruction insert = instruction(OP_HASH_INSERT, 0, 0, first);
  insert.p4_kind = Operand4Kind::integer;
  insert.p4.integer = value_count;
  code.push_back(insert);
  code.push_back(instruction(OP_NEXT, lookup.source, 1, 0));
  code.push_back(instruction(OP_HALT, 0, 0, 0));
  made->register_count = target;
  const std::span<Instruction> kept = made->make<Instruction>(code.size());
  std::copy(code.begin(), code.end(), kept.begin());
  made->instructions = kept;
  return made;
}

Status PageLoop::make_table(Machine& machine, Step& step) {
  Lookup& lookup = *step.lookup;
  lookup.is_settled = true;
  auto& source = static_cast<TableTreeCursor&>(*machine.cursor(lookup.source));
  if (source.encoding() != utf8) return ok_status;
  std::vector<uint8_t> sort_flags;
  std::vector<Collation> collations;
  if (step.instruction->opcode == OP_SEEK_GE) {
    const KeyComparator& comparator =
        static_cast<IndexTreeCursor*>(machine.cursor(step.instruction->p1))->tree().comparator();
    for (size_t position = 0; position < lookup.key_columns.size(); ++position) {
      sort_flags.push_back(comparator.sort_flags(position));
      collations.push_back(comparator.collation(position));
    }
  } else {
    sort_flags.push_back(0);
    collations.emplace_back();
  }
  const size_t column_count = lookup.key_columns.size() + lookup.fetches.size();
  KeyInfo info;
  info.sort_flags = sort_flags;
  auto table = std::make_unique<HashTableCursor>(info, collations, column_count, step.sources.size(),
                                                 machine.session.working_memory());
  if (table->is_in_tree()) return ok_status;
  if (!lookup.filling) {
    lookup.filling = filling_program(*program_, lookup);
    lookup.fill = make(*lookup.filling, 0, false);
  }
  if (!lookup.fill) return ok_status;
  lookup.fill->filled_ = table.get();
  bool found = false;
  KEELBACK_TRY(source.first(found));
  bool has_run = !found;
  if (found) KEELBACK_TRY(lookup.fill->run(machine, source, source.tree(), has_run));
  lookup.fill->filled_ = nullptr;
  if (!has_run || table->is_in_tree()) return ok_status;
  table->finish();
  lookup.joined = std::move(table);
  return ok_status;
}

}  // namespace keelback::vm
