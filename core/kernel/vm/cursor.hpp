// Cursor: what the instructions of a Program see of a tree, an ephemeral table, a sorter or a pseudo table.
//
// 1. A cursor stands on an entry, or on a row of NULLs (`is_null_row`) until it is moved, or nowhere.
// 2. Every move says whether there is an entry. A table's key is the one value rowid, an index's the leading values.
// 3. A method that a kind of cursor does not have gives SQLITE_INTERNAL: the compiler made a mistake.
// 4. A value that `column` gives is a view that lives until the cursor moves or any tree changes.
//
// Kinds: tree_cursor, ephemeral, sorter, groups, hash_table, pseudo_cursor. Twin: keelback_core/reference/vm/cursor.py.
#ifndef KEELBACK_VM_CURSOR_HPP
#define KEELBACK_VM_CURSOR_HPP

#include <span>
#include <string>

#include "../value/key.hpp"
#include "../value/status.hpp"
#include "../value/value.hpp"

namespace keelback::program {
struct Instruction;
}
namespace keelback::storage {
class Pager;
}

namespace keelback::vm {

class PageLoop;

enum class CursorKind : uint8_t {
  table,
  index,
  ephemeral_table,
  ephemeral_index,
  sorter,
  groups,
  hash_table,
  pseudo,
  aborted,
  virtual_table,
  samples
};

constexpr Status impossible() noexcept { return Status(result::INTERNAL); }

class Cursor {
 public:
  explicit Cursor(CursorKind kind, bool is_table) : kind(kind), is_table(is_table) {}
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  virtual ~Cursor() = default;

  const CursorKind kind;
  const bool is_table;  // the key is a rowid
  bool is_null_row = false;
  bool is_writable = false;  // opened by OpenWrite on a stored tree
  int database = -1;         // of a stored tree
  int64_t root = 0;
  int64_t sequence = 0;
  const program::Instruction* opened_by = nullptr;  // where a later run may take it up again
  PageLoop* pages = nullptr;                        // the loop that gives the rows of this cursor, if one does

  bool is_stored() const noexcept { return database >= 0; }

  virtual Status column(size_t, const Value&, Value&) { return impossible(); }
  // Whether the column, which has just been read, was marked as JSON when its record was made.
  virtual bool is_json(size_t) { return false; }
  // The rowid of the entry (for an index its last column); NULL on a null row.
  virtual Status rowid(Value&) { return impossible(); }
  // The whole entry in UTF-8; a view as `column` gives.
  virtual Status record(std::string_view&) { return impossible(); }
  virtual Status first(bool&) { return impossible(); }
  virtual Status last(bool&) { return impossible(); }
  virtual Status next(bool&) { return impossible(); }
  virtual Status previous(bool&) { return impossible(); }
  virtual Status find(std::span<const Value>, bool&) { return impossible(); }
  virtual Status seek_forward(std::span<const Value>, bool, bool&) { return impossible(); }
  virtual Status seek_backward(std::span<const Value>, bool, bool&) { return impossible(); }
  // -1, 0 or 1: the order of the entry under an index cursor and a key; a prefix ties.
  virtual Status compare_key(std::span<const Value>, int&) { return impossible(); }
  virtual Status insert_row(int64_t, std::string_view, bool) { return impossible(); }
  virtual Status insert_entry(std::string_view, size_t) { return impossible(); }
  // The same for an entry that sorts behind all others.
  virtual Status append_entry(std::string_view record) { return insert_entry(record, 0); }
  virtual Status remove() { return impossible(); }
  virtual Status count(int64_t&) { return impossible(); }
  virtual Status clear() { return impossible(); }
  // Lay a cursor on a stored tree aside until the next run; false where it cannot be.
  virtual bool lay_aside() { return false; }
  // Take it up again, if no page of its database has changed meanwhile.
  virtual bool take_up_unchanged(const storage::Pager&) { return false; }
  virtual void set_null_row() { is_null_row = true; }
  virtual Status finish_seek() { return ok_status; }
  // Read the row anew when next asked: another cursor may have changed it.
  virtual void forget_row() {}
};

// What stands in the place of a cursor whose transaction was rolled back under it: every use fails.
class AbortedCursor final : public Cursor {
 public:
  explicit AbortedCursor(bool is_table) : Cursor(CursorKind::aborted, is_table) {}
  Status column(size_t, const Value&, Value&) override { return aborted(); }
  Status rowid(Value&) override { return aborted(); }
  Status record(std::string_view&) override { return aborted(); }
  Status first(bool&) override { return aborted(); }
  Status last(bool&) override { return aborted(); }
  Status next(bool&) override { return aborted(); }
  Status previous(bool&) override { return aborted(); }
  Status find(std::span<const Value>, bool&) override { return aborted(); }
  Status seek_forward(std::span<const Value>, bool, bool&) override { return aborted(); }
  Status seek_backward(std::span<const Value>, bool, bool&) override { return aborted(); }
  Status compare_key(std::span<const Value>, int&) override { return aborted(); }
  Status insert_row(int64_t, std::string_view, bool) override { return aborted(); }
  Status insert_entry(std::string_view, size_t) override { return aborted(); }
  Status remove() override { return aborted(); }
  Status count(int64_t&) override { return aborted(); }

 private:
  static Status aborted() { return Status(result::ABORT_ROLLBACK); }
};

}  // namespace keelback::vm

#endif
