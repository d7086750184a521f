// The verifier: no program that passes it makes the VM read or write outside of its registers, cursors and code.
//
// What depends on values (an address in a register, the kind of an open cursor) is checked by the VM when it runs.
// Twin: core/tests/vm/program_check.py.
#include <array>
#include <limits>

#include "program.hpp"

namespace keelback::program {

namespace {

constexpr int32_t largest_filter_bytes = 1 << 24;

// What is asked first of an operand: whether it is below a limit, and no register 0. Who fails that is looked at
// closely.
enum OperandLimit : uint8_t { limit_none, limit_registers, limit_cursors, limit_addresses, limit_close_look };

constexpr OperandLimit limit_of(OperandKind kind) {
  switch (kind) {
    case OperandKind::jump:
      return limit_addresses;
    case OperandKind::cursor:
      return limit_cursors;
    case OperandKind::in:
    case OperandKind::out:
    case OperandKind::inout:
      return limit_registers;
    case OperandKind::in_range:
    case OperandKind::out_range:
      return limit_close_look;
    default:
      return limit_none;
  }
}

constexpr uint16_t kind_bit(Operand4Kind kind) { return static_cast<uint16_t>(1U << static_cast<unsigned>(kind)); }

// Which kinds of p4 may stand where an operand of this kind is expected.
constexpr uint16_t kinds_for(OperandKind kind) {
  constexpr uint16_t none = kind_bit(Operand4Kind::none);
  constexpr uint16_t text = kind_bit(Operand4Kind::text);
  constexpr uint16_t integer = kind_bit(Operand4Kind::integer);
  constexpr uint16_t real = kind_bit(Operand4Kind::real);
  switch (kind) {
    case OperandKind::collation:
    case OperandKind::text:
    case OperandKind::affinity:
      return none | text;
    case OperandKind::table:
      return text;
    case OperandKind::function:
      return kind_bit(Operand4Kind::function);
    case OperandKind::key:
      return none | integer | kind_bit(Operand4Kind::key);
    case OperandKind::integer:
    case OperandKind::count:
      return none | integer;
    case OperandKind::real:
      return real;
    case OperandKind::blob:
      return none | text | integer | real | kind_bit(Operand4Kind::blob);
    case OperandKind::program:
      return kind_bit(Operand4Kind::program);
    case OperandKind::integers:
      return none | kind_bit(Operand4Kind::integers);
    default:
      return 0xFFFF;
  }
}

// The opcodes of which `verify_more` knows something.
constexpr bool has_more(int opcode) {
  switch (opcode) {
    case OP_COLUMN:
    case OP_V_COLUMN:
    case OP_NULL:
    case OP_HASH_OPEN:
    case OP_HASH_INSERT:
    case OP_HASH_FIND:
    case OP_GROUP_FIND:
    case OP_FILTER_ADD:
    case OP_FILTER:
    case OP_HALT:
    case OP_HALT_IF_NULL:
    case OP_NEXT:
    case OP_PREV:
    case OP_PRE_UPDATE:
    case OP_CAST:
    case OP_COMPARE:
    case OP_STRING8:
    case OP_RECORD_BLOB:
    case OP_SAMPLE_OPEN:
    case OP_SAMPLE_NEXT:
    case OP_GROUP_OPEN:
    case OP_SORTER_OPEN:
    case OP_OPEN_READ:
    case OP_OPEN_WRITE:
    case OP_REOPEN_IDX:
    case OP_SET_COOKIE:
      return true;
    default:
      return false;
  }
}

// What is asked of the instructions of one opcode.
struct OpcodeCheck {
  std::array<OperandLimit, 3> limits{};
  bool looks_into_operand4 = false;
  bool has_more = false;
  uint16_t operand4_kinds = 0;
};

constexpr std::array<OpcodeCheck, opcode_count> opcode_checks = [] {
  std::array<OpcodeCheck, opcode_count> checks{};
  for (size_t opcode = 0; opcode < opcode_count; ++opcode) {
    const OperandKind operand4 = opcode_facts[opcode].operands[3];
    OpcodeCheck& check = checks[opcode];
    for (size_t place = 0; place < 3; ++place) check.limits[place] = limit_of(opcode_facts[opcode].operands[place]);
    check.looks_into_operand4 = operand4 == OperandKind::affinity || operand4 == OperandKind::count;
    check.operand4_kinds = kinds_for(operand4);
    check.has_more = has_more(static_cast<int>(opcode));
  }
  return checks;
}();

class Verifier {
 public:
  Verifier(const Program& program, std::string& complaint)
      : program_(program),
        complaint_(complaint),
        limits_{std::numeric_limits<uint32_t>::max(), static_cast<uint32_t>(program.register_count),
                static_cast<uint32_t>(program.cursor_count), static_cast<uint32_t>(program.instructions.size()), 0} {}

  bool verify() {
    // The instruction behind the end is ours.
    const size_t count = program_.instructions.size() - 1;
    for (address_ = 0; address_ < count; ++address_) {
      if (!verify_instruction(program_.instructions[address_])) return false;
    }
    return true;
  }

 private:
  bool complain(std::string_view what) {
    complaint_ = std::to_string(address_) + " " + opcode_facts[program_.instructions[address_].opcode].name + ": ";
    complaint_.append(what);
    return false;
  }

  bool verify_instruction(const Instruction& instruction) {
    const OpcodeCheck& check = opcode_checks[instruction.opcode];
    if (!is_below(instruction.p1, check.limits[0]) && !verify_operand(instruction, 0, instruction.p1)) return false;
    if (!is_below(instruction.p2, check.limits[1]) && !verify_operand(instruction, 1, instruction.p2)) return false;
    if (!is_below(instruction.p3, check.limits[2]) && !verify_operand(instruction, 2, instruction.p3)) return false;
    if (!(check.operand4_kinds & kind_bit(instruction.p4_kind))) return complain("p4");
    if (check.looks_into_operand4 && !verify_operand4(instruction)) return false;
    return !check.has_more || verify_more(instruction);
  }

  bool is_below(int32_t operand, OperandLimit limit) const {
    return static_cast<uint32_t>(operand) - firsts_[limit] < limits_[limit];
  }

  bool verify_operand(const Instruction& instruction, int place, int32_t operand) {
    switch (opcode_facts[instruction.opcode].operands[static_cast<size_t>(place)]) {
      case OperandKind::jump:
        if (operand < 0 || static_cast<size_t>(operand) >= program_.instructions.size()) return complain("jump");
        return true;
      case OperandKind::cursor:
        if (operand < 0 || operand >= program_.cursor_count) {
          return (instruction.opcode == OP_SORTER_DATA && place == 2) || complain("cursor");
        }
        return true;
      case OperandKind::in:
      case OperandKind::out:
      case OperandKind::inout:
        return verify_register(instruction, place, operand, 1);
      case OperandKind::in_range:
      case OperandKind::out_range:
        return verify_register(instruction, place, operand, range_length(instruction));
      default:
        return true;
    }
  }

  bool verify_register(const Instruction& instruction, int place, int32_t first, int64_t length) {
    if (length == 0) return true;
    // Checked when it runs: in a sub-program it is a register of the statement.
    if (place == 0 && instruction.opcode == OP_MEM_MAX) return true;
    if (place == 2 && instruction.opcode == OP_NEW_ROWID) return true;
    if (first <= 0 && is_optional(instruction, place)) return true;
    if (first < 1 || length < 0 || first + length - 1 > program_.register_count) return complain("register");
    return true;
  }

  // Registers that are 0 (or less) where there is none.
  static bool is_optional(const Instruction& instruction, int place) {
    if (instruction.opcode == OP_PRE_UPDATE) return true;
    if (place != 2) return false;
    switch (instruction.opcode) {
      case OP_NULL:
      case OP_NEW_ROWID:
      case OP_PROGRAM:
      case OP_CLEAR:
      case OP_INTEGRITY_CK:
      case OP_IDX_INSERT:
        return true;
      default:
        return false;
    }
  }

  static int64_t range_length(const Instruction& instruction) {
    switch (instruction.opcode) {
      case OP_MOVE:
      case OP_COMPARE:
      case OP_IDX_DELETE:
      case OP_GROUP_OPEN:
        return instruction.p3;
      case OP_COPY:
        return static_cast<int64_t>(instruction.p3) + 1;
      case OP_FUNCTION:
      case OP_AGG_STEP:
      case OP_AGG_INVERSE:
      case OP_PRAGMA_CALL:
        return instruction.p5;
      case OP_MAKE_RECORD:
      case OP_RECORD_BLOB:
      case OP_RESULT_ROW:
      case OP_AFFINITY:
      case OP_TYPE_CHECK:
        return instruction.p2;
      case OP_V_FILTER:
      case OP_PRE_UPDATE:
        return static_cast<int64_t>(instruction.p5) + 1;
      case OP_V_UPDATE:
        return instruction.p2;
      case OP_PROGRAM:
        return 0;
      case OP_IDX_INSERT:
        return 0;
      default:
        break;
    }
    const int64_t count = instruction.p4_kind == Operand4Kind::integer ? instruction.p4.integer : 1;
    return count == 0 ? 1 : count;
  }

  // A p4 that is an affinity string or a count, or none.
  bool verify_operand4(const Instruction& instruction) {
    switch (instruction.p4_kind) {
      case Operand4Kind::text:
        return are_affinities(*instruction.p4.bytes) || complain("p4");
      case Operand4Kind::integer:
        return (instruction.p4.integer >= 0 && instruction.p4.integer <= program_.register_count) || complain("p4");
      default:
        return true;
    }
  }

  static bool are_affinities(const std::string& text) {
    for (const char c : text) {
      if (c < '@' || c > 'F') return false;
    }
    return true;
  }

  // What the operand kinds do not say.
  bool verify_more(const Instruction& instruction) {
    switch (instruction.opcode) {
      case OP_COLUMN:
      case OP_V_COLUMN:
        return instruction.p2 >= 0 || complain("column");
      case OP_NULL:
        return instruction.p3 <= program_.register_count || complain("register");
      case OP_HASH_OPEN:
        if (instruction.p4_kind != Operand4Kind::key) return complain("p4");
        if (instruction.p3 < 1 || instruction.p3 > instruction.p2) return complain("columns");
        return (instruction.p4.key->key_column_count() >= static_cast<size_t>(instruction.p3) &&
                instruction.p4.key->key_column_count() <= static_cast<size_t>(instruction.p2)) ||
               complain("p4");
      case OP_HASH_INSERT:
      case OP_HASH_FIND:
      case OP_GROUP_FIND: {
        // The table knows only the keys that it was opened for.
        const bool has_count = instruction.p4_kind == Operand4Kind::integer && instruction.p4.integer > 0;
        return has_count || complain("p4");
      }
      case OP_FILTER_ADD:
        if (instruction.p2 < 1 || instruction.p2 > largest_filter_bytes) return complain("p2");
        [[fallthrough]];
      case OP_FILTER:
        return instruction.count() > 0 || complain("p4");
      case OP_HALT:
      case OP_HALT_IF_NULL:
        return instruction.p5 <= halt_foreign_key || complain("p5");
      case OP_NEXT:
      case OP_PREV:
        return instruction.p5 < statement_count_end || complain("p5");
      case OP_PRE_UPDATE:
        return instruction.p2 > 0 || instruction.p3 > 0 || complain("rows");
      case OP_CAST:
        return instruction.p5 <= 7 || complain("p5");
      case OP_COMPARE:
        return verify_compare(instruction);
      case OP_STRING8:
        return instruction.p4_kind == Operand4Kind::text || complain("p4");
      case OP_RECORD_BLOB:
        return (instruction.p5 >= 1 && instruction.p5 <= 3) || complain("p5");
      case OP_SAMPLE_OPEN:
        return instruction.p2 >= 1 || complain("columns");
      case OP_SAMPLE_NEXT:
        return instruction.count() == 4 || complain("p4");
      case OP_GROUP_OPEN:
        if (instruction.p3 < 1) return complain("registers");
        [[fallthrough]];
      case OP_SORTER_OPEN:
        return instruction.p4_kind == Operand4Kind::key || complain("p4");
      case OP_OPEN_READ:
      case OP_OPEN_WRITE:
      case OP_REOPEN_IDX:
        if (!(instruction.p5 & 2)) return true;
        return (instruction.p2 >= 1 && instruction.p2 <= program_.register_count) || complain("register");
      case OP_SET_COOKIE:
        if (!(instruction.p5 & 2)) return true;
        return (instruction.p3 >= 1 && instruction.p3 <= program_.register_count) || complain("register");
      default:
        return true;
    }
  }

  bool verify_compare(const Instruction& instruction) {
    if (instruction.p4_kind != Operand4Kind::key) return complain("p4");
    if (!(instruction.p5 & 1)) return true;
    if (address_ == 0) return complain("permutation");
    const Instruction& before = program_.instructions[address_ - 1];
    if (before.opcode != OP_PERMUTATION || before.p4_kind != Operand4Kind::integers) return complain("permutation");
    const std::vector<int64_t>& offsets = *before.p4.integers;
    if (instruction.p3 < 0 || offsets.size() < static_cast<size_t>(instruction.p3)) return complain("permutation");
    for (const int64_t offset : offsets) {
      if (offset < 0 || instruction.p1 + offset > program_.register_count ||
          instruction.p2 + offset > program_.register_count) {
        return complain("permutation");
      }
    }
    return true;
  }

  const Program& program_;
  std::string& complaint_;
  // By OperandLimit: the lowest operand that is below the limit, and how many are.
  static constexpr std::array<uint32_t, 5> firsts_{0, 1, 0, 0, 0};
  const std::array<uint32_t, 5> limits_;
  size_t address_ = 0;
};

}  // namespace

bool verify_program(const Program& program, std::string& complaint) { return Verifier(program, complaint).verify(); }

}  // namespace keelback::program
