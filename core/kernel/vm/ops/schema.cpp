#include "schema.hpp"

#include "../../value/cast.hpp"

namespace keelback::vm::ops {

namespace {

constexpr int is_schema_change = 1;
constexpr int value_in_register = 2;
constexpr int table_tree = 1;

#define KEELBACK_OP_DATABASE(name, index) \
  storage::Database* name = nullptr;      \
  KEELBACK_OP_TRY(m.session.database(index, name))

}  // namespace

Signal read_cookie(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p1);
  uint32_t value = 0;
  KEELBACK_OP_TRY(database->get_meta(i.p3, value));
  // Cookies are signed 32-bit numbers to SQL.
  m.r(i.p2).set_integer(i.p3 == storage::meta_data_version ? int64_t{value} : int64_t{static_cast<int32_t>(value)});
  return Signal::next;
}

Signal set_cookie(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p1);
  const int64_t value = i.p5 & value_in_register ? to_integer(m.r(i.p3).value()) : i.p3;
  KEELBACK_OP_TRY(database->set_meta(i.p2, static_cast<uint32_t>(value)));
  if (i.p2 != storage::meta_schema_cookie || !(i.p5 & is_schema_change)) return Signal::next;
  // A database without a format has no table: somebody has chosen the number.
  uint32_t format = 0;
  KEELBACK_OP_TRY(database->get_meta(storage::meta_file_format, format));
  if (format) m.session.is_encoding_settled = true;
  return schema_changed(m, i);
}

Signal schema_changed(Machine& m, const Instruction& i) {
  m.session.schema_changes.insert(i.p1);
  m.host.schema_changed(i.p1);
  return Signal::next;
}

Signal create_btree(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p1);
  uint32_t root = 0;
  KEELBACK_OP_TRY(database->create_root(i.p3 & table_tree, root));
  m.r(i.p2).set_integer(root);
  return Signal::next;
}

Signal destroy(Machine& m, const Instruction& i) {
  if (m.session.reader_count > m.session.destroying_count + 1) return m.fail(Status(result::LOCKED));
  ++m.session.change_serial;
  KEELBACK_OP_DATABASE(database, i.p3);
  uint32_t moved = 0;
  KEELBACK_OP_TRY(database->drop_root(static_cast<uint32_t>(i.p1), moved));
  m.r(i.p2).set_integer(moved);
  return Signal::next;
}

Signal incremental_vacuum(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p1);
  const int64_t most = to_integer(m.r(i.p3).value());
  uint32_t gone = 0;
  KEELBACK_OP_TRY(database->give_back_pages(most > 0 ? static_cast<uint32_t>(most) : 0, gone));
  m.r(i.p3).set_integer(gone);
  if (gone) {
    ++m.session.change_serial;
  } else {
    m.jump(i.p2);
  }
  return Signal::next;
}

Signal clear(Machine& m, const Instruction& i) {
  ++m.session.change_serial;
  KEELBACK_OP_DATABASE(database, i.p2);
  uint64_t removed = 0;
  KEELBACK_OP_TRY(database->clear_root(static_cast<uint32_t>(i.p1), removed));
  if (i.p3) {
    m.change_count += static_cast<int64_t>(removed);
    if (i.p3 > 0) m.r(i.p3).set_integer(to_integer(m.r(i.p3).value()) + static_cast<int64_t>(removed));
  }
  return Signal::next;
}

Signal integrity_check(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p5);
  std::vector<uint32_t> roots;
  if (i.p4_kind == program::Operand4Kind::integers) {
    for (const int64_t root : *i.p4.integers) roots.push_back(static_cast<uint32_t>(root));
  }
  const int64_t allowed = i.p3 > 0 ? to_integer(m.r(i.p3).value()) : 100;
  std::vector<std::string> messages;
  KEELBACK_OP_TRY(database->integrity_check(roots, static_cast<int>(allowed), messages));
  if (i.p3 > 0) m.r(i.p3).set_integer(allowed - static_cast<int64_t>(messages.size()));
  if (messages.empty()) {
    m.r(i.p1).set_null();
    return Signal::next;
  }
  std::string joined;
  for (const std::string& message : messages) {
    if (!joined.empty()) joined += '\n';
    joined += message;
  }
  m.r(i.p1).adopt(std::move(joined), Type::text);
  return Signal::next;
}

Signal pragma_call(Machine& m, const Instruction& i) {
  if (i.p4_kind != program::Operand4Kind::text) return m.fail(impossible());
  OwnedValue answer;
  KEELBACK_OP_TRY(m.host.pragma(i.p1, *i.p4.bytes, m.values(i.p2, i.p5), answer));
  m.r(i.p3).set(answer.value());
  return Signal::next;
}

Signal page_count(Machine& m, const Instruction& i) {
  KEELBACK_OP_DATABASE(database, i.p1);
  m.r(i.p2).set_integer(database->page_count());
  return Signal::next;
}

}  // namespace keelback::vm::ops
