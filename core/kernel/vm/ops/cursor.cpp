#include "cursor.hpp"

#include <cmath>

#include "../../value/affinity.hpp"
#include "../../value/cast.hpp"
#include "../../value/record.hpp"
#include "../ephemeral.hpp"
#include "../page_loop.hpp"
#include "../pseudo_cursor.hpp"
#include "../repeated_scan.hpp"
#include "arith.hpp"

namespace keelback::vm::ops {

namespace {

constexpr int root_in_register = 2;

Status seek_key(Cursor& cursor, std::span<const Value> key, bool is_forward, bool or_equal, bool& found) {
  return is_forward ? cursor.seek_forward(key, or_equal, found) : cursor.seek_backward(key, or_equal, found);
}

Status seek_table(Cursor& cursor, Value rowid, bool is_forward, bool or_equal, bool& found) {
  rowid = number_of_rowid(rowid);
  if (rowid.is_real()) {
    const double real = rowid.real();
    const int64_t whole = to_integer(rowid);
    // With 4.5 for a key: > 4 is >= 5 and < 5 is <= 4, whichever side the integer fell on.
    const int side = compare_integer_real(whole, real);
    if (side != 0) or_equal = (side > 0) == is_forward;
    rowid = Value::of_integer(whole);
  }
  if (!rowid.is_integer()) {
    // NULL compares with nothing; a TEXT or BLOB is greater than every rowid.
    found = false;
    return rowid.is_null() || is_forward ? ok_status : cursor.last(found);
  }
  return seek_key(cursor, {&rowid, 1}, is_forward, or_equal, found);
}

}  // namespace

Value number_of_rowid(const Value& value) {
  TextBuffer buffer;
  const Value number = value.is_text() ? apply_affinity(value, affinity::numeric, buffer) : value;
  return number.is_real() ? real_as_rowid(number.real()) : number;
}

// Use the cursor of the run before again, if it is one on the same tree.
Status take_up(Machine& m, const Instruction& i, storage::Database& database, int64_t root, bool is_writable,
               bool& is_open) {
  is_open = false;
  std::unique_ptr<Cursor> cursor = m.take_up_cursor(i.p1, is_writable);
  if (!cursor) return ok_status;
  const bool is_index = i.p4_kind == program::Operand4Kind::key;
  if (cursor->kind != (is_index ? CursorKind::index : CursorKind::table)) return ok_status;
  storage::TreeCursor* tree = nullptr;
  if (is_index) {
    auto& found = static_cast<IndexTreeCursor&>(*cursor).tree();
    for (size_t position = 0; position < i.p4.key->collation_names.size(); ++position) {
      const Collation* collation = nullptr;
      KEELBACK_TRY(m.find_collation(i.p4.key->collation_names[position], collation));
      if (*collation != found.comparator().collation(position)) return ok_status;
    }
    tree = &found;
  } else {
    tree = &static_cast<TableTreeCursor&>(*cursor).tree();
  }
  int encoding = utf8;
  KEELBACK_TRY(database.encoding(encoding));
  if (!tree->can_be_taken_up(database.pager(), static_cast<uint32_t>(root), is_writable, encoding)) return ok_status;
  tree->take_up();
  cursor->database = i.p3;
  cursor->opened_by = i.p5 & root_in_register ? nullptr : &i;
  m.open_cursor(i.p1, std::move(cursor));
  is_open = true;
  return ok_status;
}

Signal open_stored(Machine& m, const Instruction& i, bool is_writable) {
  storage::Database* database = nullptr;
  KEELBACK_OP_TRY(m.session.database(i.p3, database));
  if (m.cursor(i.p1)) m.lay_aside(i);
  if (m.take_up_unchanged(i, database->pager(), is_writable)) return Signal::next;
  const int64_t root = i.p5 & root_in_register ? to_integer(m.r(i.p2).value()) : i.p2;
  if (root < 1 || root > 0xFFFFFFFF) return m.fail(corrupt());
  bool is_open = false;
  KEELBACK_OP_TRY(take_up(m, i, *database, root, is_writable, is_open));
  if (is_open) return Signal::next;
  std::unique_ptr<Cursor> cursor;
  if (i.p4_kind == program::Operand4Kind::key) {
    std::vector<Collation> collations;
    KEELBACK_OP_TRY(m.find_collations(*i.p4.key, collations));
    std::unique_ptr<storage::IndexCursor> tree;
    KEELBACK_OP_TRY(database->open_index_cursor(static_cast<uint32_t>(root), is_writable,
                                                KeyComparator(i.p4.key->sort_flags, std::move(collations)), tree));
    cursor = std::make_unique<IndexTreeCursor>(std::move(tree));
  } else {
    std::unique_ptr<storage::TableCursor> tree;
    KEELBACK_OP_TRY(database->open_table_cursor(static_cast<uint32_t>(root), is_writable, tree));
    cursor = std::make_unique<TableTreeCursor>(std::move(tree));
  }
  cursor->database = i.p3;
  cursor->root = root;
  cursor->is_writable = is_writable;
  if (!(i.p5 & root_in_register)) cursor->opened_by = &i;
  m.open_cursor(i.p1, std::move(cursor));
  return Signal::next;
}

Signal reopen_index(Machine& m, const Instruction& i) {
  const Cursor* old = m.cursor(i.p1);
  if (old && old->root == i.p2 && old->database == i.p3) return Signal::next;
  return open_stored(m, i, false);
}

Signal open_duplicate(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(original, i.p2);
  if (original->kind != CursorKind::ephemeral_table && original->kind != CursorKind::ephemeral_index) {
    return m.fail(impossible());
  }
  std::unique_ptr<Cursor> copy;
  KEELBACK_OP_TRY(static_cast<EphemeralCursor*>(original)->duplicate(copy));
  m.open_cursor(i.p1, std::move(copy));
  return Signal::next;
}

Signal open_pseudo(Machine& m, const Instruction& i) {
  m.open_cursor(i.p1, std::make_unique<PseudoCursor>(m.r(i.p2)));
  return Signal::next;
}

Signal seek(Machine& m, const Instruction& i, bool is_forward, bool or_equal) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  if (cursor->is_table) {
    KEELBACK_OP_TRY(seek_table(*cursor, m.r(i.p3).value(), is_forward, or_equal, found));
  } else {
    KEELBACK_OP_TRY(seek_key(*cursor, m.values(i.p3, i.count()), is_forward, or_equal, found));
  }
  if (!found) m.jump(i.p2);
  return Signal::next;
}

Signal seek_rowid(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  const Value rowid = number_of_rowid(m.r(i.p3).value());
  bool found = false;
  if (rowid.is_integer()) KEELBACK_OP_TRY(cursor->find({&rowid, 1}, found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

Signal not_exists(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  const Value& rowid = m.r(i.p3).value();
  if (!rowid.is_integer()) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(cursor->find({&rowid, 1}, found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

Status find_entry(Machine& m, const Instruction& i, Cursor& cursor, bool& found) {
  if (i.count() > 0) {
    if (cursor.is_table && !m.r(i.p3).value().is_integer()) return impossible();
    return cursor.find(m.values(i.p3, i.count()), found);
  }
  if (!m.r(i.p3).is_record() || cursor.is_table) return impossible();
  std::vector<Value> key;
  TextArena arena;
  KEELBACK_TRY(decode_record(m.r(i.p3).value().blob(), utf8, arena, key));
  return cursor.find(key, found);
}

Signal deferred_seek(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(table, i.p3);
  KEELBACK_OP_CURSOR(index, i.p1);
  if (table->kind != CursorKind::table) return m.fail(impossible());
  const auto* column_map = i.p4_kind == program::Operand4Kind::integers && !i.p5 ? i.p4.integers : nullptr;
  KEELBACK_OP_TRY(static_cast<TableTreeCursor*>(table)->defer_seek(*index, column_map));
  return Signal::next;
}

// p1 is the index cursor; the table cursors that wait for it move.
Signal finish_seek(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(index, i.p1);
  for (size_t place = 0; place < m.cursor_count(); ++place) {
    Cursor* cursor = m.cursor(static_cast<int32_t>(place));
    if (!cursor || cursor->kind != CursorKind::table) continue;
    auto* table = static_cast<TableTreeCursor*>(cursor);
    if (table->waits_for(*index)) KEELBACK_OP_TRY(table->finish_seek());
  }
  return Signal::next;
}

Signal run_by_pages(Machine& m, const Instruction& i, TableTreeCursor& cursor) {
  cursor.pages = nullptr;
  if (cursor.encoding() != utf8) return Signal::next;
  const bool has_many_rows = cursor.tree().estimated_rows() >= PageLoop::least_rows_for_tail;
  const Machine::Loop& loop = m.loop(i, has_many_rows);
  RepeatedScan* const repeated = loop.repeated.get();
  PageLoop* const by_pages = loop.by_pages.get();
  if (repeated) {
    if (by_pages && by_pages->has_tail()) repeated->note_rows(by_pages->take_rows_done());
    bool is_listed = false;
    KEELBACK_OP_TRY(repeated->begin(m, cursor, is_listed));
    if (is_listed) return Signal::next;
  }
  if (!by_pages) return Signal::next;
  if (by_pages->has_tail()) return has_many_rows ? by_pages->begin_rows(m, cursor, cursor.tree()) : Signal::next;
  bool has_run = false;
  KEELBACK_OP_TRY(by_pages->run(m, cursor, cursor.tree(), has_run));
  if (has_run && repeated) repeated->note_rows(by_pages->rows_done());
  return Signal::next;
}

Signal run_by_pages(Machine& m, const Instruction& i, IndexTreeCursor& cursor) {
  cursor.pages = nullptr;
  if (cursor.tree().encoding() != utf8) return Signal::next;
  const bool has_many_rows = cursor.tree().estimated_rows() >= PageLoop::least_rows_for_tail;
  PageLoop* const by_pages = m.loop(i, has_many_rows, false).by_pages.get();
  if (by_pages && by_pages->has_tail()) {
    return has_many_rows ? by_pages->begin_rows(m, cursor, cursor.tree()) : Signal::next;
  }
  bool has_run = false;
  if (by_pages) KEELBACK_OP_TRY(by_pages->run(m, cursor, cursor.tree(), has_run));
  return Signal::next;
}

Signal next_by_pages(Machine& m, const Instruction& i, Cursor& cursor) { return cursor.pages->next_row(m, cursor, i); }

}  // namespace keelback::vm::ops
