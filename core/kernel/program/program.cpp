// Decoding of Programs; the layout stands in keelback_core/program/encoding.py.
#include "program.hpp"

#include <bit>
#include <limits>

#include "../value/varint.hpp"

namespace keelback::program {

namespace {

constexpr int version = 3;
// Of an instruction without its p4.
constexpr size_t record_size = 16;
constexpr uint64_t flag_readonly = 1;
constexpr uint64_t flag_statement_journal = 2;
constexpr uint64_t flag_counts_changes = 4;
// Far beyond what the limits of the compiler let through.
constexpr uint64_t most_registers = 10'000'000;
constexpr uint64_t most_programs = 100'000;

constexpr Status unreadable() noexcept { return Status(result::INTERNAL, "unreadable program"); }

// Reads the bytes in order; past the end it gives zeros and remembers that it failed.
class Input {
 public:
  explicit Input(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool has_failed() const { return has_failed_; }
  bool is_at_end() const { return at_ == end_; }
  size_t rest() const { return static_cast<size_t>(end_ - at_); }

  uint64_t number() {
    // Nearly all are of one byte.
    if (at_ < end_ && *at_ < 0x80) return *at_++;
    uint64_t value = 0;
    const uint8_t* next = at_ < end_ ? read_varint(at_, end_, value) : nullptr;
    if (!next || next > end_) return fail();
    at_ = next;
    return value;
  }
  int64_t signed_number() {
    const uint64_t value = number();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  // A number that counts things of at least one byte each.
  size_t count() {
    const uint64_t value = number();
    return value > rest() ? static_cast<size_t>(fail()) : static_cast<size_t>(value);
  }
  int small(uint64_t most) {
    const uint64_t value = number();
    return static_cast<int>(value > most ? fail() : value);
  }
  int32_t operand() {
    const int64_t value = signed_number();
    if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) fail();
    return static_cast<int32_t>(value);
  }
  uint8_t byte() {
    if (at_ == end_) return static_cast<uint8_t>(fail());
    return *at_++;
  }
  std::string_view bytes(size_t size) {
    if (size > rest()) {
      fail();
      return {};
    }
    const std::string_view found(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return found;
  }
  std::string text() { return std::string(bytes(count())); }
  void read_optional(std::optional<std::string>& text) {
    const uint64_t size = number();
    if (size != 0) text.emplace(bytes(size - 1));
  }
  // An optional text that must be there.
  std::string_view present_text() {
    const uint64_t size = number();
    if (size == 0) fail();
    return bytes(size == 0 ? 0 : size - 1);
  }
  double real() {
    const std::string_view found = bytes(8);
    if (found.size() < 8) return 0;
    const auto* at = reinterpret_cast<const uint8_t*>(found.data());
    return std::bit_cast<double>(static_cast<uint64_t>(get_u32(at)) << 32 | get_u32(at + 4));
  }

 private:
  uint64_t fail() {
    has_failed_ = true;
    at_ = end_;
    return 0;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  bool has_failed_ = false;
};

class Loader {
 public:
  Loader(Input& input, std::vector<Program*> programs) : input_(input), programs_(std::move(programs)) {}

  bool load(Program& program) {
    const uint64_t flags = input_.number();
    program.is_readonly = flags & flag_readonly;
    program.needs_statement_journal = flags & flag_statement_journal;
    program.counts_changes = flags & flag_counts_changes;
    program.explain_mode = input_.small(2);
    program.register_count = input_.small(most_registers);
    program.cursor_count = input_.small(most_registers);
    load_columns(program);
    const size_t count = input_.count();
    const std::string_view records = input_.bytes(count * record_size);
    if (input_.has_failed()) return false;
    program.instructions.resize(count + 1);
    const auto* at = reinterpret_cast<const uint8_t*>(records.data());
    for (size_t place = 0; place < count; ++place, at += record_size) {
      Instruction& instruction = program.instructions[place];
      if (at[0] >= opcode_count || at[1] > 1) return false;
      instruction.opcode = static_cast<Opcode>(at[0]);
      instruction.p5 = static_cast<uint16_t>(at[2] | at[3] << 8);
      instruction.p1 = operand(at + 4);
      instruction.p2 = operand(at + 8);
      instruction.p3 = operand(at + 12);
      if (at[1] != 0 && !load_operand4(program, instruction)) return false;
      note_role(program, instruction);
    }
    Instruction& end = program.instructions.back();
    end.opcode = OP_HALT;
    end.p1 = result::INTERNAL;
    end.p2 = conflict_abort;
    return !input_.has_failed();
  }

 private:
  void load_columns(Program& program) {
    const size_t parameters = input_.count();
    program.parameters.reserve(parameters);
    for (size_t place = 0; place < parameters; ++place) input_.read_optional(program.parameters.emplace_back());
    program.hidden_parameter_count = input_.small(most_registers);
    const size_t outputs = input_.count();
    program.output.reserve(outputs);
    for (size_t place = 0; place < outputs && !input_.has_failed(); ++place) {
      OutputColumn& column = program.output.emplace_back();
      column.name = input_.present_text();
      input_.read_optional(column.declared_type);
      input_.read_optional(column.database);
      input_.read_optional(column.table);
      input_.read_optional(column.origin);
      if (!column.database || !column.table || !column.origin) column.database = column.table = column.origin = {};
    }
    const size_t cookies = input_.count();
    for (size_t place = 0; place < cookies && !input_.has_failed(); ++place) {
      const int database = input_.small(most_registers);
      program.schema_cookies.emplace_back(database, input_.signed_number());
    }
    const size_t notes = input_.count();
    program.notes.reserve(notes);
    for (size_t place = 0; place < notes && !input_.has_failed(); ++place) {
      PlanNote& note = program.notes.emplace_back();
      note.identifier = input_.signed_number();
      note.parent = input_.signed_number();
      note.text = input_.present_text();
    }
  }

  // Of a record: 32 bits, the lowest byte first.
  static int32_t operand(const uint8_t* at) {
    return static_cast<int32_t>(static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 |
                                static_cast<uint32_t>(at[2]) << 16 | static_cast<uint32_t>(at[3]) << 24);
  }

  static void note_role(Program& program, const Instruction& instruction) {
    if (instruction.opcode == OP_TRANSACTION) {
      program.is_reader = true;
      if (instruction.p2) program.is_writer = true;
    } else if (instruction.opcode == OP_AUTO_COMMIT || instruction.opcode == OP_SAVEPOINT) {
      program.is_reader = true;
    }
  }

  bool load_operand4(Program& program, Instruction& instruction) {
    const uint8_t kind = input_.byte();
    if (kind == 0 || kind > static_cast<uint8_t>(Operand4Kind::program)) return false;
    instruction.p4_kind = static_cast<Operand4Kind>(kind);
    switch (instruction.p4_kind) {
      case Operand4Kind::none:
        return false;
      case Operand4Kind::integer:
        instruction.p4.integer = input_.signed_number();
        return true;
      case Operand4Kind::real:
        instruction.p4.real = input_.real();
        return true;
      case Operand4Kind::text:
        instruction.p4.bytes = &program.texts.emplace_back(input_.present_text());
        return true;
      case Operand4Kind::blob:
        instruction.p4.bytes = &program.texts.emplace_back(input_.text());
        return true;
      case Operand4Kind::key:
        return load_key(instruction, program.keys.emplace_back());
      case Operand4Kind::function: {
        FunctionReference& function = program.functions.emplace_back();
        function.name = input_.present_text();
        function.argument_count = input_.small(most_registers);
        function.collation_name = input_.present_text();
        instruction.p4.function = &function;
        return true;
      }
      case Operand4Kind::integers: {
        std::vector<int64_t>& integers = program.integer_lists.emplace_back();
        const size_t count = input_.count();
        for (size_t place = 0; place < count; ++place) integers.push_back(input_.signed_number());
        instruction.p4.integers = &integers;
        return true;
      }
      case Operand4Kind::program: {
        const uint64_t number = input_.number();
        if (number >= programs_.size()) return false;
        instruction.p4.program = programs_[number];
        return true;
      }
    }
    return false;
  }

  bool load_key(Instruction& instruction, KeyInfo& key) {
    key.all_column_count = input_.small(most_registers);
    const size_t flags = input_.count();
    for (size_t place = 0; place < flags; ++place) key.sort_flags.push_back(input_.byte());
    const size_t names = input_.count();
    for (size_t place = 0; place < names; ++place) key.collation_names.emplace_back(input_.present_text());
    instruction.p4.key = &key;
    return names == flags;
  }

  Input& input_;
  std::vector<Program*> programs_;
};

}  // namespace

Result<std::shared_ptr<const Program>> load_program(Bytes bytes, std::string* complaint) {
  Input input(bytes);
  if (input.bytes(3) != "KBP" || input.byte() != version) return unreadable();
  const size_t count = input.count();
  if (count == 0 || count > most_programs) return unreadable();
  auto main = std::make_shared<Program>();
  std::vector<Program*> programs{main.get()};
  for (size_t place = 1; place < count; ++place) {
    programs.push_back(main->subprograms.emplace_back(std::make_unique<Program>()).get());
  }
  Loader loader(input, programs);
  for (Program* program : programs) {
    if (!loader.load(*program)) return unreadable();
  }
  if (!input.is_at_end()) return unreadable();
  std::string found;
  for (const Program* program : programs) {
    if (verify_program(*program, found)) continue;
    if (complaint) *complaint = std::move(found);
    return Status(result::INTERNAL, "unsafe program");
  }
  return std::shared_ptr<const Program>(std::move(main));
}

}  // namespace keelback::program
