#include "virtual.hpp"

#include "../../value/cast.hpp"
#include "../../value/record.hpp"
#include "../modules/registry.hpp"
#include "../virtual_cursor.hpp"

namespace keelback::vm::ops {

namespace {

const std::string* text_of(const Instruction& i) {
  return i.p4_kind == program::Operand4Kind::text ? i.p4.bytes : nullptr;
}

VirtualCursor* virtual_cursor(Machine& m, int32_t index) {
  Cursor* cursor = m.cursor(index);
  return cursor && cursor->kind == CursorKind::virtual_table ? static_cast<VirtualCursor*>(cursor) : nullptr;
}

}  // namespace

// Most handlers name their table in p4.
#define KEELBACK_OP_TABLE(name)         \
  const std::string* name = text_of(i); \
  if (!name) [[unlikely]]               \
  return m.fail(impossible())

Signal open_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  // One that a subquery has opened in an earlier run goes on.
  if (virtual_cursor(m, i.p1)) return Signal::next;
  std::unique_ptr<VirtualRows> rows;
  if (i.p5 & 1) rows = modules::open_module(std::string_view(*table).substr(table->find(':') + 1), m.host);
  if (!rows) KEELBACK_OP_TRY(m.host.open_virtual(*table, rows));
  if (!rows) return m.fail(impossible());
  m.open_cursor(i.p1, std::make_unique<VirtualCursor>(std::move(rows)));
  return Signal::next;
}

Signal filter_virtual(Machine& m, const Instruction& i) {
  VirtualCursor* cursor = virtual_cursor(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool has_row = false;
  const int64_t number = to_integer(m.r(i.p3).value());
  // The upper half tells which arguments are lists.
  const int64_t lists = number > INT32_MAX ? number >> 32 : 0;
  KEELBACK_OP_TRY(cursor->filter(static_cast<int32_t>(number), text_of(i), m.values(i.p3 + 1, i.p5), lists, has_row));
  if (!has_row) m.jump(i.p2);
  return Signal::next;
}

Signal next_virtual(Machine& m, const Instruction& i) {
  VirtualCursor* cursor = virtual_cursor(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool has_row = false;
  KEELBACK_OP_TRY(cursor->next(has_row));
  if (has_row) m.jump(i.p2);
  return Signal::next;
}

Signal virtual_column(Machine& m, const Instruction& i) {
  VirtualCursor* cursor = virtual_cursor(m, i.p1);
  if (!cursor) return m.fail(impossible());
  OwnedValue value;
  bool is_json = false;
  KEELBACK_OP_TRY(cursor->read(i.p5 ? -1 - i.p2 : i.p2, value, is_json));
  if (value.value().has_bytes() && value.value().size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
  Register& target = m.r(i.p3);
  target.set(value.value());
  if (is_json) {
    target.mark_json();
    m.has_json = true;
  }
  return Signal::next;
}

Signal list_append(Machine& m, const Instruction& i) {
  const Value member = m.r(i.p1).value();
  Register& list = m.r(i.p2);
  std::vector<uint8_t> record;
  encode_record({&member, 1}, 1, record);
  const size_t known = list.value().is_blob() ? list.value().size() : 0;
  if (known + record.size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
  list.append_to_blob({reinterpret_cast<const char*>(record.data()), record.size()});
  return Signal::next;
}

Signal begin_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  KEELBACK_OP_TRY(m.session.begin_virtual(*table));
  return Signal::next;
}

Signal update_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  OwnedValue rowid;
  const int action = i.p5 & ~program::update_handles_conflicts;
  const Status status = m.host.update_virtual(*table, m.values(i.p3, i.p2), action, rowid);
  if (!status.is_ok()) {
    if (status.primary_code() == result::CONSTRAINT && action != i.p5) {
      if (action == program::conflict_ignore) return Signal::next;
      if (action != program::conflict_replace) m.error_action = action;
    }
    return m.fail(status);
  }
  ++m.session.change_serial;
  ++m.change_count;
  if (i.p1 && rowid.value().is_integer()) m.host.last_insert_rowid = rowid.value().integer();
  return Signal::next;
}

Signal create_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(text);
  KEELBACK_OP_TRY(m.host.create_virtual(i.p1, *text));
  m.session.has_virtual_tables = true;
  return Signal::next;
}

Signal destroy_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  ++m.session.destroying_count;
  const Status status = m.host.destroy_virtual(*table);
  --m.session.destroying_count;
  KEELBACK_OP_TRY(status);
  return Signal::next;
}

Signal rename_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  const Value name = m.r(i.p1).value();
  if (!name.is_text()) return m.fail(impossible());
  KEELBACK_OP_TRY(m.host.rename_virtual(*table, std::string(name.text())));
  return Signal::next;
}

Signal check_virtual(Machine& m, const Instruction& i) {
  KEELBACK_OP_TABLE(table);
  OwnedValue found;
  KEELBACK_OP_TRY(m.host.check_virtual(*table, i.p3 != 0, found));
  m.r(i.p2).set(found.value());
  return Signal::next;
}

}  // namespace keelback::vm::ops
