#include "txn.hpp"

namespace keelback::vm::ops {

namespace {

constexpr int savepoint_begin = 0;
constexpr int savepoint_release = 1;
// Transaction's p5.
constexpr int checks_cookie = 1;
constexpr int reads_what_is_read_only = 2;

// End the statement, committing; if another connection's lock forbids that the transaction stays open.
Signal finish(Machine& m, bool autocommit_if_busy) {
  const Signal signal = m.finish();
  if (signal == Signal::failed) {
    if (m.is_running()) {
      m.session.autocommit = autocommit_if_busy;
    } else if (m.error.primary_code() != result::BUSY) {
      m.session.close_savepoints();
    }
    return signal;
  }
  m.session.close_savepoints();
  return signal;
}

}  // namespace

Signal transaction(Machine& m, const Instruction& i) {
  storage::Database* database = nullptr;
  KEELBACK_OP_TRY(m.session.database(i.p1, database));
  const int level = i.p5 == reads_what_is_read_only && database->is_readonly() ? 0 : i.p2;
  const bool is_begun = !level && database->transaction_state() != storage::TransactionState::none;
  if (!is_begun) KEELBACK_OP_TRY(m.session.begin(m, i.p1, level));
  if (i.p5 != checks_cookie) return Signal::next;
  uint32_t cookie = 0;
  KEELBACK_OP_TRY(database->get_meta(storage::meta_schema_cookie, cookie));
  if (cookie != static_cast<uint32_t>(i.p3)) {
    m.host.schema_changed(i.p1);
    return m.fail(Status(result::SCHEMA));
  }
  return Signal::next;
}

Signal auto_commit(Machine& m, const Instruction& i) {
  Session& session = m.session;
  const bool wanted = i.p1;
  const bool is_rollback = i.p2;
  if (wanted == session.autocommit) {
    if (!wanted) return m.fail(Status(result::ERROR, "cannot start a transaction within a transaction"));
    return m.fail(Status(result::ERROR, is_rollback ? "cannot rollback - no transaction is active"
                                                    : "cannot commit - no transaction is active"));
  }
  if (is_rollback) {
    KEELBACK_OP_TRY(session.rollback_all(&m, true));
    session.autocommit = true;
  } else if (wanted && session.writer_count > 0) {
    return m.fail(Status(result::BUSY, "cannot commit transaction - SQL statements in progress"));
  } else {
    KEELBACK_OP_TRY(session.check_deferred_constraints());
    session.autocommit = wanted;
  }
  return finish(m, !wanted);
}

Signal savepoint(Machine& m, const Instruction& i) {
  Session& session = m.session;
  if (i.p4_kind != program::Operand4Kind::text) return m.fail(impossible());
  if (i.p1 == savepoint_begin) {
    KEELBACK_OP_TRY(session.open_savepoint(*i.p4.bytes));
    return Signal::next;
  }
  size_t depth = 0;
  KEELBACK_OP_TRY(session.find_savepoint(*i.p4.bytes, depth));
  const bool is_release = i.p1 == savepoint_release;
  if (session.writer_count > 0 && is_release) {
    return m.fail(Status(result::BUSY, "cannot release savepoint - SQL statements in progress"));
  }
  if (!is_release) {
    KEELBACK_OP_TRY(session.rollback_to_savepoint(depth, &m));
    return Signal::next;
  }
  if (depth > 0 || !session.has_transaction_savepoint) {
    KEELBACK_OP_TRY(session.release_savepoint(depth));
    return Signal::next;
  }
  // The outermost savepoint began the transaction: its release is a commit.
  KEELBACK_OP_TRY(session.check_deferred_constraints());
  session.autocommit = true;
  const Signal signal = m.finish();
  if (signal != Signal::failed) {
    session.close_savepoints();
    return signal;
  }
  // What could not be committed is undone, and yet the transaction and its savepoints stay until somebody ends it.
  session.autocommit = false;
  if (m.error.primary_code() == result::CORRUPT) session.is_damaged = true;
  return signal;
}

}  // namespace keelback::vm::ops
