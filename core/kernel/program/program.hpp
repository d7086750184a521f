// Program: what the compile tower hands to the kernel, decoded and verified.
//
// 1. Immutable once loaded, and shared by every machine that runs it; all state of a run lives in the VM.
// 2. Registers are numbered from 1 to register_count, cursors from 0 to cursor_count - 1; register 0 exists and is
//    never used. What `load_program` gives back keeps every register, jump, cursor and p4 inside these bounds.
// 3. After the last instruction stands one Halt with SQLITE_INTERNAL, so that no program runs off its end.
// 4. A Compare that uses a Permutation stands directly after it.
// 5. Instructions are used where they stand in the bytes, of which a program keeps a copy; names are views into it.
// 6. What else a program has many of lies in the program itself, as far as there is room: `make` gives it out.
//
// Must not know: the VM, storage. The bytes: keelback_core/program/encoding.py. Twin: keelback_core/program/program.py.
#ifndef KEELBACK_PROGRAM_PROGRAM_HPP
#define KEELBACK_PROGRAM_PROGRAM_HPP

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../value/key.hpp"
#include "../value/status.hpp"
#include "../value/value.hpp"
#include "opcodes.hpp"

namespace keelback::program {

// Conflict actions, as Halt's p2 carries them.
// What a run counts, by the numbers of sqlite3_stmt_status; p5 of Next and Prev is one of them (0: not counted).
enum StatementCount {
  count_none,
  count_full_scan,
  count_sort,
  count_automatic_index,
  count_step,
  count_filter_miss = 7,
  count_filter_hit,
  statement_count_end
};
enum Conflict { conflict_none, conflict_rollback, conflict_abort, conflict_fail, conflict_ignore, conflict_replace };

// Flags of comparison opcodes in p5, beside the affinity code.
inline constexpr int compare_jump_if_null = 0x10;
inline constexpr int compare_null_equal = 0x80;
inline constexpr int compare_affinity_mask = 0x47;

// p5 of Insert, IdxInsert and Delete.
inline constexpr int write_count_change = 1;
inline constexpr int write_is_update = 4;
inline constexpr int write_append = 8;
inline constexpr int write_last_rowid = 16;
inline constexpr int write_keep_position = 32;

// Of p5 of Copy and MakeRecord, on texts that are marked as JSON.
inline constexpr int copy_clears_subtype = 2;
inline constexpr int record_keeps_subtypes = 1;

// A bit of p5 of VUpdate, beside the conflict action.
inline constexpr int update_handles_conflicts = 16;

// p5 of Halt: how p4 is wrapped into the message.
enum HaltKind { halt_message, halt_not_null, halt_unique, halt_check, halt_foreign_key };

struct FunctionReference {
  std::string name;
  int argument_count = 0;
  std::string collation_name;
};

class Program;

enum class Operand4Kind : uint8_t { none, integer, real, text, blob, key, function, integers, program };

// As a record of the bytes, but for a p4 that stands elsewhere.
struct Instruction {
  Opcode opcode = OP_NOOP;
  Operand4Kind p4_kind = Operand4Kind::none;
  uint16_t p5 = 0;
  int32_t p1 = 0;
  int32_t p2 = 0;
  int32_t p3 = 0;
  union {
    int64_t integer;
    double real;
    const std::string* bytes;  // text and blob
    const KeyInfo* key;
    const FunctionReference* function;
    const std::vector<int64_t>* integers;
    const Program* program;
  } p4{.integer = 0};

  // p4 as a constant value: NULL, a number, a text or a blob.
  Value constant() const noexcept {
    switch (p4_kind) {
      case Operand4Kind::integer:
        return Value::of_integer(p4.integer);
      case Operand4Kind::real:
        return Value::of_real(p4.real);
      case Operand4Kind::text:
        return Value::of_text(*p4.bytes);
      case Operand4Kind::blob:
        return Value::of_blob(std::string_view(*p4.bytes));
      default:
        return Value::of_null();
    }
  }
  // p4 as a count of registers, 0 if there is none.
  int count() const noexcept { return p4_kind == Operand4Kind::integer ? static_cast<int>(p4.integer) : 0; }
};
static_assert(sizeof(Instruction) == 24 && std::is_trivially_copyable_v<Instruction>);

// Each name is followed by a NUL.
using Name = std::optional<std::string_view>;

struct OutputColumn {
  std::string_view name;
  Name declared_type, database, table, origin;
};

class Program {
 public:
  // Not by default, which would first fill the room with zeros.
  Program() noexcept {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  std::span<const Instruction> instructions;  // with the Halt behind the last one
  int register_count = 0;
  int cursor_count = 0;
  int explain_mode = 0;
  bool is_readonly = true;
  bool needs_statement_journal = false;
  bool counts_changes = false;
  // What begins a transaction, or ends one, counts among the readers; what writes among the writers.
  bool is_reader = false;
  bool is_writer = false;
  std::span<Name> parameters;
  // How many parameters follow those of the user, for literals lifted from the text.
  int hidden_parameter_count = 0;
  std::span<OutputColumn> output;
  std::span<std::pair<int, int64_t>> schema_cookies;

  // Where the operands p4 live.
  std::span<std::string> texts;
  std::span<KeyInfo> keys;
  std::span<FunctionReference> functions;
  std::span<std::vector<int64_t>> integer_lists;
  // Of the statement's own program: all others, and the bytes of all, which stand behind it in one piece of memory.
  std::vector<std::unique_ptr<Program>> subprograms;
  uint8_t* bytes = nullptr;
  size_t byte_count = 0;

  // So many things that live as long as the program. Those that have to be destroyed are, if they are among the above.
  template <typename Thing>
  std::span<Thing> make(size_t count) {
    static_assert(alignof(Thing) <= alignof(uint64_t));
    if (count == 0) return {};
    const size_t words = (count * sizeof(Thing) + sizeof(uint64_t) - 1) / sizeof(uint64_t);
    auto* const begin =
        reinterpret_cast<Thing*>(words <= room_.size() - used_words_ ? take_room(words) : add_room(words));
    std::uninitialized_value_construct_n(begin, count);
    return {begin, count};
  }
  // How much of that lies elsewhere.
  size_t more_bytes = 0;

 private:
  uint64_t* take_room(size_t words) {
    uint64_t* const taken = room_.data() + used_words_;
    used_words_ += words;
    return taken;
  }
  uint64_t* add_room(size_t words);

  // Enough for the names and operands of most statements.
  static constexpr size_t room_words = 64;
  size_t used_words_ = 0;
  std::vector<std::unique_ptr<uint64_t[]>> more_rooms_;
  std::array<uint64_t, room_words> room_;
};

// The program of the bytes that encode_program writes. SQLITE_INTERNAL for bytes that are none, or that are unsafe,
// which `complaint` tells more of.
[[nodiscard]] Result<std::shared_ptr<const Program>> load_program(Bytes bytes, std::string* complaint = nullptr);

// Whether every operand of the program (not of its sub-programs) is in its bounds; where not, what is wrong. Opcodes
// and kinds of operands are known ones.
bool verify_program(const Program& program, std::string& complaint);

}  // namespace keelback::program

#endif
