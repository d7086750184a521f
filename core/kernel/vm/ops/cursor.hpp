// Opcodes of the family cursor: opening, moving and searching. Writing through cursors is in cursor_write.
//
// A key is p4 registers from p3. For a table it is one register, the rowid, which may hold any value: what is no
// integer is compared as SQLite compares storage classes. Twin: keelback_core/reference/vm/ops/cursor.py.
#ifndef KEELBACK_VM_OPS_CURSOR_HPP
#define KEELBACK_VM_OPS_CURSOR_HPP

#include "../tree_cursor.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

Signal open_stored(Machine& m, const Instruction& i, bool is_writable);
Signal reopen_index(Machine& m, const Instruction& i);
Signal open_duplicate(Machine& m, const Instruction& i);
Signal open_pseudo(Machine& m, const Instruction& i);
Signal seek(Machine& m, const Instruction& i, bool is_forward, bool or_equal);
Signal seek_rowid(Machine& m, const Instruction& i);
Signal not_exists(Machine& m, const Instruction& i);
Signal deferred_seek(Machine& m, const Instruction& i);
Signal finish_seek(Machine& m, const Instruction& i);

// What a rowid is compared as: texts and reals that are whole numbers count as those.
Value number_of_rowid(const Value& value);

inline Signal open_read(Machine& m, const Instruction& i) { return open_stored(m, i, false); }
inline Signal open_write(Machine& m, const Instruction& i) { return open_stored(m, i, true); }

inline Signal close(Machine& m, const Instruction& i) {
  m.open_cursor(i.p1, nullptr);
  return Signal::next;
}

// Searches of an entry equal to a key or to a record.
Status find_entry(Machine& m, const Instruction& i, Cursor& cursor, bool& found);

inline Signal jump_if_found(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(find_entry(m, i, *cursor, found));
  if (found) m.jump(i.p2);
  return Signal::next;
}

inline Signal jump_if_not_found(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(find_entry(m, i, *cursor, found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal no_conflict(Machine& m, const Instruction& i) {
  for (int offset = 0; offset < i.count(); ++offset) {
    if (m.r(i.p3 + offset).is_null()) {
      m.jump(i.p2);
      return Signal::next;
    }
  }
  return jump_if_not_found(m, i);
}

// Moves

// Run the loop behind a Rewind, if it can be run by pages; else it begins as usual.
Signal run_by_pages(Machine& m, const Instruction& i, TableTreeCursor& cursor);
Signal run_by_pages(Machine& m, const Instruction& i, IndexTreeCursor& cursor);

// The same for the Next of a loop that runs by pages but for its tail.
Signal next_by_pages(Machine& m, const Instruction& i, Cursor& cursor);

inline Signal last(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->last(found));
  if (!found && i.p2) m.jump(i.p2);
  return Signal::next;
}

inline Signal rewind(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->first(found));
  if (!found && i.p2) m.jump(i.p2);
  if (found && cursor->kind == CursorKind::table) return run_by_pages(m, i, static_cast<TableTreeCursor&>(*cursor));
  if (found && cursor->kind == CursorKind::index) return run_by_pages(m, i, static_cast<IndexTreeCursor&>(*cursor));
  return Signal::next;
}

inline Signal jump_if_empty(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->first(found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal next_entry(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  if (cursor->kind == CursorKind::table) [[likely]] {
    if (cursor->pages) return next_by_pages(m, i, *cursor);
    KEELBACK_OP_TRY(static_cast<TableTreeCursor&>(*cursor).next(found));
  } else {
    if (cursor->pages) return next_by_pages(m, i, *cursor);
    KEELBACK_OP_TRY(cursor->next(found));
  }
  if (found) {
    m.jump(i.p2);
    ++m.counts[i.p5];
  }
  return Signal::next;
}

inline Signal previous_entry(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->previous(found));
  if (found) {
    m.jump(i.p2);
    ++m.counts[i.p5];
  }
  return Signal::next;
}

inline Signal seek_end(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->last(found));
  return Signal::next;
}

// The entry under an index cursor against a key.
template <bool (*holds)(int order)>
inline Signal jump_if_entry(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  int order = 0;
  KEELBACK_OP_TRY(cursor->compare_key(m.values(i.p3, i.count()), order));
  if (holds(order)) m.jump(i.p2);
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
