// Decoding of Programs; the layout stands in keelback_core/program/encoding.py.
#include "program.hpp"

#include <array>
#include <cstring>

#include "../value/varint.hpp"

namespace keelback::program {

namespace {

// "KBP", the version, and how many programs follow, the lowest byte first.
constexpr size_t head_size = 8;
constexpr uint32_t version = 4;
constexpr uint32_t magic_and_version = 'K' | 'B' << 8 | 'P' << 16 | version << 24;
constexpr size_t operand4_kinds = static_cast<size_t>(Operand4Kind::program) + 1;
constexpr uint64_t flag_readonly = 1;
constexpr uint64_t flag_statement_journal = 2;
constexpr uint64_t flag_counts_changes = 4;
// Far beyond what the limits of the compiler let through.
constexpr uint64_t most_registers = 10'000'000;
constexpr uint64_t most_programs = 100'000;

constexpr Status unreadable() noexcept { return Status(result::INTERNAL, "unreadable program"); }

// Reads a program's bytes in order; past the end it gives zeros and remembers that it failed.
class Input {
 public:
  explicit Input(Program& program)
      : begin_(program.bytes), at_(begin_ + head_size), end_(begin_ + program.byte_count) {}

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
  std::string_view blob() { return bytes(count()); }
  void read_optional(Name& text) {
    const uint64_t size = number();
    if (size == 0) return;
    const std::string_view with_end = bytes(size);
    if (with_end.empty() || with_end.back() != '\0') {
      fail();
    } else {
      text = with_end.substr(0, size - 1);
    }
  }
  // An optional text that must be there.
  std::string_view text() {
    Name text;
    read_optional(text);
    if (!text) fail();
    return text.value_or(std::string_view());
  }
  // So many instructions, and room for one behind them; null where they are not there.
  Instruction* instructions(size_t count) {
    constexpr size_t alignment = alignof(Instruction);
    const size_t place = (static_cast<size_t>(at_ - begin_) + alignment - 1) / alignment * alignment;
    const auto size = static_cast<size_t>(end_ - begin_);
    if (place > size || (size - place) / sizeof(Instruction) <= count) {
      fail();
      return nullptr;
    }
    at_ = begin_ + place + (count + 1) * sizeof(Instruction);
    return reinterpret_cast<Instruction*>(begin_ + place);
  }

 private:
  uint64_t fail() {
    has_failed_ = true;
    at_ = end_;
    return 0;
  }

  uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool has_failed_ = false;
};

class Loader {
 public:
  Loader(Input& input, std::span<const std::unique_ptr<Program>> subprograms, const Program* main)
      : input_(input), subprograms_(subprograms), main_(main) {}

  bool load(Program& program) {
    const uint64_t flags = input_.number();
    program.is_readonly = flags & flag_readonly;
    program.needs_statement_journal = flags & flag_statement_journal;
    program.counts_changes = flags & flag_counts_changes;
    program.explain_mode = input_.small(2);
    program.register_count = input_.small(most_registers);
    program.cursor_count = input_.small(most_registers);
    load_columns(program);
    return load_instructions(program) && !input_.has_failed();
  }

 private:
  void load_columns(Program& program) {
    program.parameters = program.make<Name>(input_.count());
    for (Name& name : program.parameters) input_.read_optional(name);
    program.hidden_parameter_count = input_.small(most_registers);
    program.output = program.make<OutputColumn>(input_.count());
    for (OutputColumn& column : program.output) {
      if (input_.has_failed()) break;
      column.name = input_.text();
      input_.read_optional(column.declared_type);
      input_.read_optional(column.database);
      input_.read_optional(column.table);
      input_.read_optional(column.origin);
      if (!column.database || !column.table || !column.origin) column.database = column.table = column.origin = {};
    }
    program.schema_cookies = program.make<std::pair<int, int64_t>>(input_.count());
    for (auto& [database, cookie] : program.schema_cookies) {
      if (input_.has_failed()) break;
      database = input_.small(most_registers);
      cookie = input_.signed_number();
    }
    // Notes of the query plan are for who lists the program.
    const size_t notes = input_.count();
    for (size_t place = 0; place < notes && !input_.has_failed(); ++place) {
      input_.signed_number();
      input_.signed_number();
      input_.text();
    }
  }

  bool load_instructions(Program& program) {
    program_ = &program;
    const size_t count = input_.count();
    Instruction* const code = input_.instructions(count);
    if (!code) return false;
    std::array<size_t, operand4_kinds> counts{};
    for (size_t place = 0; place < count; ++place) {
      Instruction& instruction = code[place];
      const auto kind = static_cast<size_t>(instruction.p4_kind);
      if (instruction.opcode >= opcode_count || kind >= operand4_kinds) return false;
      ++counts[kind];
      if (instruction.p4_kind == Operand4Kind::none) instruction.p4.integer = 0;
      note_role(program, instruction);
    }
    Instruction end;
    end.opcode = OP_HALT;
    end.p1 = result::INTERNAL;
    end.p2 = conflict_abort;
    code[count] = end;
    program.instructions = {code, count + 1};
    const auto count_of = [&counts](Operand4Kind kind) { return counts[static_cast<size_t>(kind)]; };
    if (count_of(Operand4Kind::none) + count_of(Operand4Kind::integer) + count_of(Operand4Kind::real) == count) {
      return true;
    }
    program.texts = program.make<std::string>(count_of(Operand4Kind::text) + count_of(Operand4Kind::blob));
    program.keys = program.make<KeyInfo>(count_of(Operand4Kind::key));
    program.functions = program.make<FunctionReference>(count_of(Operand4Kind::function));
    program.integer_lists = program.make<std::vector<int64_t>>(count_of(Operand4Kind::integers));
    next_text_ = program.texts.data();
    next_key_ = program.keys.data();
    next_function_ = program.functions.data();
    next_integers_ = program.integer_lists.data();
    for (size_t place = 0; place < count; ++place) {
      if (code[place].p4_kind >= Operand4Kind::text && !load_operand4(code[place])) return false;
    }
    return true;
  }

  static void note_role(Program& program, const Instruction& instruction) {
    if (instruction.opcode == OP_TRANSACTION) {
      program.is_reader = true;
      if (instruction.p2) program.is_writer = true;
    } else if (instruction.opcode == OP_AUTO_COMMIT || instruction.opcode == OP_SAVEPOINT) {
      program.is_reader = true;
    }
  }

  // What stands behind the records.
  bool load_operand4(Instruction& instruction) {
    switch (instruction.p4_kind) {
      case Operand4Kind::text:
        next_text_->assign(input_.text());
        instruction.p4.bytes = next_text_++;
        return true;
      case Operand4Kind::blob:
        next_text_->assign(input_.blob());
        instruction.p4.bytes = next_text_++;
        return true;
      case Operand4Kind::key:
        return load_key(instruction, *next_key_++);
      case Operand4Kind::function: {
        FunctionReference& function = *next_function_++;
        function.name = input_.text();
        function.argument_count = input_.small(most_registers);
        function.collation_name = input_.text();
        instruction.p4.function = &function;
        return true;
      }
      case Operand4Kind::integers: {
        std::vector<int64_t>& integers = *next_integers_++;
        integers.resize(input_.count());
        for (int64_t& integer : integers) integer = input_.signed_number();
        instruction.p4.integers = &integers;
        return true;
      }
      case Operand4Kind::program: {
        const auto number = static_cast<uint64_t>(instruction.p4.integer);
        if (number > subprograms_.size()) return false;
        instruction.p4.program = number == 0 ? main_ : subprograms_[number - 1].get();
        return true;
      }
      default:
        return false;
    }
  }

  bool load_key(Instruction& instruction, KeyInfo& key) {
    key.all_column_count = input_.small(most_registers);
    const std::string_view flags = input_.blob();
    key.sort_flags = {reinterpret_cast<const uint8_t*>(flags.data()), flags.size()};
    if (input_.count() != flags.size()) return false;
    const std::span<std::string_view> names = program_->make<std::string_view>(flags.size());
    for (std::string_view& name : names) name = input_.text();
    key.collation_names = names;
    instruction.p4.key = &key;
    return true;
  }

  Input& input_;
  std::span<const std::unique_ptr<Program>> subprograms_;
  const Program* main_;
  Program* program_ = nullptr;  // that is being loaded
  // Where the next operand p4 of each kind goes.
  std::string* next_text_ = nullptr;
  KeyInfo* next_key_ = nullptr;
  FunctionReference* next_function_ = nullptr;
  std::vector<int64_t>* next_integers_ = nullptr;
};

// Makes one thing, with so many bytes behind it.
template <typename Thing>
struct RoomBehind {
  using value_type = Thing;
  explicit RoomBehind(size_t bytes) : more(bytes) {}
  template <typename Other>
  explicit RoomBehind(const RoomBehind<Other>& other) : more(other.more) {}
  Thing* allocate(size_t count) { return static_cast<Thing*>(::operator new(count * sizeof(Thing) + more)); }
  void deallocate(Thing* thing, size_t) noexcept { ::operator delete(thing); }
  bool operator==(const RoomBehind&) const = default;

  size_t more;
};
// Instructions are used where they stand.
static_assert(sizeof(Program) % alignof(Instruction) == 0);

}  // namespace

Program::~Program() {
  std::destroy(texts.begin(), texts.end());
  std::destroy(functions.begin(), functions.end());
  std::destroy(integer_lists.begin(), integer_lists.end());
}

uint64_t* Program::add_room(size_t words) {
  more_rooms_.push_back(std::make_unique_for_overwrite<uint64_t[]>(words));
  more_bytes += words * sizeof(uint64_t);
  return more_rooms_.back().get();
}

Result<std::shared_ptr<const Program>> load_program(Bytes bytes, std::string* complaint) {
  if (bytes.size() < head_size) return unreadable();
  auto main = std::allocate_shared<Program>(RoomBehind<Program>(bytes.size()));
  main->bytes = reinterpret_cast<uint8_t*>(main.get()) + sizeof(Program);
  main->byte_count = bytes.size();
  std::memcpy(main->bytes, bytes.data(), bytes.size());
  uint64_t head = 0;
  std::memcpy(&head, main->bytes, sizeof head);
  const uint64_t count = head >> 32;
  if (static_cast<uint32_t>(head) != magic_and_version || count == 0 || count > most_programs) return unreadable();
  main->subprograms.reserve(count - 1);
  while (main->subprograms.size() < count - 1) main->subprograms.push_back(std::make_unique<Program>());
  Input input(*main);
  Loader loader(input, main->subprograms, main.get());
  bool is_readable = loader.load(*main);
  for (const auto& below : main->subprograms) is_readable = is_readable && loader.load(*below);
  if (!is_readable || !input.is_at_end()) return unreadable();
  std::string found;
  bool is_safe = verify_program(*main, found);
  for (const auto& below : main->subprograms) is_safe = is_safe && verify_program(*below, found);
  if (!is_safe) {
    if (complaint) *complaint = std::move(found);
    return Status(result::INTERNAL, "unsafe program");
  }
  return std::shared_ptr<const Program>(std::move(main));
}

}  // namespace keelback::program
